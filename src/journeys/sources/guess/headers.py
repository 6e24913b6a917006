"""CSV files without a header: whether the first record is one, and names for columns by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from journeys.sources.guess.times import read_times

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]+")
_ADDRESS = re.compile(r"https?://\S+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_YEAR = re.compile(r"(19|20)\d\d")
_CURRENCIES = frozenset(["USD", "EUR", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "JPY", "CNY", "INR",
                         "AUD", "CAD", "NZD", "BRL", "MXN", "TRY", "ZAR"])  # fmt: skip
_MOST_EVENTS = 60
_MOST = 0.9


def _is_time(cell: str) -> bool:
    times = read_times([cell]) if cell and not cell.isdecimal() else None
    return times is not None


_FORMS: Mapping[str, Callable[[str], object]] = {
    "a time": _is_time,
    "an address": _ADDRESS.fullmatch,
    "an e-mail address": _EMAIL.fullmatch,
    "an id": _UUID.fullmatch,
    "an IP address": _IP.fullmatch,
}
_NAMED: Mapping[str, Callable[[str], object]] = {
    "email": _EMAIL.fullmatch,
    "url": _ADDRESS.fullmatch,
    "ip": _IP.fullmatch,
    "currency": _CURRENCIES.__contains__,
    "user_agent": re.compile("Mozilla/").match,
}


def name_data(records: Sequence[Sequence[str]]) -> str:
    """Say why the first record is data and no header; '' where it may be a header.

    Args:
        records: the first ones, at least one.
    """
    first, others = records[0], [each for each in records[1:] if len(each) == len(records[0]) and each != records[0]]
    for cell in map(str.strip, first):
        for what, test in _FORMS.items():
            if test(cell):
                return f"{cell[:40]!r} in it is {what}"
    numbers = [cell.strip() for cell in first if _NUMBER.fullmatch(cell.strip())]
    if numbers and not all(map(_YEAR.fullmatch, numbers)):
        return f"{numbers[0]!r} in it is a number"
    for place, cell in enumerate(first):
        if cell.strip() and sum(each[place] == cell for each in others) > 1:
            return f"{cell[:40]!r} in it stands in the same column again"
    return ""


def name_columns(records: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Name the columns of records without a header by what stands in them, each differently; else by their place."""
    width = len(records[0])
    columns = [
        [each[place].strip() for each in records if len(each) == width and each[place].strip()]
        for place in range(width)
    ]
    names = [_name_by_form(values) if values else "" for values in columns]
    if "event" not in names:
        are_events = [place for place, values in enumerate(columns) if _are_events(values)]
        # Ids have digits, names of events seldom.
        _give(names, "event", sorted(are_events, key=lambda place: bool(re.search(r"\d", "".join(columns[place])))))
    are_who = [place for place, values in enumerate(columns) if 1 < len(set(values)) < len(values)]
    if "email" not in names:
        _give(names, "user_id", are_who)
    taken: set[str] = set()
    for place, name in enumerate(names):
        if not name or name in taken:
            names[place] = "referrer" if name == "url" and "referrer" not in taken else f"column_{place + 1}"
        taken.add(names[place])
    return tuple(names)


def _give(names: list[str], name: str, places: Sequence[int]) -> None:
    free = [place for place in places if not names[place]]
    if free:
        names[free[0]] = name


def _name_by_form(values: Sequence[str]) -> str:
    if (times := read_times(values)) and times.share >= _MOST:
        return "time"
    for name, test in _NAMED.items():
        if sum(bool(test(value)) for value in values) >= _MOST * len(values):
            return name
    if all(_UUID.fullmatch(value) for value in values) and len(set(values)) == len(values):
        return "event_id"
    decimals = sum(bool(re.fullmatch(r"-?\d+[.,]\d{1,2}", value)) for value in values)
    return "amount" if decimals >= _MOST * len(values) else ""


def _are_events(values: Sequence[str]) -> bool:
    """Words, of which few are different and each comes again."""
    distinct = len(set(values))
    are_words = sum(bool(re.match(r"[^\W\d]", value)) and len(value) <= _MOST_EVENTS for value in values)
    return distinct <= min(_MOST_EVENTS, len(values) / 2) and are_words >= _MOST * len(values) > 0
