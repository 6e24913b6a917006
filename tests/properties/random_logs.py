"""Random logs that are hard on purpose: few names, small times, many ties."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from reference import EPOCH, SECOND, Event, to_frame

import journeys as jn

START = (datetime(2026, 3, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
NAMES = "ABCD"
COLUMNS = {"person": "person", "occurred_at": "at", "event": "event", "unit": "us", "event_id": "event_id"}


def open_log(events: Sequence[Event], **keywords: object) -> jn.Journeys:
    """Read events as an analyst would."""
    return jn.from_events(to_frame(events), **(COLUMNS | keywords))


def draw_event(number: int, person: str, seconds: float, name: str, **more: object) -> Event:
    """One event some seconds after the start; numbers are padded, so that text order is their order."""
    return Event(person, START + round(seconds * SECOND), name, f"e{number:06d}", **more)


@st.composite
def logs(draw: st.DrawFn, *, names: str = NAMES, most: int = 14, span: int = 12, step: int = 1) -> list[Event]:
    """Up to `most` events of up to four persons within `span` units of `step` seconds."""
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from("pqrs"), st.integers(0, span), st.sampled_from(names)),
            min_size=1,
            max_size=most,
        )
    )
    # The ids follow a drawn order, so that ties are not always met in the order in which they were written.
    numbers = draw(st.permutations(range(len(rows))))
    return [draw_event(n, p, t * step, name) for n, (p, t, name) in zip(numbers, rows, strict=True)]


def many_persons(seed: int, count: int, *, most: int = 8, span: int = 12, names: str = NAMES) -> list[Event]:
    """One big log of many small persons; each is a random case of its own."""
    source = random.Random(seed)
    events = []
    for person in range(count):
        events += [
            (f"p{person:05d}", source.randint(0, span), source.choice(names)) for _ in range(source.randint(1, most))
        ]
    source.shuffle(events)
    return [draw_event(number, *event) for number, event in enumerate(events)]
