from __future__ import annotations

import html
import itertools
import json
from collections import defaultdict

import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.report import ReportContent, sankey_figure
from journeys.report.labels import text_width

ENDS = {"(converted)", "(dropped)", "(open)", "(more)", "(end)"}


def links_of(paths: list[list[str]]) -> pd.DataFrame:
    """Count the links of paths whose last name is an end."""
    counts: dict[tuple[int, str, str], int] = defaultdict(int)
    for path in paths:
        for index in range(len(path) - 1):
            counts[index + 1, path[index], path[index + 1]] += 1
    rows = [(*key, count, count / len(paths)) for key, count in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["step_index", "from_step", "to_step", "count", "share"])


def flows(figure: go.Figure) -> tuple[dict[int, float], dict[int, float]]:
    inflow: dict[int, float] = defaultdict(float)
    outflow: dict[int, float] = defaultdict(float)
    link = figure.data[0].link
    for source, target, value in zip(link.source, link.target, link.value, strict=True):
        outflow[source] += value
        inflow[target] += value
    return inflow, outflow


def nodes_of(figure: go.Figure) -> list[tuple[int, str]]:
    """(step, full name) of every node, in order."""
    return [(int(cells[1]), cells[0]) for cells in figure.data[0].node.customdata]


def check_balance(figure: go.Figure) -> None:
    inflow, outflow = flows(figure)
    nodes = nodes_of(figure)
    assert len(set(nodes)) == len(nodes)
    for place, (step, name) in enumerate(nodes):
        if step == 1:
            assert inflow[place] == 0
        elif name in ENDS:
            assert outflow[place] == 0
        else:
            assert inflow[place] == outflow[place]
    assert sum(outflow[place] for place, (step, _) in enumerate(nodes) if step == 1) == sum(
        inflow[place] for place, (_, name) in enumerate(nodes) if name in ENDS
    )


def test_three_people_make_these_nodes_and_links() -> None:
    figure = sankey_figure(links_of([["a", "b", "(converted)"], ["a", "(dropped)"], ["b", "a", "(open)"]]))
    nodes = nodes_of(figure)
    assert nodes == [(1, "a"), (1, "b"), (2, "a"), (2, "b"), (2, "(dropped)"), (3, "(converted)"), (3, "(open)")]
    link = figure.data[0].link
    found = {(nodes[s], nodes[t], v) for s, t, v in zip(link.source, link.target, link.value, strict=True)}
    assert found == {
        ((1, "a"), (2, "b"), 1), ((1, "a"), (2, "(dropped)"), 1), ((1, "b"), (2, "a"), 1),
        ((2, "b"), (3, "(converted)"), 1), ((2, "a"), (3, "(open)"), 1),
    }  # fmt: skip
    # Wilson by hand with z = 1.96: 1 of 3 and 1 of 2.
    told = ["1", "3", "33.3\u202f% (6.1–79.2\u202f%), too few to compare"]
    assert list(link.customdata[0])[2:] == [*told, "2", "50.0\u202f% (9.5–90.5\u202f%), too few to compare"]
    assert list(figure.data[0].node.customdata[2])[3:] == told
    check_balance(figure)


def test_the_shop_is_balanced(busy_content: ReportContent) -> None:
    check_balance(sankey_figure(busy_content.stage_links.frame, stages=busy_content.stage_of))


names = st.sampled_from(["a", "b", "c", "(other)", "<br>", "%{x}", "(x)"])
paths = st.lists(
    st.tuples(st.lists(names, min_size=1, max_size=5), st.sampled_from(sorted(ENDS))).map(
        lambda pair: [*pair[0], pair[1]]
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(paths)
def test_people_are_kept_and_places_are_usable(walks: list[list[str]]) -> None:
    frame = links_of(walks)
    figure = sankey_figure(frame)
    node = figure.data[0].node
    inflow, outflow = flows(figure)
    assert sum(figure.data[0].link.value) == frame["count"].sum()
    assert all(0 < place < 1 for place in (*node.x, *node.y))
    height = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    columns: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for place, x in enumerate(node.x):
        columns[x].append((node.y[place] * height, max(inflow[place], outflow[place])))
    # Plotly's own rule for the scale of nodes; with it no two nodes of a column may overlap or leave the sheet.
    scale = min((height - (len(c) - 1) * node.pad) / sum(size for _, size in c) for c in columns.values())
    for column in columns.values():
        edges = [(middle - size * scale / 2, middle + size * scale / 2) for middle, size in column]
        assert all(upper[1] < lower[0] + 0.5 for upper, lower in itertools.pairwise(edges))
        assert edges[0][0] > -1
        assert edges[-1][1] < height + 1


def test_order_of_rows_changes_nothing(busy_content: ReportContent) -> None:
    frame = busy_content.stage_links.frame
    shuffled = frame.sample(frac=1, random_state=3)
    first, second = (sankey_figure(f, stages=busy_content.stage_of).to_json() for f in (frame, shuffled))
    assert first == second


def test_a_name_keeps_its_colour_without_stages() -> None:
    small = sankey_figure(links_of([["a", "(open)"]]))
    large = sankey_figure(links_of([["a", "b", "(open)"], ["c", "a", "(dropped)"]]))
    colours = {name: colour for (_, name), colour in zip(nodes_of(large), large.data[0].node.color, strict=True)}
    assert colours["a"] == small.data[0].node.color[0]


def test_stages_give_colours_by_their_order() -> None:
    frame = links_of([["a", "b", "c", "(open)"]])
    stages = {"a": "late", "b": "early"}
    figure = sankey_figure(frame, stages=stages, stage_order=("early", "late"))
    other = sankey_figure(frame[:2], stages=stages, stage_order=("early", "late"))
    colours = dict(zip(nodes_of(figure), figure.data[0].node.color, strict=True))
    assert len({colours[1, "a"], colours[2, "b"], colours[3, "c"], colours[4, "(open)"]}) == 4
    assert colours[1, "a"] == dict(zip(nodes_of(other), other.data[0].node.color, strict=True))[1, "a"]


def test_a_touchpoint_with_the_name_of_an_end_goes_on() -> None:
    figure = sankey_figure(links_of([["(converted)", "(dropped)", "b", "(open)"]]))
    inflow, outflow = flows(figure)
    assert [(inflow[place], outflow[place]) for place in range(4)] == [(0, 1), (1, 1), (1, 1), (1, 0)]


def test_markup_in_names_stays_text() -> None:
    figure = sankey_figure(links_of([["<b>%{x}</b>", "(open)"]]), title="<i>t</i>")
    node = figure.data[0].node
    assert node.label[0].startswith("&lt;b&gt;&#37;{x}&lt;/b&gt;<br>1")
    assert node.customdata[0][0] == "&lt;b&gt;&#37;{x}&lt;/b&gt;"
    assert figure.layout.title.text == "&lt;i&gt;t&lt;/i&gt;"


def test_long_names_are_short_in_labels_and_bounded_in_hovers() -> None:
    figure = sankey_figure(links_of([["x" * 10_000, "(open)"]]))
    assert figure.data[0].node.label[0] == "x" * 21 + "…<br>1"
    assert len(figure.to_json()) < 20_000


def test_a_revisit_looks_like_its_first_visit_and_shows_its_number() -> None:
    long = "a touchpoint of a long name"
    again = f"{long} (12)"
    frame = links_of([[long, "b", again, "(open)"]])
    figure = sankey_figure(frame, touchpoints={long: long, "b": "b", again: long})
    node = figure.data[0].node
    assert node.color[0] == node.color[2] != node.color[1]
    assert node.label[2].endswith("… (12)<br>1")
    assert text_width(node.label[2].split("<br>")[0]) <= 22


def test_counts_move_no_node_past_another() -> None:
    first = [["a", "x", "(open)"], ["b", "x", "(open)"], ["b", "y", "(open)"]]
    second = [["a", "y", "(open)"], ["a", "y", "(open)"], ["a", "x", "(open)"], ["b", "y", "(open)"]]
    figures = [sankey_figure(links_of(paths)) for paths in (first, second)]
    assert nodes_of(figures[0]) == nodes_of(figures[1])
    assert figures[0].data[0].node.color == figures[1].data[0].node.color


def test_the_caption_says_how_many_journeys_are_shown() -> None:
    frame = links_of([["a", "(open)"], ["(other)", "(more)"]])
    columns = ["entrant_count", "named_count", "named_share", "named_share_low", "named_share_high", "more_count"]
    told = pd.DataFrame([(2, 1, 0.5, 0.0945, 0.9055, 1)], columns=columns)
    note = sankey_figure(frame, coverage=told).layout.annotations[-1].text
    assert html.unescape(note.replace("<br>", " ")).replace("\u202f", " ") == (
        "Shown by name at every step drawn: 1 of 2 journeys, 50.0 % (9.4–90.5 %). The others pass through (other) at "
        "least once; 50.0 % of all go on after step 1."
    )
    assert "name at every" not in sankey_figure(frame).to_json()


@pytest.mark.parametrize(
    "frame", [pd.DataFrame(), links_of([["a", "(open)"]])[:0], links_of([["a", "(open)"]]).assign(count=0)]
)
def test_nothing_is_said_calmly(frame: pd.DataFrame) -> None:
    figure = sankey_figure(frame)
    assert not figure.data
    assert [note.text for note in figure.layout.annotations] == ["no data"]
    json.loads(figure.to_json())
