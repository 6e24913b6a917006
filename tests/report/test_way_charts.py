"""Charts of whole paths: what stands where, what is said of what is left out, and hostile names shown as they are."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

import journeys as jn
from journeys.report.charts import (
    backtracks_figure,
    coverage_figure,
    rework_figure,
    step_matrix_difference_figure,
    step_matrix_figure,
    variants_figure,
)

HOSTILE = "<img src=x onerror=alert(1)>%{x}<br>\u202e$a$"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;&#37;{x}&lt;br&gt;\ufffd&#36;a&#36;"


def walks(count: int, *paths: str) -> jn.Journeys:
    """Each path, names apart by blanks, is walked by `count` persons."""
    rows = [
        (f"p{place}-{copy}", 1_772_323_200 + minute * 60, name, place % 2)
        for place, path in enumerate(paths)
        for copy in range(count)
        for minute, name in enumerate(path.split())
    ]
    frame = pd.DataFrame(rows, columns=["who", "at", "what", "side"])
    return jn.from_events(frame, person="who", occurred_at="at", event="what", unit="s")


def notes(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_a_variant_is_a_heading_its_names_and_a_bar_split_at_the_converted() -> None:
    answer = walks(40, "home cart pay", "home", "home cart pay")
    figure = answer.variants("pay").figure()
    converted, rest = figure.data
    assert list(converted.x) == pytest.approx([80 / 120, 0])
    assert list(rest.x) == pytest.approx([0, 40 / 120])
    first = notes(figure)[0]
    assert "<b>66.7\u202f%</b>" in first
    assert "80 of 120" in first
    assert [first.index(name) for name in ("home", "cart", "pay")] == sorted(
        first.index(name) for name in ("home", "cart", "pay")
    )
    # Name, count, base, share, interval, converted, its share and interval, dropped, open.
    cells = converted.customdata[0]
    assert cells[:4] == ["home → cart → pay", "80", "120", "66.7\u202f%"]
    assert cells[4] == "57.8–74.5\u202f%"
    assert (cells[5], cells[7:]) == ("80", ["0", "0"])
    assert cells[6].startswith("100.0\u202f% (95.4")


def test_variants_that_are_not_drawn_are_summed_up() -> None:
    figure = walks(1, *[f"a s{n}" for n in range(14)]).variants().figure()
    assert len(figure.data[0].x) == 12
    assert "other paths: 14.3\u202f% of all" in notes(figure)


def test_a_long_path_is_cut_with_the_number_of_steps_left() -> None:
    figure = walks(1, " ".join(f"step{n}" for n in range(100))).variants().figure()
    text = notes(figure)[0]
    shown = text.count("■")
    assert f"and {100 - shown} more steps" in text
    assert text.count("<br>") <= 4


def test_a_name_too_long_for_a_line_has_a_line_of_its_own() -> None:
    text = notes(walks(1, f"{'x' * 500} {'y' * 500}").variants().figure())[0]
    assert text.count("<br>") == 2
    assert len(text) < 500


def test_coverage_is_drawn_over_the_commonest() -> None:
    answer = walks(1, "a", "a", "a", "a b", "a c")
    figure = answer.complexity().figure()
    assert list(figure.data[0].x) == [1, 2, 3]
    assert list(figure.data[0].y) == pytest.approx([0.6, 0.8, 1.0])
    assert notes(figure) == ["80 % of all took one of 2 of 3 paths"]


def cell(figure: go.Figure, trace: int, step: str, position: int) -> tuple[Any, str, list[str]]:
    """Value, text and hover of one cell."""
    row = list(figure.layout.yaxis.ticktext).index(step)
    heat = figure.data[trace]
    return heat.z[row][position - 1], heat.text[row][position - 1], list(heat.customdata[row][position - 1])


def test_a_cell_of_the_step_matrix_shows_per_cent_count_base_and_interval() -> None:
    figure = walks(50, "home cart", "home").step_matrix(depth=2).figure()
    value, text, hover = cell(figure, 0, "cart", 2)
    assert (value, text) == (0.5, "50")
    assert hover == ["cart", "2", "50", "100", "50.0\u202f%", "40.4–59.6\u202f%"]
    # Ends have their own scale, and stand last.
    assert cell(figure, 1, "(open)", 2)[:2] == (0.5, "50")
    assert cell(figure, 0, "(open)", 2)[0] is None
    assert list(figure.layout.yaxis.ticktext) == ["home", "cart", "(open)"]


def test_what_a_step_matrix_leaves_out_is_said() -> None:
    figure = walks(1, *[f"s{n:02d} " + "x " * 11 for n in range(30)]).step_matrix(depth=12).figure()
    assert len(figure.layout.yaxis.ticktext) == 24
    assert len(figure.data[0].z[0]) == 10
    (note,) = notes(figure)
    assert "7 rarer steps are not drawn" in note
    assert "positions 11 to 12 are not drawn" in note


def test_a_difference_is_bold_where_it_is_more_than_chance() -> None:
    log = walks(50, "home cart", "home")
    figure = log.step_matrix_difference([0, 1], by="side", depth=2).figure()
    value, text, hover = cell(figure, 0, "cart", 2)
    assert (value, text) == (1.0, "<b>+100</b>")
    assert hover[:9] == ["cart", "2", "50", "50", "100.0\u202f%", "0", "50", "0.0\u202f%", "+100.0"]
    assert cell(figure, 0, "home", 1)[:2] == (0.0, "0")
    assert "more of side = 0" in notes(figure)[0]


def test_too_few_have_no_colour_and_no_number() -> None:
    figure = walks(5, "home cart", "home").step_matrix_difference([0, 1], by="side", depth=2).figure()
    value, text, hover = cell(figure, 0, "cart", 2)
    assert (value, text, hover[-1]) == (0.0, "·", "too few to compare")
    assert notes(figure) == ["too few in a group to compare"]


def test_rework_dots_have_intervals_and_too_few_are_hollow() -> None:
    log = walks(40, "a a b", "a b c")
    frame = log.rework().frame
    (dots,) = rework_figure(frame).data
    assert list(dots.x) == [0.5]  # of b and c nobody has more than one
    assert dots.x[0] - dots.error_x.arrayminus[0] == pytest.approx(frame["share_low"][0])
    assert dots.customdata[0][:4] == ["a", "40", "80", "50.0\u202f%"]
    (few,) = rework_figure(walks(5, "a a").rework().frame).data
    assert few.marker.color == ("#ffffff",)
    assert few.customdata[0][4] == "too few to rank"


def backtracks(names: tuple[str, str] = ("purchase", "awareness")) -> pd.DataFrame:
    row = {"from_stage": names[0], "to_stage": names[1], "backtrack_count": 9, "person_count": 6, "met_count": 60,
           "share": 0.1, "share_low": 0.05, "share_high": 0.2, "is_too_few": False}  # fmt: skip
    return pd.DataFrame([row])


def test_a_backtrack_names_both_stages() -> None:
    figure = backtracks_figure(backtracks())
    assert list(figure.layout.yaxis.ticktext) == ["purchase → awareness"]
    assert figure.data[0].customdata[0][5] == "9 moves"


def test_names_are_escaped_in_every_chart() -> None:
    hostile = jn.from_events(
        pd.DataFrame([(f"p{n}", n, HOSTILE) for n in range(3)] + [("p0", 9, HOSTILE)], columns=["who", "at", "what"]),
        person="who", occurred_at="at", event="what", unit="s",
    )  # fmt: skip
    cells = walks(1, "a b", "a").step_matrix_difference([0, 1], by="side", depth=2).frame
    figures = [
        hostile.variants().figure(),
        hostile.loops().figure(),
        hostile.step_matrix(depth=2).figure(),
        variants_figure(hostile.variants().tables["intervals"], title=HOSTILE, stages={HOSTILE: HOSTILE}),
        step_matrix_difference_figure(cells.replace("b", HOSTILE), a=HOSTILE, title=HOSTILE),
        backtracks_figure(backtracks((HOSTILE, HOSTILE)), title=HOSTILE),
    ]
    for figure in figures:
        found = _texts(json.loads(figure.to_json()))
        assert any(ESCAPED[:16] in each for each in found)
        assert not [each for each in found if "<img" in each or "%{x}" in each or "\u202e" in each]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    "draw",
    [
        variants_figure,
        coverage_figure,
        rework_figure,
        backtracks_figure,
        step_matrix_figure,
        step_matrix_difference_figure,
    ],
)
def test_nothing_is_drawn_calmly(draw: Any) -> None:
    figure = draw(pd.DataFrame())
    assert not figure.data
    assert notes(figure) == ["no data"]
