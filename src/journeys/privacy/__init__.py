"""Landed rows -> protected rows: personal values become keyed tokens before anything is kept."""

from __future__ import annotations

from journeys.privacy.key import Key, PrivacyError, check_key, hold_key, prove_key, read_key
from journeys.privacy.protect import ProtectReport, protect_rows, pull_protected
from journeys.privacy.token import protect_reference, protect_value

__all__ = [
    "Key",
    "PrivacyError",
    "ProtectReport",
    "check_key",
    "hold_key",
    "protect_reference",
    "protect_rows",
    "protect_value",
    "prove_key",
    "pull_protected",
    "read_key",
]
