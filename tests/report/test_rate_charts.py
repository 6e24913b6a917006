"""Charts of rates, parts and the catalogue: each number with base and interval, names of any kind as they are."""

from __future__ import annotations

import json
import re

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


OWN_NAMES = {"stages": "two &amp; &lt;i&gt;", "touches": "two &amp; &lt;i&gt;", "visits": "all"}
HOSTILE_TEXT = dict.fromkeys(CALLS, "&lt;b&gt;bold") | OWN_NAMES
BASES = {
    "exits": r"\d+ of \d+ sessions ended here",
    "dropoff": r"\d+ of \d+ gave up here",
    "stages": r"\d+ of \d+ went no further",
    "touches": r"\d+ touches of \d+ persons",
    "visits": r"\d+ persons, half of them",
    "touchpoints": r"\d+",
    "catalogue": r"\d+",
}


@pytest.mark.parametrize("verb", CALLS)
def test_names_from_data_are_shown_literally_and_hovers_tell_the_base(log: jn.Journeys, verb: str) -> None:
    answer = CALLS[verb](log)
    figure = answer.figure()
    drawn = figure.to_dict()
    labels = [*(figure.layout.yaxis.ticktext or ()), *(figure.layout.xaxis.ticktext or ())]
    text = json.dumps(drawn["data"], default=str, ensure_ascii=False) + json.dumps(labels, ensure_ascii=False)
    assert "<b>bold" not in text
    assert "%{x}" not in text
    assert "<i>" not in text
    assert HOSTILE_TEXT[verb] in text
    assert re.search(BASES[verb], text.replace("\N{NARROW NO-BREAK SPACE}", " ")), "the hover tells its base"
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


def test_the_largest_share_is_drawn_however_rare_and_what_is_not_drawn_is_said() -> None:
    # n00 is met by few, and the only one at which all their sessions end.
    names = [f"n{n:02d}" for n in range(60)]
    rows = [(f"p{n}-{k}", f"2026-03-01 10:{minute:02d}", what)
            for n, name in enumerate(names) for k in range(30 if n == 0 else 40)
            for minute, what in enumerate([name] if n == 0 or k % 2 else [name, "last"])]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["who", "at", "what"])
    figure = jn.from_events(frame, person="who", occurred_at="at", event="what").exits().figure()
    assert set(figure.layout.yaxis.ticktext[:2]) == {"last", "n00"}
    assert [note.text for note in figure.layout.annotations] == ["sessions that end here; 21 more are not drawn"]
