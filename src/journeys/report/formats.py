"""Numbers and times in words, written one way in tables, captions and hovers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd

from journeys.errors import CallError
from journeys.report.labels import clean_text, shorten
from journeys.units import zone

NOTHING = "\N{EN DASH}"
_THIN = "\N{NARROW NO-BREAK SPACE}"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def read_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Read a frame as one dictionary per row, by column."""
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]


def number(value: Any) -> float | None:
    """Read a cell of a frame as a number; None when it is missing, infinite or no number."""
    if value is None or value is pd.NA or isinstance(value, str):
        return None
    try:
        as_float = float(value)
    except (TypeError, ValueError):
        return None
    return as_float if abs(as_float) < float("inf") else None


def whole(value: Any) -> int:
    """Read a cell of a frame as a count; a missing one is 0."""
    as_number = number(value)
    return 0 if as_number is None else round(as_number)


def count_text(value: Any) -> str:
    """Write a count with thin separators: 18204 is '18 204'."""
    as_number = number(value)
    return NOTHING if as_number is None else f"{round(as_number):,}".replace(",", _THIN)


def persons_text(count: int) -> str:
    """Write how many persons: '1 person', '18 204 persons'."""
    return f"{count_text(count)} person{'' if count == 1 else 's'}"


def share_text(value: Any) -> str:
    """Write a share of 0..1 in per cent with one decimal: 0.1234 is '12.3 %'; what would round to 0 or 100 says so."""
    share = number(value)
    if share is None:
        return NOTHING
    if 0 < share < 0.0005:
        return f"<{_THIN}0.1{_THIN}%"
    if 0.9995 <= share < 1:
        return f">{_THIN}99.9{_THIN}%"
    return f"{share * 100:.1f}{_THIN}%"


def seconds_text(value: Any) -> str:
    """Write a duration in its two largest units: 97_320 seconds is '1 d 3 h'."""
    seconds = number(value)
    if seconds is None:
        return NOTHING
    if abs(seconds) < 60:
        return f"{seconds:.0f}{_THIN}s" if seconds >= 10 or seconds == round(seconds) else f"{seconds:.1f}{_THIN}s"
    minutes = round(seconds / 60)
    for size, unit, smaller_size, smaller in ((1440, "d", 60, "h"), (60, "h", 1, "min")):
        if minutes >= size:
            rest = (minutes % size) // smaller_size
            return f"{minutes // size}{_THIN}{unit}" + (f" {rest}{_THIN}{smaller}" if rest else "")
    return f"{minutes}{_THIN}min"


def money_text(value: Any, currency: str = "") -> str:
    """Write an amount of money; cents are left out from 1 000 on."""
    amount = number(value)
    if amount is None:
        return NOTHING
    digits = 0 if abs(amount) >= 1000 else 2
    return f"{amount:,.{digits}f}".replace(",", _THIN) + (
        f"{_THIN}{shorten(clean_text(currency), 12)}" if currency else ""
    )


def factor_text(value: Any) -> str:
    """Write a ratio of two shares: 1.234 is '1.23 ×'."""
    factor = number(value)
    if factor is None:
        return NOTHING
    digits = 2 if abs(factor) < 10 else 1 if abs(factor) < 100 else 0
    return f"{factor:,.{digits}f}".replace(",", _THIN) + f"{_THIN}×"


def value_text(value: Any, unit: str, currency: str = "") -> str:
    """Write a value by its unit: 'count', 'share', 'money' or 'seconds'; anything else as a plain number."""
    if unit == "money":
        return money_text(value, currency)
    writers: dict[str, Callable[[Any], str]] = {"count": count_text, "share": share_text, "seconds": seconds_text}
    if unit in writers:
        return writers[unit](value)
    as_number = number(value)
    return NOTHING if as_number is None else f"{as_number:,.6g}".replace(",", _THIN)


def interval_text(low: Any, high: Any, unit: str = "share", currency: str = "") -> str:
    """Write a 95 % interval: '11.2–13.5 %'; empty when a side is missing."""
    if number(low) is None or number(high) is None:
        return ""
    low_text, high_text = (value_text(side, unit, currency) for side in (low, high))
    suffix = f"{_THIN}%"
    if unit == "share" and low_text.endswith(suffix) and low_text[0].isdigit() and high_text[0].isdigit():
        low_text = low_text.removesuffix(suffix)
    return f"{low_text}\N{EN DASH}{high_text}"


def moment_text(moment: str, timezone: str) -> str:
    """Write an ISO time in words in the project's zone: 'Sunday 22 November 2026, 05:12 (Europe/Riga, UTC+02:00)'.

    A time or zone that cannot be read is shown as given.
    """
    try:
        at = datetime.fromisoformat(moment.strip())
        local_zone = zone(timezone)
        at = at.replace(tzinfo=local_zone) if at.tzinfo is None else at.astimezone(local_zone)
    except (ValueError, CallError, OverflowError):
        return shorten(clean_text(f"{moment} ({timezone})" if timezone else moment), 80)
    offset = at.strftime("%z")
    zone_text = timezone if timezone == "UTC" else f"{timezone}, UTC{offset[:3]}:{offset[3:5]}"
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M} ({zone_text})"


def more_text(found: int, drawn: int) -> str:
    """Say how many of what was found a chart does not draw, as the end of a note; nothing when it draws all."""
    return f"; {count_text(found - drawn)} more are not drawn" if found > drawn else ""
