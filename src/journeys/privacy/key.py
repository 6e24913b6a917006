"""The key of the tokens: read from the environment, never shown, and known again by a check value."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from journeys.errors import JourneysError
from journeys.warehouse import write_durably

if TYPE_CHECKING:
    from journeys.config import Privacy, Settings

FEWEST_CHARACTERS = 32
DIGEST_LENGTH = 32  # hexadecimal digits kept of a digest: 128 bits, so that no two values ever meet
_BLOCK_BYTES = 64
_CHECKED = "journeys: check value of the privacy key"
_FILE = "privacy.json"


class PrivacyError(JourneysError):
    """Personal values cannot be protected as configured; nothing was read or written."""

    exit_code = 2


class Key:
    """A secret that is used and never shown: neither by repr nor by pickle.

    Args:
        secret: the bytes of the key.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Key(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never stored")

    def digest(self, text: str) -> str:
        """Return the first 32 hexadecimal digits of HMAC-SHA256 over the text in UTF-8."""
        return hmac.new(self._secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:DIGEST_LENGTH]

    def pads(self) -> tuple[bytes, bytes]:
        """Return the inner and the outer block of HMAC-SHA256, for engines that only hash; as secret as the key."""
        secret = hashlib.sha256(self._secret).digest() if len(self._secret) > _BLOCK_BYTES else self._secret
        block = secret.ljust(_BLOCK_BYTES, b"\0")
        return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def read_key(privacy: Privacy, environment: Mapping[str, str] | None = None) -> Key:
    """Read the key from the environment; blanks around it are no part of it.

    Args:
        privacy: names the variable.
        environment: read instead of the process's own.

    Raises:
        PrivacyError: the variable is not set, or its key is too short.
    """
    name = privacy.key_env
    text = (os.environ if environment is None else environment).get(name, "").strip()
    do = (
        f"set {name} to the key of this warehouse, the same on every machine; for a first one take "
        "`openssl rand -hex 32` and keep it where passwords are kept"
    )
    allowed = f"{FEWEST_CHARACTERS} or more characters drawn at random"
    if not text:
        what = f"[privacy] asks for tokens, and the environment variable {name} holds no key"
        raise PrivacyError("privacy-key-missing", what, found="no value", allowed=allowed, do=do)
    if len(text) < FEWEST_CHARACTERS:
        what = f"the key in the environment variable {name} is too short to protect anybody"
        raise PrivacyError("privacy-key-short", what, found=f"{len(text)} characters", allowed=allowed, do=do)
    return Key(text.encode("utf-8", "surrogateescape"))


def check_key(settings: Settings, known_check: str) -> str:
    """Prove that the key is the one with which the warehouse was written.

    Args:
        settings: say whether a key is needed, and where it is.
        known_check: the check value kept with the warehouse; '' when there is none yet.

    Returns:
        The check value to keep: it tells keys apart and does not give them away. The known one when no key is needed.

    Raises:
        PrivacyError: the key is missing, too short, or another one.
    """
    privacy = settings.privacy
    if not privacy.needs_key:
        return known_check
    check = read_key(privacy).digest(_CHECKED)
    if known_check and not hmac.compare_digest(check, known_check):
        raise PrivacyError(
            "privacy-key-changed",
            f"the key in the environment variable {privacy.key_env} is not the one this warehouse was written with",
            found="another key: its tokens would be other ones, and nobody would be known again",
            allowed="the key of the refreshes before",
            do=f"put the former key back into {privacy.key_env}; if it is lost, start a new warehouse: another folder "
            "in [warehouse] path",
        )
    return check


def prove_key(settings: Settings) -> str:
    """Prove the key against the check value in the warehouse's folder, without writing anything.

    Returns:
        The check value to keep.

    Raises:
        PrivacyError: the key is missing, too short, or another one, or the check value cannot be read.
    """
    return check_key(settings, _read_check(settings.warehouse.path / _FILE))


def hold_key(settings: Settings) -> None:
    """Prove the key as `prove_key` does, and keep its check value with the warehouse when it is the first.

    Raises:
        PrivacyError: the key is missing, too short, or another one, or the check value cannot be read.
    """
    file = settings.warehouse.path / _FILE
    check = prove_key(settings)
    if check and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_durably(file, json.dumps({"key_check": check}) + "\n")


def _read_check(file: Path) -> str:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["key_check"]
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrivacyError(
            "privacy-check-damaged",
            f"{file}: the check value of the privacy key cannot be read",
            found=type(error).__name__,
            allowed='{"key_check": "..."}',
            do="bring the file back from a backup; without it a changed key would go unnoticed",
        ) from None
    return str(found)
