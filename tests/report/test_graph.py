"""The cyclic picture: where nodes stand, which arrows lead back, and what is left out."""

from __future__ import annotations

import html

import pandas as pd
import plotly.graph_objects as go
import pytest

import journeys as jn
from journeys.errors import JourneysError
from journeys.report import graph_figure
from journeys.report.charts.graph_layout import order_nodes

STAGES = {"ad": "awareness", "page": "consideration", "cart": "purchase", "help": "retention"}
ORDER = ("awareness", "consideration", "purchase", "retention")
PAIRS = [("ad", "page", 90), ("page", "page", 40), ("page", "cart", 30), ("cart", "page", 10), ("help", "cart", 5),
         ("cart", "help", 5), ("page", "other page", 2)]  # fmt: skip


def frame_of(pairs: list[tuple[str, str, int]]) -> pd.DataFrame:
    rows = [(*pair, 1, 0.5, 60.0) for pair in pairs]
    return pd.DataFrame(
        rows, columns=["from_step", "to_step", "transition_count", "person_count", "share", "median_seconds"]
    )


def arrows(figure: go.Figure) -> dict[tuple[str, str], go.Scatter]:
    return {tuple(trace.customdata[0][:2]): trace for trace in figure.data[:-1]}


def caption(figure: go.Figure) -> str:
    return html.unescape(figure.layout.annotations[-1].text.replace("<br>", " ")).replace("\u202f", " ")


def test_a_stage_is_a_column_and_names_are_its_rows() -> None:
    figure = graph_figure(frame_of(PAIRS), stages=STAGES | {"other page": "consideration"}, stage_order=ORDER)
    nodes = figure.data[-1]
    names = [cells[0] for cells in nodes.customdata]
    assert dict(zip(names, nodes.x, strict=True)) == {"ad": 0, "other page": 1, "page": 1, "cart": 2, "help": 3}
    rows = dict(zip(names, nodes.y, strict=True))
    assert rows["other page"] < rows["page"]
    assert [note.text.split("</span> ")[1] for note in figure.layout.annotations[:-1]] == list(ORDER)


def test_what_leads_back_is_dashed_and_bent_the_other_way() -> None:
    drawn = arrows(graph_figure(frame_of(PAIRS), stages=STAGES, stage_order=ORDER))
    assert {pair for pair, trace in drawn.items() if trace.line.dash == "dash"} == {("cart", "page"), ("help", "cart")}
    # Both nodes stand on one row: there and back never lie on each other. Rows are counted from the top.
    there, back = drawn["cart", "help"], drawn["help", "cart"]
    assert min(there.y) < there.y[0] < max(back.y)
    assert there.line.color != back.line.color


def test_an_arrow_ends_at_its_node_and_points_there() -> None:
    figure = graph_figure(frame_of(PAIRS), stages=STAGES, stage_order=ORDER)
    at = {cells[0]: (x, y) for cells, x, y in zip(
        figure.data[-1].customdata, figure.data[-1].x, figure.data[-1].y, strict=True)}  # fmt: skip
    for (source, target), trace in arrows(figure).items():
        assert abs(trace.x[0] - at[source][0]) + abs(trace.y[0] - at[source][1]) < 0.25
        assert abs(trace.x[-1] - at[target][0]) + abs(trace.y[-1] - at[target][1]) < 0.35
        assert [size > 0 for size in trace.marker.size] == [False] * (len(trace.x) - 1) + [True]
        assert trace.marker.angleref == "previous"


def test_the_wider_the_more_transitions() -> None:
    drawn = arrows(graph_figure(frame_of(PAIRS), stages=STAGES, stage_order=ORDER))
    # 1 pixel and up to 5 more: 90 is the most, 30 a third of it.
    assert drawn["ad", "page"].line.width == 6
    assert drawn["page", "cart"].line.width == pytest.approx(1 + 5 / 3, abs=0.01)


def test_no_arrow_leaves_the_sheet() -> None:
    far = [*PAIRS, ("ad", "help", 80), ("help", "ad", 70)]
    figure = graph_figure(frame_of(far), stages=STAGES, stage_order=ORDER)
    bottom, top = figure.layout.yaxis.range
    for trace in figure.data:
        assert top < min(trace.y)
        assert max(trace.y) < bottom


def test_a_hover_tells_count_base_share_and_interval() -> None:
    cells = arrows(graph_figure(frame_of(PAIRS), stages=STAGES, stage_order=ORDER))["cart", "page"].customdata[0]
    # 10 of the 15 out of cart; Wilson by hand: 41.7 to 84.8 %.
    assert list(cells) == ["cart", "page", " · back", "10", "1", "15",
                           "66.7\u202f% (41.7–84.8\u202f%), too few to compare", "1\u202fmin"]  # fmt: skip


def test_hidden_arrows_are_counted() -> None:
    figure = graph_figure(frame_of(PAIRS), stages=STAGES, stage_order=ORDER, most=3)
    assert set(arrows(figure)) == {("ad", "page"), ("page", "page"), ("page", "cart")}
    # 160 of 182 are drawn; help and other page have no drawn arrow.
    assert caption(figure).startswith(
        "Drawn: the 3 commonest of 7 arrows, 87.9 % of 182 transitions. Hidden: 4 arrows of at most 10 transitions "
        "each, and the 2 steps that have no other."
    )
    assert caption(graph_figure(frame_of(PAIRS))).startswith("All 7 arrows of 182 transitions are drawn.")


def test_the_order_of_rows_and_small_changes_move_no_node() -> None:
    frame = frame_of(PAIRS)
    look = {"stages": STAGES, "stage_order": ORDER}
    first = graph_figure(frame, **look)
    assert first.to_json() == graph_figure(frame.sample(frac=1, random_state=2), **look).to_json()
    changed = graph_figure(frame.assign(transition_count=[20, 41, 9, 30, 6, 5, 2]), **look)
    assert (changed.data[-1].x, changed.data[-1].y) == (first.data[-1].x, first.data[-1].y)
    assert changed.data[-1].marker.color == first.data[-1].marker.color


def test_without_stages_nodes_stand_so_that_little_leads_back() -> None:
    edges = {("b", "a"): 9, ("a", "c"): 8, ("c", "b"): 1, ("c", "d"): 4, ("a", "a"): 50}
    assert order_nodes(["a", "b", "c", "d"], edges) == ["b", "a", "c", "d"]
    drawn = arrows(graph_figure(frame_of([(*pair, count) for pair, count in edges.items()])))
    assert {pair for pair, trace in drawn.items() if trace.line.dash == "dash"} == {("c", "b")}


def test_boundaries_stand_outside() -> None:
    figure = graph_figure(frame_of([*PAIRS, ("(start)", "page", 8), ("cart", "(end)", 8)]), stages=STAGES,
                          stage_order=ORDER)  # fmt: skip
    at = {cells[0]: x for cells, x in zip(figure.data[-1].customdata, figure.data[-1].x, strict=True)}
    # Names without a stage stand behind the stages.
    assert (at["(start)"], at["ad"], at["other page"], at["(end)"]) == (0, 1, 5, 6)


def test_names_stay_text() -> None:
    hostile = "<img src=x>%{x}"
    figure = graph_figure(frame_of([(hostile, "b", 3)]), stages={hostile: hostile}, title=hostile)
    assert "<img" not in figure.to_json()


def test_nothing_is_told_calmly() -> None:
    for frame in (frame_of([]), frame_of([("a", "b", 0)])):
        assert [note.text for note in graph_figure(frame).layout.annotations] == ["no data"]


def test_the_verb_draws_both_and_refuses_others() -> None:
    frame = pd.DataFrame(
        [("ann", "2026-03-01", "a"), ("ann", "2026-03-02", "b"), ("ann", "2026-03-03", "a")], columns=["p", "t", "e"]
    )
    answer = jn.from_events(frame, person="p", occurred_at="t", event="e").transitions()
    assert answer.figure().data[0].type == "heatmap"
    assert set(arrows(answer.figure(kind="graph"))) == {("a", "b"), ("b", "a")}
    with pytest.raises(JourneysError, match="'spring'"):
        answer.figure(kind="spring")
