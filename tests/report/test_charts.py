from __future__ import annotations

import json

import pandas as pd
import plotly.graph_objects as go
import pytest

from journeys.report import (
    ReportContent,
    funnel_figure,
    sankey_figure,
    sessions_figure,
    touchpoints_figure,
    transitions_figure,
)
from journeys.report.charts.funnel import FUNNEL_COLUMNS

HOSTILE = "<img src=x onerror=alert(1)>%{x}<br>\u202e$a$"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;&#37;{x}&lt;br&gt;\ufffd&#36;a&#36;"


def transitions() -> pd.DataFrame:
    return pd.DataFrame(
        [("a", "b", 3, 2, 0.75, 90.0), ("a", "a", 1, 1, 0.25, 10.0), ("b", HOSTILE, 1, 1, 1.0, None)],
        columns=["from_step", "to_step", "transition_count", "person_count", "share", "median_seconds"],
    )


def sessions() -> pd.DataFrame:
    started = ["2026-03-01T23:59:59Z", "2026-03-01T08:00:00Z", "2026-03-03T00:00:00Z"]
    return pd.DataFrame({"started_at": pd.to_datetime(started), "duration_seconds": [0.0, 10.0, 10.5]})


def texts(value: object) -> list[str]:
    """Every text anywhere in a figure."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []


def test_a_funnel_bar_is_as_long_as_the_people_who_reached_it(busy_content: ReportContent) -> None:
    frame = busy_content.funnels[0].frame
    figure = funnel_figure(frame, title="Shop")
    went_on, still_open, dropped = (list(trace.x) for trace in figure.data)
    assert [sum(parts) for parts in zip(went_on, still_open, dropped, strict=True)] == list(frame["reached_count"])
    assert went_on[:-1] == list(frame["reached_count"][1:])
    assert went_on[-1] == 2251
    assert [trace.name for trace in figure.data] == ["went on", "still open", "dropped"]
    assert figure.data[1].marker.pattern.shape == "/"
    assert figure.data[0].customdata[1][5:9] == ["6\u202f911", "17\u202f704", "39.0\u202f%", "38.4–39.6\u202f%"]


def test_steps_of_one_name_stay_apart(busy_content: ReportContent) -> None:
    figure = funnel_figure(busy_content.funnels[0].frame.assign(step_name="Cart"))
    assert len(set(figure.data[0].y)) == 5


def test_a_funnel_by_segment_has_a_bar_per_step_and_segment(busy_content: ReportContent) -> None:
    frame = busy_content.funnels[0].frame
    both = pd.concat([frame.assign(device="phone"), frame.assign(device="desk")], ignore_index=True)
    figure = funnel_figure(both[["device", *frame.columns]])
    assert len(figure.data[0].x) == 10
    notes = [note.text for note in figure.layout.annotations]
    assert notes[0] == "1. Product page · phone"
    assert notes[2] == "1. Product page · desk"


def test_touchpoints_are_ranked_except_where_too_few_met_them(busy_content: ReportContent) -> None:
    frame = busy_content.touchpoints.frame
    figure = touchpoints_figure(frame)
    dots = figure.data[0]
    assert len(dots.x) == len(frame)
    many = [x for x, cells in zip(dots.x, dots.customdata, strict=True) if cells[3] != "20"]
    assert many == sorted(many, reverse=True)
    # The one that 20 persons met stands last and hollow.
    assert dots.customdata[-1][3] == "20"
    assert dots.marker.color[-1] == "#ffffff"
    assert dots.x[0] + dots.error_x.array[0] == pytest.approx(
        frame["conversion_share_high"][frame["conversion_share"].idxmax()]
    )
    assert figure.layout.shapes[0].x0 == 0.1237


def test_only_the_touchpoints_that_most_met_are_drawn(busy_content: ReportContent) -> None:
    frame = busy_content.touchpoints.frame
    many = pd.concat(
        [frame.assign(touchpoint=frame["touchpoint"] + str(copy), person_count=copy + 40) for copy in range(3)]
    )
    counts = {cells[3] for cells in touchpoints_figure(many).data[0].customdata}
    assert len(touchpoints_figure(many).data[0].x) == 40
    assert counts == {"42", "41"}


def test_transitions_stand_in_their_cells() -> None:
    heat = transitions_figure(transitions()).data[0]
    # Sources by how often they were left: a 4, b 1; targets by how often they were entered: b 3, then the others.
    assert heat.z[0][0] == 0.75
    assert heat.z[1][0] is None
    assert list(heat.customdata[0][0][:5]) == ["a", "b", "3", "2", "75.0\u202f%"]


def test_rare_transitions_are_counted_when_not_drawn() -> None:
    frame = pd.DataFrame(
        [(f"s{i:02}", f"t{i:02}", 30 - i, 1, 1.0, 1.0) for i in range(25)],
        columns=["from_step", "to_step", "transition_count", "person_count", "share", "median_seconds"],
    )
    # The five rarest have 10, 9, 8, 7 and 6 transitions.
    assert transitions_figure(frame).layout.annotations[0].text.startswith("40 transitions")


def test_sessions_by_day_show_days_without_any() -> None:
    bars = sessions_figure(sessions()).data[0]
    assert (list(bars.x), list(bars.y)) == (["2026-03-01", "2026-03-02", "2026-03-03"], [2, 0, 1])


def test_sessions_by_duration() -> None:
    bars = sessions_figure(sessions(), measure="duration").data[0]
    assert list(bars.y) == [1, 1, 1, 0, 0, 0, 0, 0]


def test_names_are_escaped_in_every_chart(busy_content: ReportContent) -> None:
    figures = [
        funnel_figure(busy_content.funnels[0].frame.assign(step_name=HOSTILE), title=HOSTILE),
        sankey_figure(
            busy_content.stage_links.frame.replace("Home page", HOSTILE), title=HOSTILE, stages={HOSTILE: HOSTILE}
        ),
        touchpoints_figure(
            busy_content.touchpoints.frame.assign(touchpoint=HOSTILE, stage=HOSTILE, channel=HOSTILE), title=HOSTILE
        ),
        transitions_figure(transitions(), title=HOSTILE),
        sessions_figure(sessions(), title=HOSTILE),
    ]
    for figure in figures:
        found = texts(json.loads(figure.to_json()))
        assert any(ESCAPED in text for text in found)
        assert not [text for text in found if "<img" in text or "%{x}" in text or "\u202e" in text]


@pytest.mark.parametrize(
    "figure",
    [
        funnel_figure(pd.DataFrame()),
        sankey_figure(pd.DataFrame()),
        touchpoints_figure(pd.DataFrame()),
        transitions_figure(transitions()[:0]),
        sessions_figure(sessions()[:0]),
        sessions_figure(sessions()[:0], measure="duration"),
        sessions_figure(pd.DataFrame({"started_at": [pd.NaT], "duration_seconds": [None]})),
    ],
)
def test_empty_frames_draw_a_calm_note(figure: go.Figure) -> None:
    assert not figure.data
    assert [note.text for note in figure.layout.annotations] == ["no data"]


def test_missing_shares_and_times_are_drawn() -> None:
    counts = dict.fromkeys(("reached_count", "dropped_count", "open_count", "mature_count"), 0)
    shares = dict.fromkeys(FUNNEL_COLUMNS[6:])
    row = {"step_index": 1, "step_name": "a"} | counts | shares
    figure = funnel_figure(pd.DataFrame([row]))
    assert list(figure.data[0].customdata[0][5:]) == ["0", "0", "–", "no interval", "–", "–"]
