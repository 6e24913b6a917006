"""Landed rows -> protected rows: personal values become keyed tokens before anything is kept."""

from __future__ import annotations

from journeys.privacy.forget import Erasure, erase, find_erasure, purge
from journeys.privacy.key import Key, PrivacyError, check_key, hold_key, prove_key, read_key
from journeys.privacy.protect import ProtectReport, fingerprint_protection, protect_rows, pull_protected
from journeys.privacy.suppression import Suppression, drop_history, open_suppression, settle
from journeys.privacy.token import protect_reference, protect_value

__all__ = [
    "Erasure",
    "Key",
    "PrivacyError",
    "ProtectReport",
    "Suppression",
    "check_key",
    "drop_history",
    "erase",
    "find_erasure",
    "fingerprint_protection",
    "hold_key",
    "open_suppression",
    "protect_reference",
    "protect_rows",
    "protect_value",
    "prove_key",
    "pull_protected",
    "purge",
    "read_key",
    "settle",
]
