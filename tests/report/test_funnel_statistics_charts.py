"""Charts of a funnel's statistics: what is drawn where, what is hatched or hollow, and hostile names."""

from __future__ import annotations

import json

import pandas as pd
import plotly.graph_objects as go
import pytest

import journeys as jn
from journeys.report.charts import change_figure, differences_figure, times_figure, trend_figure

HOSTILE = "<img src=x onerror=alert(1)>%{x}<br>\u202e$a$"
START = 1_772_323_200
DAY = 86_400


@pytest.fixture(scope="module")
def log() -> jn.Journeys:
    """Eighty persons over twenty days, every second of whom does what the name says a day later."""
    rows = []
    for number in range(80):
        at, device = START + number * DAY // 4, f"{HOSTILE}{number % 3 // 2}"
        rows.append((f"p{number}", at, "visit", device))
        if number % 2 or number % 8 == 4:
            rows.append((f"p{number}", at + DAY, HOSTILE, device))
    frame = pd.DataFrame(rows, columns=["person", "at", "event", "device"])
    return jn.from_events(frame, person="person", occurred_at="at", event="event", unit="s", as_of="2026-03-21")


STEPS = ["visit", HOSTILE]
PERIODS = {"before": "2026-03-01..2026-03-08", "after": "2026-03-08..2026-03-15"}


def all_figures(log: jn.Journeys) -> list[go.Figure]:
    return [
        log.funnel_times(STEPS, "3d").figure(), log.funnel_trend(STEPS, "3d", every="day").figure(),
        log.compare_groups(STEPS, "3d", by="device").figure(), log.separators(STEPS, "3d", columns=["device"]).figure(),
        log.funnel_change(STEPS, "3d", by="device", **PERIODS).figure(),
    ]  # fmt: skip


def test_hostile_names_are_text_in_every_chart(log: jn.Journeys) -> None:
    for figure in all_figures(log):
        text = json.dumps(figure.to_dict(), default=str)
        assert "<img" not in text
        assert "\\u202e" not in text
        assert "$a$" not in text
        assert figure.data


def test_the_stair_runs_from_the_entry_to_the_window(log: jn.Journeys) -> None:
    answer = log.funnel_times(STEPS, "3d")
    low, high, line = answer.figure().data
    assert (line.x[0], line.y[0], line.x[-1]) == (0, 0, 3)
    assert line.y[-1] == pytest.approx(answer.frame["survival_share"].iloc[0])
    assert line.line.shape == "hv"
    assert high.fill == "tonexty"
    assert all(below <= share <= above for below, share, above in zip(low.y, line.y, high.y, strict=True))
    assert answer.figure().layout.xaxis.range == (0, 3)


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    curve = pd.DataFrame({"step_index": 2, "step_name": "buy", "seconds": range(1, 5001),
                          "share": [n / 5000 for n in range(1, 5001)], "at_risk_count": 9})  # fmt: skip
    curve = curve.assign(share_low=curve["share"], share_high=curve["share"])
    frame = pd.DataFrame([{"step_index": 2, "step_name": "buy", "horizon_seconds": 5000.0, "survival_share": 1.0,
                           "median_seconds": 2500.0, "is_too_few": False}])  # fmt: skip
    line = times_figure(frame, curve=curve).data[2]
    assert len(line.x) <= 403
    assert line.y[-1] == 1


def test_dates_that_are_not_over_are_hatched_and_hollow(log: jn.Journeys) -> None:
    frame = log.funnel_trend(STEPS, "3d", every="day").frame
    mature, immature, dots = trend_figure(frame).data
    assert len(immature.x) == frame["is_immature"].sum() > 0
    assert len(mature.x) + len(immature.x) == len(frame) == len(dots.x)
    assert immature.marker.pattern.shape == "/"
    assert not mature.marker.pattern.shape
    hollow = [colour == "#ffffff" for colour in dots.marker.color]
    assert hollow == frame["is_immature"].tolist()


def test_finds_are_filled_chance_is_hollow_and_too_few_say_so() -> None:
    common = {"mature_count": 90, "converted_count": 30, "conversion_share": 1 / 3, "conversion_share_low": 0.25,
              "conversion_share_high": 0.43, "other_count": 90, "other_converted_count": 20,
              "other_share": 2 / 9}  # fmt: skip
    rows = [("a", 0.2, 0.01, False), ("b", -0.2, 0.01, False), ("c", 0.1, 0.4, False), ("d", 0.9, None, True)]
    frame = pd.DataFrame([
        {"colour": name, **common, "difference": size, "difference_low": size - 0.1, "difference_high": size + 0.1,
         "q_value": q, "is_too_few": few}
        for name, size, q, few in rows
    ])  # fmt: skip
    figure = differences_figure(frame)
    fills = [trace.marker.color for trace in figure.data]
    assert fills[0] != fills[1]
    assert fills[2] == "#ffffff"
    assert [trace.error_x.visible for trace in figure.data] == [True, True, True, False]
    assert [note.text for note in figure.layout.annotations].count("too few") == 1
    assert figure.layout.xaxis.range[1] < 0.5, "too few do not widen the axis"


def test_the_waterfall_leads_from_before_to_after(log: jn.Journeys) -> None:
    answer = log.funnel_change(STEPS, "3d", by="device", **PERIODS)
    ends, parts = answer.figure().data
    assert next(iter(parts.base)) == ends.x[0]
    assert parts.base[-1] + parts.x[-1] == pytest.approx(ends.x[1])


def test_nothing_to_draw_is_said() -> None:
    nothing = pd.DataFrame()
    for figure in (times_figure(nothing, curve=nothing), trend_figure(nothing), differences_figure(nothing),
                   change_figure(nothing, total=nothing)):  # fmt: skip
        assert not figure.data
        assert figure.layout.annotations
