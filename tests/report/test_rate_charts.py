"""Charts of rates, parts and the catalogue: each number with base and interval, names of any kind as they are."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import journeys as jn
from journeys.report.charts.rates import MOST_DOTS

HOSTILE = ["<b>bold</b>", "%{x}", "$e^x$", "tab\tname", "a" * 200, "(none)"]
STAGES = {"one": HOSTILE[0], "two & <i>": HOSTILE[1]}


def open_log(persons: int, names: list[str]) -> jn.Journeys:
    rows = [
        (f"p{person}", f"2026-03-{1 + person % 20:02d} 10:{place % 60:02d}", name, f"device {person % 3} <br>")
        for person in range(persons)
        for place, name in enumerate([*names[person % len(names) :], *(["buy"] if person % 2 else [])])
    ]
    frame = pd.DataFrame(rows, columns=["who", "at", "what", "device"])
    return jn.from_events(frame, person="who", occurred_at="at", event="what")


@pytest.fixture(scope="module")
def log() -> jn.Journeys:
    return open_log(240, HOSTILE)


CALLS = {
    "exits": lambda log: log.exits(),
    "dropoff": lambda log: log.dropoff("buy", inactive_days=2),
    "stages": lambda log: log.stages("buy", stages=STAGES, within="1h"),
    "touches": lambda log: log.touches("buy", stages=STAGES, inactive_days=2),
    "visits": lambda log: log.visits("buy"),
    "touchpoints": lambda log: log.touchpoints("buy", by="device"),
    "catalogue": lambda log: log.catalogue(),
}


@pytest.mark.parametrize("verb", CALLS)
def test_names_from_data_are_shown_literally_and_hovers_tell_the_base(log: jn.Journeys, verb: str) -> None:
    answer = CALLS[verb](log)
    figure = answer.figure()
    drawn = figure.to_dict()
    text = json.dumps(drawn["data"], default=str) + json.dumps(drawn["layout"]["yaxis"], default=str)
    assert "<b>bold" not in text
    assert "%{x}" not in text
    assert "<i>" not in text
    assert figure.layout.height < 1_500
    json.dumps(answer.to_dict(), allow_nan=False)


@pytest.mark.parametrize("verb", CALLS)
def test_nothing_to_draw_says_so(log: jn.Journeys, verb: str) -> None:
    answer = CALLS[verb](log)
    empty = answer.draw(answer.frame.head(0))
    assert not empty.data
    assert empty.layout.annotations[0].text


def test_too_few_are_hollow_and_stand_last() -> None:
    rows = [("a", 10, 9), ("b", 100, 50), ("c", 100, 60)]
    lines = [(f"{name}{n}", "2026-03-01 10:00", name) for name, total, _ in rows for n in range(total)]
    lines += [(f"{name}{n}", "2026-03-01 10:01", "next") for name, total, left in rows for n in range(total - left)]
    log = jn.from_events(
        pd.DataFrame(lines, columns=["who", "at", "what"]), person="who", occurred_at="at", event="what"
    )
    figure = log.exits().figure()
    assert list(figure.layout.yaxis.ticktext) == ["next", "c", "b", "a"]
    assert figure.data[0].marker.color[-1] == "#ffffff"
    assert "too few" in figure.data[0].customdata[-1][2]
    assert "50 of 100 sessions" in figure.data[0].customdata[2][1].replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_many_names_are_cut_to_the_commonest() -> None:
    figure = open_log(60, [f"n{n:02d}" for n in range(60)]).exits().figure()
    assert len(figure.data[0].x) == MOST_DOTS
