"""Personal values -> tokens: equal values give equal tokens, and without the key nobody can tell whose."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from journeys.config.identifiers import is_token, normalise
from journeys.privacy.key import Key, read_key
from journeys.schema import IDENTIFIER_KINDS, IdentifierKind

if TYPE_CHECKING:
    from journeys.config import Identity, Settings

_PREFIX = "p-"
_REMEMBERED = 100_000
TEXT = IdentifierKind("", 0, 0, "text", "a value of no kind of its own")
# In SQL: the inner and outer blocks of HMAC, the table of one row that holds them.
PADS = "privacy_pads"
IS_TOKEN = "regexp_full_match({value}, 'p-[0-9a-f]{{32}}(@[^@\\s]+)?')"  # noqa: S105


class Tokens:
    """Writes tokens with one key.

    Args:
        key: the secret.
        identity: how identifiers are made alike, and which never identify.

    Attributes:
        protect: (kind, value as given) to its token; tokens, and values that never identify, stay as they are.
        email: kind of the e-mail addresses that stand in texts.
        phone: kind of the telephone numbers that stand in texts.
    """

    def __init__(self, key: Key, identity: Identity) -> None:
        self.key = key
        self.identity = identity
        self.email = find_kind(identity, "email")
        self.phone = find_kind(identity, "phone")
        self.protect: Callable[[IdentifierKind, str], str] = lru_cache(maxsize=_REMEMBERED)(self._protect)

    def write(self, value: str, value_format: str) -> str:
        """Write the token of a value that was made alike; that of an e-mail address keeps its domain."""
        token = _PREFIX + self.key.digest(value)
        mailbox, at, domain = value.rpartition("@")
        return f"{token}@{domain}" if value_format == "email" and at and mailbox else token

    def _protect(self, kind: IdentifierKind, given: str) -> str:
        value, _ = normalise(kind, given, self.identity)
        return given if value is None or is_token(value) else self.write(value, kind.format)


def find_kind(identity: Identity, name: str) -> IdentifierKind:
    """Find the kind of e-mail addresses or of telephone numbers: of that name, else the first of that format.

    Args:
        identity: the kinds of the configuration.
        name: email or phone, which is also the name of the format.
    """
    known = sorted(identity.kinds, key=lambda kind: (kind.name != name, kind.name))
    own = (kind for kind in (*known, *IDENTIFIER_KINDS) if kind.format == name)
    return next(own)


def protect_value(kind: str, value: str, settings: Settings) -> str:
    """Return what is kept of one given identifier: its token when its kind is personal, else the value itself.

    Args:
        kind: name of the kind, such as email.
        value: the value in any way of writing it; a token stays as it is.
        settings: say which kinds are personal and where the key is.

    Raises:
        PrivacyError: the kind is personal, and there is no key.
    """
    if kind not in settings.privacy.personal or is_token(value):
        return value
    return Tokens(read_key(settings.privacy), settings.identity).protect(settings.identity.kind(kind), value)


def protect_reference(asked: str, settings: Settings) -> str:
    """Return KIND:VALUE with the value as it is kept; what is no such text is returned unchanged.

    Raises:
        PrivacyError: the kind is personal, and there is no key.
    """
    kind, colon, value = asked.partition(":")
    name = kind.strip().casefold()
    try:
        value.encode()
    except UnicodeEncodeError:
        return asked
    if not colon or not value.strip() or name not in settings.privacy.personal:
        return asked
    return f"{name}:{protect_value(name, value, settings)}"


def digest_sql(value: str) -> str:
    """Write the SQL of `Key.digest` over an expression of text; reads the table `privacy_pads` (ipad, opad)."""
    inner = f"unhex(sha256((SELECT ipad FROM {PADS}) || encode({value})))"
    return f"left(sha256((SELECT opad FROM {PADS}) || {inner}), 32)"


def token_sql(value: str, value_format: str) -> str:
    """Write the SQL of `Tokens.write` over an expression of text; reads the table `privacy_pads` (ipad, opad)."""
    token = f"'{_PREFIX}' || {digest_sql(value)}"
    if value_format != "email":
        return token
    has_domain = f"contains({value}, '@') AND NOT starts_with({value}, '@' || split_part({value}, '@', -1))"
    return f"{token} || CASE WHEN {has_domain} THEN '@' || split_part({value}, '@', -1) ELSE '' END"
