"""Free text without e-mail addresses, telephone numbers and payment card numbers: each becomes its token.

Telephone numbers are found by phonenumbers. E-mail addresses and cards need one pattern each: scrubadub, the library
for all three, uses phonenumbers, too, finds no card written in groups and no address that is not ASCII, and brings
scikit-learn and NLTK with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote, unquote

from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher, format_number

from journeys.privacy.token import TEXT, Tokens

_REMEMBERED = 100_000
_MOST_DECODINGS = 3  # a value may have been percent-encoded more than once
_LOCAL = r"\w.+'!$*^~-"
# Addresses written without anything between them are one: of a part taken for a domain the next one begins.
_EMAIL = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]++(?:[@\uff20\ufe6b](?:\w(?:[\w-]*\w)?\.)+\w{{2,}})+")
_TOKEN = re.compile(r"(p-[0-9a-f]{32}(?:@[\w.-]+)?)")
_DIGITS = re.compile(r"\d(?:[^\w]{0,3}\d){6}")
_CANDIDATE = re.compile(r"[@%\uff20\ufe6b]|\d(?:[^\w]{0,3}\d){6}")
# Times, UUIDs, short numbers and decimal ones: texts of many digits that reach nobody.
HARMLESS = (
    r"[0-9]{1,12}|[0-9]+[.][0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.,]*(Z|[+-][0-9:]+)?)?"
    "|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)
_HARMLESS = re.compile(HARMLESS)
# No letter stands next to a telephone number; with its country it begins with a plus.
_PHONE = re.compile(r"(?<![^\W_])\d(?:[^\w]{0,3}\d){6}")
_FULL_PHONE = re.compile(r"[+\uff0b][^\w]{0,3}\d(?:[^\w]{0,3}\d){6}")
_CARD_RUN = re.compile(r"(?<![\da-fA-F])\d(?:[ .\u00a0-]?\d){12,}(?![\da-f])")
# Visa, Mastercard, American Express, Diners Club, Discover, JCB, Maestro, UnionPay, Mir and RuPay.
_CARD = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-59]|[689]\d)\d{11,16}|35\d{14,17}|(?:5[06-9]|6\d|8[1-2])\d{11,17}|220[0-4]\d{12,15}"
)
_CARD_LENGTHS = range(19, 12, -1)
_SEPARATORS = re.compile(r"([?&=#;/,\s\"'<>]+)")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_NEXT_TO_IDS = frozenset("/=&?#-_.:")


class Scrubber:
    """Replaces what reaches a person in free text; each different text is looked at once.

    Args:
        tokens: write what stands there instead.

    Attributes:
        has_region: telephone numbers are known without their country, too.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._region = tokens.identity.phone_region or None
        self.has_region = self._region is not None
        self._scrub_once: Callable[[str], str] = lru_cache(maxsize=_REMEMBERED)(self._scrub)

    def scrub(self, text: str) -> str:
        """Return the text with tokens in the place of what reaches a person; most texts hold nothing of the kind."""
        if not _CANDIDATE.search(text) or _HARMLESS.fullmatch(text):
            return text
        return self._scrub_once(text)

    def scrub_raw(self, text: str) -> str:
        r"""Scrub the text of an unreadable row, in which `\u0040` may stand for @, or NULs between letters."""
        plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text.replace("\0", ""))
        scrubbed = self._scrub(plain)
        return scrubbed.encode("utf-8", "replace").decode() if scrubbed != plain else text

    def _scrub(self, text: str) -> str:
        if "%" in text or "+" in text:
            text = "".join(map(self._scrub_encoded, _SEPARATORS.split(text)))
        return self._scrub_plain(text)

    def _scrub_encoded(self, piece: str) -> str:
        """Scrub one part of an address, decoded; it stays as it was written when nothing is found in it."""
        decoded = piece
        for _ in range(_MOST_DECODINGS):
            decoded = unquote(decoded)
        if "@" not in decoded and "+" in piece[1:]:
            decoded = decoded[:1] + decoded[1:].replace("+", " ")
        if decoded == piece:
            return piece
        scrubbed = self._scrub_plain(decoded)
        return piece if scrubbed == decoded else quote(scrubbed, safe="@")

    def _scrub_plain(self, text: str) -> str:
        if "@" in text or "\uff20" in text or "\ufe6b" in text:
            text = _apply(text, lambda part: _EMAIL.sub(self._replace_email, part))
        if _DIGITS.search(text):
            # Cards first: some of them would also do as telephone numbers.
            text = _apply(text, lambda part: _CARD_RUN.sub(self._replace_cards, part))
            text = _apply(text, self._replace_phones)
        return text

    def _replace_email(self, match: re.Match[str]) -> str:
        found = match[0].lstrip(".'!$*^~-")
        return match[0][: len(match[0]) - len(found)] + self._tokens.protect(self._tokens.email, found)

    def _replace_cards(self, match: re.Match[str]) -> str:
        run, start, pieces = match[0], 0, []
        places = [place for place, letter in enumerate(run) if letter.isdecimal()]
        index = 0
        while index < len(places):
            length = self._find_card(run, places, index)
            if length:
                digits = "".join(run[place] for place in places[index : index + length])
                pieces += [run[start : places[index]], self._tokens.write(digits, TEXT.format)]
                start = places[index + length - 1] + 1
            index += length or 1
        return "".join(pieces) + run[start:]

    def _find_card(self, run: str, places: list[int], index: int) -> int:
        """Say how many digits from this one on are a card's; it begins and ends where a group of digits does."""
        if index and places[index - 1] == places[index] - 1:
            return 0
        for length in _CARD_LENGTHS:
            end = index + length
            if end > len(places) or (end < len(places) and places[end] == places[end - 1] + 1):
                continue
            if is_card("".join(run[place] for place in places[index:end])):
                return length
        return 0

    def _replace_phones(self, text: str) -> str:
        # Nothing but digits is an id: columns of numbers are named in personal_columns.
        if text.isdecimal() or not (_PHONE if self.has_region else _FULL_PHONE).search(text):
            return text
        found = list(PhoneNumberMatcher(text, None, leniency=Leniency.POSSIBLE))
        if self._region:
            taken = {place for match in found for place in range(match.start, match.end)}
            national = PhoneNumberMatcher(text, self._region, leniency=Leniency.VALID)
            found += [match for match in national if match.start not in taken and match.end - 1 not in taken]
        for match in sorted(found, key=lambda match: match.start, reverse=True):
            if not match.raw_string.isdecimal() or _is_in_words(text, match.start, match.end):
                number = format_number(match.number, PhoneNumberFormat.E164)
                number += f";ext={match.number.extension}" if match.number.extension else ""
                text = text[: match.start] + self._tokens.protect(self._tokens.phone, number) + text[match.end :]
        return text


def is_card(digits: str) -> bool:
    """Whether digits are the number of a payment card: a known range, a possible length, and Luhn's check digit."""
    if not _CARD.fullmatch(digits):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _apply(text: str, scrub: Callable[[str], str]) -> str:
    """Scrub what is no token yet."""
    if "p-" not in text:
        return scrub(text)
    return "".join(part if place % 2 else scrub(part) for place, part in enumerate(_TOKEN.split(text)))


def _is_in_words(text: str, start: int, end: int) -> bool:
    """Whether bare digits stand in a sentence; elsewhere, as in an address, they are an id."""
    around = text[max(start - 1, 0) : start] + text[end : end + 1]
    return any(letter.isspace() for letter in text) and not _NEXT_TO_IDS & set(around)
