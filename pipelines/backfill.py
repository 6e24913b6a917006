"""The refresh over days that are past: late files, a source that was mended, a rule that has to be counted again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from prefect import flow

from journeys.errors import CallError
from pipelines.alerts import tell_failure
from pipelines.nightly import Refresh, nightly

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Days:
    """A stretch of calendar days, both ends included."""

    since: date
    until: date


@flow(name="backfill", on_failure=[tell_failure], on_crashed=[tell_failure])
def backfill(from_date: str, to_date: str, config: str = "journeys.toml", *, dry_run: bool = False) -> Refresh:
    """Refresh the warehouse over a stretch of days and publish the result.

    Args:
        from_date: the first day, such as '2026-03-01'.
        to_date: the last day, included.
        config: the configuration file.
        dry_run: do everything but publish.

    Raises:
        CallError: a date is none, or the last day is before the first.
        JourneysError: the refresh failed; what was published before stays.
    """
    days = read_days(from_date, to_date)
    # As a plain function: one run on the server, one alert.
    return nightly.fn(config, dry_run=dry_run, since=days.since.isoformat(), until=days.until.isoformat())


def read_days(from_date: object, to_date: object) -> Days:
    """Read a stretch of days.

    Raises:
        CallError: a date is none, or the last day is before the first.
    """
    days = Days(_read_day(from_date, "from"), _read_day(to_date, "to"))
    if days.since > days.until:
        raise CallError(
            "days",
            "the last day of the backfill is before its first",
            found=f"from {days.since} to {days.until}",
            allowed="from <= to",
            do="change them round",
        )
    return days


def _read_day(given: object, name: str) -> date:
    try:
        if isinstance(given, str) and _DAY.fullmatch(given):
            return date.fromisoformat(given)
        reason = "not written as YYYY-MM-DD"
    except ValueError:
        reason = "not a day of the calendar"
    raise CallError("day", f"{name}: {reason}", found=repr(given), allowed="a day such as '2026-03-01'")
