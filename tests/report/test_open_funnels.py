"""Open funnels on the page: bars as of any funnel, and in hover and table who entered where."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from journeys.report import NamedTable, ReportContent, funnel_figure, render_report
from journeys.report.charts.funnel import find_by_column
from journeys.report.findings import find_in_short


@pytest.fixture
def opened() -> pd.DataFrame:
    """1,000 come to the page, 400 go on to the cart, where 150 more enter."""
    rows = [
        (1, "Page", 1000, 1000, 400, 500, 100, 900, 1080, 1.0, 900 / 1080, 0.81, 0.854, 0.0),
        (2, "Cart", 550, 150, 200, 300, 50, 500, 1080, 380 / 900, 500 / 1080, 0.433, 0.493, 60.0),
        (3, "Order", 280, 80, 0, 0, 0, 260, 1080, 190 / 500, 260 / 1080, 0.216, 0.267, 3600.0),
    ]
    return pd.DataFrame(
        rows,
        columns=["step_index", "step_name", "reached_count", "entered_count", "continued_count", "dropped_count",
                 "open_count", "mature_count", "mature_entrant_count", "step_share", "overall_share",
                 "overall_share_low", "overall_share_high", "median_seconds_from_first"],
    )  # fmt: skip


def test_bars_are_as_long_as_all_who_reached_and_shares_of_all_who_entered(opened: pd.DataFrame) -> None:
    figure = funnel_figure(opened)
    assert [list(trace.x) for trace in figure.data] == [[400, 200, 280], [100, 50, 0], [500, 300, 0]]
    cart = list(figure.data[0].customdata[1])
    assert cart[5:8] == ["500", "1\u202f080", "46.3\u202f%"]
    assert cart[11:] == ["150", "400"]
    assert (
        "entered here %{customdata[11]}<br>came from the step before %{customdata[12]}" in figure.data[0].hovertemplate
    )
    # Not all enter at step 1: its share is told too.
    assert any("83.3\u202f%" in note.text for note in figure.layout.annotations)


def test_a_split_open_funnel_has_a_bar_per_step_and_value(opened: pd.DataFrame) -> None:
    both = pd.concat([opened.assign(device="desk"), opened.assign(device="phone", mature_entrant_count=2000)])
    assert find_by_column(both) == "device"
    figure = funnel_figure(both)
    bases = {cells[0]: cells[6] for cells in figure.data[0].customdata}
    assert bases["2. Cart · desk"] == "1\u202f080"
    assert bases["2. Cart · phone"] == "2\u202f000"


def test_a_closed_funnel_may_be_split_by_a_column_of_such_a_name(busy_content: ReportContent) -> None:
    frame = busy_content.funnels[0].frame.assign(entered_count="web")
    assert find_by_column(frame) == "entered_count"


def test_the_table_names_who_entered_and_what_the_shares_are_of(
    busy_content: ReportContent, opened: pd.DataFrame
) -> None:
    funnels = (busy_content.funnels[0], NamedTable("Anywhere", opened))
    page = render_report(replace(busy_content, funnels=funnels))
    tables = re.findall(r'aria-label="Table of the funnel.*?</table>', page, re.DOTALL)
    assert ["Entered here" in table for table in tables] == [False, True]
    cells = re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", tables[1])
    assert cells[:9] == ["Step", "Reached", "Entered here", "Went on", "Dropped after", "Still open", "Window closed",
                         "Came on, of step before", "Of all who entered"]  # fmt: skip
    assert cells[20:25] == ["2. <bdi>Cart</bdi>", "550", "150", "200", "300"]
    said = [finding for finding in find_in_short(replace(busy_content, funnels=funnels)) if finding.name == "Anywhere"]
    assert [(each.second_name, each.after[:12]) for each in said] == [("Page", ": 500 of 1\u202f0")]
