"""The charts of waits, walks, patterns and needless steps: what is drawn, hovered over and escaped."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import pytest

import journeys as jn
from journeys.report.charts import explore_figure, needless_figure, patterns_figure, waits_figure

HOSTILE = '<img src=x onerror="alert(1)">%{x}\u202e'


@pytest.fixture(scope="module")
def log() -> jn.Journeys:
    ways = ["home cart pay", "home cart cart z", "cart home cart pay", "home z"]
    rows = [
        (f"p{way}_{number}", 1_772_323_200 + place * (60 + 7 * number), name)
        for way, text in enumerate(ways)
        for number in range(30)
        for place, name in enumerate(text.split())
    ]
    frame = pd.DataFrame(rows, columns=["who", "at", "what"])
    return jn.from_events(frame, person="who", occurred_at="at", event="what", unit="s")


@pytest.fixture(scope="module")
def frames(log: jn.Journeys) -> dict[Callable[..., go.Figure], pd.DataFrame]:
    return {
        waits_figure: log.waits().frame,
        explore_figure: log.explore(via="cart", goal="pay").frame,
        patterns_figure: log.patterns("pay").frame,
        needless_figure: log.needless("pay").frame,
    }


def test_every_row_is_a_dot_and_says_count_base_share_and_interval(
    frames: dict[Callable[..., go.Figure], pd.DataFrame],
) -> None:
    frame = frames[needless_figure]
    figure = needless_figure(frame)
    assert len(figure.data[0].x) == len(frame) > 1
    first = figure.data[0].customdata[0]
    row = frame.iloc[0]
    assert str(row["person_count"]) in first
    assert any("–" in cell and "%" in cell for cell in first), "an interval"
    assert row["verdict"] in first
    waits = waits_figure(frames[waits_figure])
    assert list(waits.data[2].y) == list(range(len(frames[waits_figure])))
    assert waits.layout.yaxis.ticktext[0] == "home → cart"
    patterns = patterns_figure(frames[patterns_figure])
    drawn = frames[patterns_figure]["risk_ratio_low"].notna().sum()
    assert len(patterns.data[0].x) == drawn > 0
    assert patterns.layout.xaxis.type == "log"


def test_a_walk_is_balanced_and_its_columns_say_where_they_stand(
    frames: dict[Callable[..., go.Figure], pd.DataFrame],
) -> None:
    figure = explore_figure(frames[explore_figure])
    [trace] = figure.data
    inflow: dict[int, int] = defaultdict(int)
    outflow: dict[int, int] = defaultdict(int)
    for source, target, value in zip(trace.link.source, trace.link.target, trace.link.value, strict=True):
        outflow[source] += value
        inflow[target] += value
    for place, cells in enumerate(trace.node.customdata):
        ends = cells[0] in {"(start)", "(more)", "(converted)", "(open)", "(dropped)"}
        assert ends or inflow[place] == outflow[place]
    words = [note.text for note in figure.layout.annotations]
    assert {"1 before", "the anchor", "1 after"} <= set(words)
    anchor = next(cells for cells in trace.node.customdata if cells[0] == "cart" and cells[1] == "the anchor")
    assert list(anchor[2:]) == ["90", "100.0\u202f%"]
    assert "33.3\u202f%" in {cells[3] for cells in trace.link.customdata}
    assert any(cells[4].startswith(" (") for cells in trace.link.customdata)


def test_the_order_of_rows_changes_no_walk(frames: dict[Callable[..., go.Figure], pd.DataFrame]) -> None:
    frame = frames[explore_figure]
    assert explore_figure(frame).to_json() == explore_figure(frame.sample(frac=1, random_state=2)).to_json()


def test_names_are_shown_as_text(frames: dict[Callable[..., go.Figure], pd.DataFrame]) -> None:
    for draw, frame in frames.items():
        hostile = frame.copy()
        for column in set(frame.columns) & {"from_step", "to_step", "step", "detour_step", "pattern", "verdict"}:
            hostile[column] = HOSTILE
        text = json.dumps(json.loads(draw(hostile, title=HOSTILE).to_json()), ensure_ascii=False)
        assert "&lt;img" in text
        assert not [mark for mark in ("<img", "%{x}", "\u202e") if mark in text], draw


def test_nothing_is_said_calmly(frames: dict[Callable[..., go.Figure], pd.DataFrame]) -> None:
    for draw, frame in frames.items():
        figure = draw(frame[:0])
        assert not figure.data
        assert [note.text for note in figure.layout.annotations] == ["no data"]


def test_long_lists_are_cut_and_missing_values_are_drawn(
    frames: dict[Callable[..., go.Figure], pd.DataFrame],
) -> None:
    for draw, most in ((waits_figure, 30), (patterns_figure, 40), (needless_figure, 40)):
        long = pd.concat(itertools.repeat(frames[draw], 60))
        assert len(draw(long).data[-1].y) == most
        missing = {"km_median_seconds", "q_value", "adjusted_ratio", "adjusted_ratio_low", "detour_step"}
        assert draw(frames[draw].assign(**dict.fromkeys(missing & set(frames[draw].columns), None))).data
