"""A second implementation of the promises, in plain Python from the documents alone: order, repeats, sessions.

It is slow and short on purpose: it shares no idea with the SQL, so that agreement means something.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """One row of a log; `event_id` is always given, so that the order among ties is known."""

    person: str
    us: int
    event: str
    event_id: str
    sequence: float | None = None
    device: str | None = None
    account: str | None = None
    channel: str | None = None
    price: int | None = None


def to_frame(events: Iterable[Event]) -> pd.DataFrame:
    """Write events as the frame an analyst would hand in."""
    rows = [vars(event) for event in events]
    frame = pd.DataFrame(rows, columns=list(Event.__dataclass_fields__))
    frame["at"] = frame.pop("us").astype("int64")
    return frame


def order(events: Iterable[Event]) -> list[Event]:
    """DESIGN: (occurred_at_us, sequence with nulls last, event_id as text)."""
    return sorted(events, key=lambda e: (e.us, e.sequence is None, e.sequence or 0.0, e.event_id))


def drop_repeats(events: Iterable[Event]) -> list[Event]:
    """Of one event_id the earliest time is kept, then the smallest content in the order of column names, as text."""
    kept: dict[str, Event] = {}
    for event in sorted(events, key=_content):
        kept.setdefault(event.event_id, event)
    return list(kept.values())


def _content(event: Event) -> tuple[object, ...]:
    columns = ("account", "channel", "device", "event", "event_id", "person", "price", "sequence")
    texts = [getattr(event, name) for name in columns]
    return (event.us, *((text is None, "" if text is None else str(text)) for text in texts))


@dataclass(frozen=True)
class SessionRule:
    """The arguments of `sessions()`."""

    timeout_us: int = 30 * MINUTE
    gap_inclusive: bool = True
    max_length_us: int | None = None
    midnight: bool = False
    timezone: str = "UTC"


@dataclass
class Session:
    """One session with every reason that would have cut it off from the event before."""

    person: str
    stream: str
    events: list[Event]
    reasons: set[str]


def cut_sessions(events: Iterable[Event], rule: SessionRule) -> list[Session]:
    """Walk each device's stream once; a visit is cut by the rule, and a session where the person changes."""
    sessions: list[Session] = []
    last: Event | None = None
    visit_start = 0
    for stream, event in sorted(
        ((e.device or e.person, e) for e in order(events)), key=lambda pair: pair[0]
    ):  # stable: keeps the order inside a stream
        is_first = last is None or sessions[-1].stream != stream
        reasons = {"first"} if is_first else _reasons(last, event, visit_start, rule)
        if reasons:
            visit_start = event.us
        if not is_first and last is not None and last.person != event.person:
            reasons.add("person")
        if reasons:
            sessions.append(Session(event.person, stream, [], reasons))
        sessions[-1].events.append(event)
        last = event
    return sessions


def _reasons(last: Event, event: Event, visit_start: int, rule: SessionRule) -> set[str]:
    gap = event.us - last.us
    found = set()
    if gap > rule.timeout_us or (gap == rule.timeout_us and not rule.gap_inclusive):
        found.add("timeout")
    if rule.max_length_us is not None and event.us - visit_start >= rule.max_length_us:
        found.add("max_length")
    if rule.midnight and local_day(last.us, rule.timezone) != local_day(event.us, rule.timezone):
        found.add("midnight")
    return found


def local_day(us: int, timezone: str) -> object:
    """The calendar day of a moment in a time zone."""
    return (EPOCH + timedelta(microseconds=us)).astimezone(ZoneInfo(timezone)).date()


def moment(us: int) -> pd.Timestamp:
    """Microseconds as results show them: UTC without a zone."""
    return pd.Timestamp(us, unit="us")


def units_of(events: Iterable[Event], unit: str) -> dict[str, list[Event]]:
    """The ordered events of every person or account."""
    found: dict[str, list[Event]] = {}
    for event in order(events):
        name = event.person if unit == "person" else event.account
        if name is not None:
            found.setdefault(name, []).append(event)
    return found
