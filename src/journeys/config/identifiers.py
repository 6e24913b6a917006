"""Identifiers made alike: two ways to write one value give one text, and values that name nobody give none."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import phonenumbers

from journeys.schema import BLOCKED_IDENTIFIERS, ROLE_MAILBOXES

if TYPE_CHECKING:
    from journeys.config.identity import Identity
    from journeys.schema import IdentifierKind

BLANKS = " \t\r\n\v\f\u00a0\u200b\u3000\ufeff"
_FEWEST_DIGITS = 5  # of a telephone number: fewer are an extension or a slip of the hand
_ZEROS = re.compile(r"[0-]+")
# What a whole number becomes on its way through a column of decimals, as when some of its values are missing.
_WHOLE = re.compile(r"(-?[0-9]+)\.0+")
# What a personal value is kept as: the token, for an e-mail address with its domain.
_TOKEN = re.compile(r"p-[0-9a-f]{32}(?:@[^@\s]+)?")


def normalise(kind: IdentifierKind, given: str, settings: Identity) -> tuple[str | None, str]:
    """Write an identifier as every source's way of writing it is compared.

    Text is composed (NFKC) and trimmed, and a whole number loses its '.0'; e-mail addresses are compared without case,
    their dots and plus-tags kept; telephone numbers become E.164, an extension following as `;ext=`, and those that are
    none their digits alone. Tokens of personal values were made alike before and stay as they are.

    Args:
        kind: kind of the identifier; its format says what is done.
        given: the value as a source gives it.
        settings: blocked values and the country of telephone numbers.

    Returns:
        The value and '', or None and why it never identifies anybody.
    """
    if is_token(given):
        return given, ""
    text = _compose(given)
    folded = fold(text)
    if folded in BLOCKED_IDENTIFIERS or _ZEROS.fullmatch(folded):
        return None, "blocked value"
    value = folded if kind.format == "email" else text
    if kind.format == "phone":
        value = _write_phone(text, settings.phone_region)
        if len(value) < _FEWEST_DIGITS:
            return None, "too few digits" if value else "no digits"
    if kind.format == "email" and "@" in value and not all(value.rpartition("@")):
        return None, "no e-mail address"
    if _ZEROS.fullmatch(value):
        return None, "blocked value"
    for pattern in list_blocked(kind.name, settings):
        if fits(pattern, folded) or fits(pattern, value):
            return None, "blocked value"
        if kind.format == "phone" and "*" not in pattern and value == _write_phone(pattern, settings.phone_region):
            return None, "blocked value"
    if kind.format == "email" and is_role_mailbox(folded):
        return None, "role mailbox"
    return value, ""


def is_token(text: str) -> bool:
    """Whether a value is the token that stands for a personal one."""
    return text.startswith("p-") and _TOKEN.fullmatch(text) is not None


def fold(text: str) -> str:
    """Compose and trim a text, and take its case away: 'STRASSE' and 'straße' are one."""
    return _compose(_compose(text).casefold())


def is_role_mailbox(address: str) -> bool:
    """Whether a folded e-mail address is one that several people read, such as info@ or sales+uk@."""
    mailbox, at, _ = address.partition("@")
    return bool(at) and mailbox.partition("+")[0] in ROLE_MAILBOXES


def list_blocked(kind_name: str, settings: Identity) -> tuple[str, ...]:
    """List the configured patterns for values of one kind, folded."""
    return _list_blocked(kind_name, settings.blocked)


@lru_cache(maxsize=1024)
def _list_blocked(kind_name: str, blocked: tuple[str, ...]) -> tuple[str, ...]:
    patterns = []
    for text in blocked:
        kind, colon, pattern = text.partition(":")
        if not colon:
            patterns.append(fold(text))
        elif kind.strip() == kind_name:
            patterns.append(fold(pattern))
    return tuple(patterns)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is of a pattern, in which each `*` stands for any text, also for none."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    if not text.startswith(first):
        return False
    start, end = len(first), len(text) - len(others[-1])
    for part in others[:-1]:
        start = text.find(part, start)
        if start < 0:
            return False
        start += len(part)
    return start <= end and text.endswith(others[-1])


def _compose(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text).strip(BLANKS)
    whole = _WHOLE.fullmatch(composed)
    return whole[1] if whole else composed


def _write_phone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        number = None
    # A number that is complete only inside its town would be one for all towns.
    is_whole = number is not None and (
        phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
    if number is None or not is_whole:
        return phonenumbers.normalize_digits_only(text)
    extension = f";ext={number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension
