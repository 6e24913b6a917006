"""How a world is written: `person minute event` per line, and an event_id by line, so that ties have an order."""

from __future__ import annotations

import pandas as pd

import journeys as jn

DAY = "2026-03-02"


def read_world(text: str, **keywords: object) -> jn.Journeys:
    """Read lines of `person hh:mm[:ss] event [column=value ...]`; a time may carry its own date as `dd/hh:mm`."""
    rows = []
    for number, line in enumerate(text.strip().splitlines()):
        person, at, event, *more = line.split()
        day, _, clock = at.rpartition("/")
        row = {"person": person, "at": f"2026-03-{int(day or 2):02d} {clock}", "event": event, "id": f"e{number:03d}"}
        rows.append(row | dict(each.split("=") for each in more))
    given = {"person": "person", "occurred_at": "at", "event": "event", "event_id": "id"}
    return jn.from_events(pd.DataFrame(rows), **(given | keywords))


def levels(answer: jn.FunnelResult) -> dict[str, int]:
    """How far each person got."""
    return dict(zip(answer.persons["person_id"], answer.persons["furthest_step"], strict=True))


def counts(answer: jn.FunnelResult, *columns: str) -> list[tuple]:
    """Columns of a funnel, one tuple per step."""
    names = columns or ("reached_count", "dropped_count", "open_count")
    return list(answer.frame[list(names)].itertuples(index=False, name=None))


def sessions(log: jn.Journeys, **settings: object) -> list[tuple]:
    """`(person, hh:mm of start, hh:mm of end, events, reason)` of each session, by start."""
    frame = log.sessions(**settings).frame.sort_values(["started_at", "person_id"])
    return [
        (r.person_id, r.started_at.strftime("%H:%M"), r.ended_at.strftime("%H:%M"), r.event_count, r.split_reason)
        for r in frame.itertuples()
    ]


def links(answer: jn.PathResult) -> dict[tuple[int, str, str], int]:
    """The links of paths."""
    return {row[:3]: row[3] for row in answer.frame.itertuples(index=False, name=None)}
