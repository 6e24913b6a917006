"""The numbers that gates judge: this night's from its engine, and the same ones of the snapshot before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pyarrow as pa

from journeys.errors import ModelError
from journeys.warehouse import Engine, Snapshot, build

_EVER = datetime(1, 1, 1)  # noqa: DTZ001 - times in the tables are UTC and carry no zone
_MODELS = ("filled_counts", "identifier_counts", "unmatched_counts")
Filled = dict[tuple[str, str], int]


@dataclass(frozen=True)
class NightCounts:
    """What the gates compare of two nights.

    Attributes:
        events: events per source.
        filled: events per source and column or kind of identifier that have a value there.
        people: events per source, bots apart.
        unmatched: those of them that are no touchpoint and no goal.
        persons: persons that identifiers are known of; counted of the night before only.
    """

    events: Mapping[str, int] = field(default_factory=dict)
    filled: Mapping[tuple[str, str], int] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    unmatched: Mapping[str, int] = field(default_factory=dict)
    persons: int = 0


def count_before(previous: Snapshot | None, *, memory_limit: str) -> NightCounts | None:
    """Count all events and persons of the snapshot before; None where none of this version can be read.

    A damaged one is passed over: it must not keep the next night from taking its place.
    """
    if previous is None or not previous.is_of_this_version:
        return None
    try:
        with Engine(memory_limit=memory_limit) as before:
            before.attach(previous.results, name="snapshot_before")
            persons = before.value("SELECT COUNT(DISTINCT person_id) FROM person_identifiers")
            return replace(count_night(before), persons=int(persons))
    except ModelError:
        return None


def count_night(engine: Engine, *, loaded_since: datetime = _EVER) -> NightCounts:
    """Count the events of a night: all it holds, or those loaded since a moment (UTC, without a zone)."""
    with engine.scratch() as scratch:
        build(scratch, _MODELS, parameters={"loaded_since": loaded_since})
        rows = scratch.frame("SELECT * FROM filled_counts").set_index("source")
        events = {str(source): int(count) for source, count in rows.pop("event_count").items()}
        filled: Filled = {
            (str(source), str(name)): int(count) for name, counts in rows.items() for source, count in counts.items()
        }
        kinds = scratch.rows("SELECT source, identifier_kind, filled_count FROM identifier_counts")
        filled |= {(source, kind): count for source, kind, count in kinds}
        contacts = scratch.rows("SELECT source, event_count, unmatched_count FROM unmatched_counts")
    return NightCounts(
        events=events,
        filled=filled,
        people={source: count for source, count, _ in contacts},
        unmatched={source: count for source, _, count in contacts},
    )


def count_days(engine: Engine, days: Mapping[str, Sequence[date]]) -> dict[tuple[str, date], int]:
    """Count the events of each source on each of these days of the project's calendar."""
    pairs = [(source, day) for source, listed in days.items() for day in listed]
    with engine.scratch() as scratch:
        scratch.load(
            "gate_days",
            pa.table(
                {
                    "source": pa.array([source for source, _ in pairs], pa.string()),
                    "local_date": pa.array([day for _, day in pairs], pa.date32()),
                }
            ),
        )
        build(scratch, ["day_counts"])
        return {(source, day): count for source, day, count in scratch.rows("SELECT * FROM day_counts")}


def last_days(engine: Engine, sources: Sequence[str]) -> dict[str, date]:
    """Return the calendar day of each source's last event; a source without an event is left out."""
    found = dict(engine.rows("SELECT source, MAX(local_date) FROM events GROUP BY source"))
    return {source: found[source] for source in sources if source in found}


def same_weekdays(day: date, *, weeks: int) -> list[date]:
    """Return a day and the same weekday of so many weeks before, the newest first."""
    return [day - timedelta(weeks=week) for week in range(weeks + 1)]


def count_broken(engine: Engine) -> list[tuple[str, int, int]]:
    """Count what breaks each equality: its name, how many were checked, how many break it."""
    with engine.scratch() as scratch:
        build(scratch, ["reconciliation"])
        found = scratch.rows("SELECT equality, checked_count, broken_count FROM reconciliation ORDER BY equality")
        if "reached_count" in scratch.columns("funnel_steps"):  # without a funnel the table has no such column
            build(scratch, ["funnel_reconciliation"])
            steps = scratch.rows(
                "SELECT funnel, checked_count, broken_count FROM funnel_reconciliation ORDER BY funnel"
            )
            found += [(f"steps of funnel {funnel}", checked, broken) for funnel, checked, broken in steps]
    return found
