"""Groups side by side: one scale, one order, one set of names."""

from __future__ import annotations

import html

import pandas as pd
import plotly.graph_objects as go
import pytest

from journeys.errors import JourneysError
from journeys.report import sankeys_figure

COLUMNS = ["device", "step_index", "from_step", "to_step", "count"]
LINKS = pd.DataFrame(
    [
        ("phone", 1, "a", "b", 60), ("phone", 1, "a", "(dropped)", 20), ("phone", 1, "b", "(open)", 20),
        ("phone", 2, "b", "(converted)", 60),
        ("desk", 1, "b", "(other)", 6), ("desk", 1, "a", "b", 4), ("desk", 2, "(other)", "(open)", 6),
        ("desk", 2, "b", "(converted)", 4),
        ("tv", 1, "a", "(open)", 3),
    ],
    columns=COLUMNS,
)  # fmt: skip
COVERAGE = pd.DataFrame(
    [("desk", 10, 4, 0.4, 0.1682, 0.6873, 0), ("phone", 100, 100, 1.0, 0.963, 1.0, 0), ("tv", 3, 3, 1.0, 0.44, 1.0, 0)],
    columns=["device", "entrant_count", "named_count", "named_share", "named_share_low", "named_share_high",
             "more_count"],
)  # fmt: skip


def pixels(figure: go.Figure) -> list[dict[tuple[int, str], float]]:
    """Height in pixels of every node of every panel, by Plotly's own rule for the scale."""
    sheet = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    panels = []
    for trace in figure.data:
        height = sheet * (trace.domain.y[1] - trace.domain.y[0])
        sizes: dict[int, list[float]] = {}
        for place in range(len(trace.node.x)):
            comes = sum(v for v, t in zip(trace.link.value, trace.link.target, strict=True) if t == place)
            leaves = sum(v for v, s in zip(trace.link.value, trace.link.source, strict=True) if s == place)
            sizes[place] = max(comes, leaves)
        columns: dict[float, list[float]] = {}
        for place, x in enumerate(trace.node.x):
            columns.setdefault(x, []).append(sizes[place])
        scale = min((height - (len(c) - 1) * trace.node.pad) / sum(c) for c in columns.values())
        names = [(int(cells[1]), cells[0]) for cells in trace.node.customdata]
        panels.append({name: sizes[place] * scale for place, name in enumerate(names)})
    return panels


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_equal_shares_are_equally_high_in_both_groups() -> None:
    phone, desk = pixels(sankeys_figure(LINKS, by="device"))
    # 60 of 100 and 6 of 10; all of each group at the first step.
    assert phone[2, "b"] == pytest.approx(desk[2, "(other)"], rel=0.01)
    assert phone[1, "a"] + phone[1, "b"] == pytest.approx(desk[1, "a"] + desk[1, "b"], rel=0.01)


def test_equal_counts_are_equally_high_where_counts_are_asked_for() -> None:
    phone, desk = pixels(sankeys_figure(LINKS, by="device", scale="count"))
    # 60 and 6 persons.
    assert phone[2, "b"] == pytest.approx(10 * desk[2, "(other)"], rel=0.01)


@pytest.mark.parametrize("scale", ["share", "count"])
def test_a_group_of_one_node_per_step_keeps_the_scale(scale: str) -> None:
    phone, tv = pixels(sankeys_figure(LINKS, by="device", groups=["phone", "tv"], scale=scale))
    expected = 1.0 if scale == "share" else 100 / 3
    assert phone[1, "a"] + phone[1, "b"] == pytest.approx(expected * tv[1, "a"], rel=0.01)


def test_order_and_colours_are_the_same_in_both_groups() -> None:
    first, second = sankeys_figure(LINKS, by="device").data
    for step in (1, 2, 3):
        orders, colours = [], {}
        for trace in (first, second):
            names = [cells[0] for cells in trace.node.customdata if int(cells[1]) == step]
            orders.append(names)
            for cells, colour in zip(trace.node.customdata, trace.node.color, strict=True):
                assert colours.setdefault(cells[0], colour) == colour
        shared = set(orders[0]) & set(orders[1])
        assert [name for name in orders[0] if name in shared] == [name for name in orders[1] if name in shared]


def test_the_two_largest_groups_are_drawn_and_the_others_told() -> None:
    figure = sankeys_figure(LINKS, by="device", coverage=COVERAGE)
    headings = [text for text in texts(figure) if text.startswith("<b>")]
    assert headings == ["<b>device: phone</b>  100 journeys", "<b>device: desk</b>  10 journeys"]
    caption = html.unescape(texts(figure)[-1].replace("<br>", " ")).replace("\u202f", " ")
    assert "1 more group of 3 journeys not drawn." in caption
    assert "phone: All 100 journeys are shown by name at every step drawn." in caption
    assert "desk: Shown by name at every step drawn: 4 of 10 journeys, 40.0 % (16.8–68.7 %)." in caption


def test_the_rest_is_drawn_only_where_there_is_no_other_group() -> None:
    links = LINKS.replace({"device": {"phone": "(rest)"}})
    figure = sankeys_figure(links, by="device")
    assert [text.split("</b>")[0] for text in texts(figure) if text.startswith("<b>")] == [
        "<b>device: desk", "<b>device: tv"
    ]  # fmt: skip


def test_short_panels_stand_beside_and_long_ones_under_each_other() -> None:
    beside = sankeys_figure(LINKS, by="device").data
    assert beside[0].domain.x[1] < beside[1].domain.x[0]
    more = [("phone", step, "c", "c" if step < 5 else "(open)", 9) for step in range(3, 6)]
    under = sankeys_figure(pd.concat([LINKS, pd.DataFrame(more, columns=COLUMNS)]), by="device").data
    assert under[0].domain.x == under[1].domain.x
    assert under[1].domain.y[1] < under[0].domain.y[0]


def test_names_of_columns_and_groups_stay_text() -> None:
    hostile = "<i>%{x}</i>"
    links = LINKS.rename(columns={"device": hostile}).replace({hostile: {"phone": hostile}})
    assert "<i>" not in sankeys_figure(links, by=hostile).to_json()


@pytest.mark.parametrize(
    "keywords", [{"groups": ["radio"]}, {"groups": []}, {"groups": ["tv", "tv"]}, {"scale": "metres"}]
)
def test_what_cannot_be_drawn_is_said(keywords: dict) -> None:
    with pytest.raises(JourneysError):
        sankeys_figure(LINKS, by="device", **keywords)


def test_no_links_are_told_calmly() -> None:
    assert texts(sankeys_figure(LINKS[:0], by="device")) == ["no data"]
