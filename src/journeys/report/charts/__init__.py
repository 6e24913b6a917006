"""Charts: pure functions from a result's frame to a Plotly figure."""

from __future__ import annotations

from journeys.report.charts.differences import differences_figure
from journeys.report.charts.effects import effects_figure
from journeys.report.charts.explanation import explanation_figure
from journeys.report.charts.funnel import funnel_figure
from journeys.report.charts.funnel_change import change_figure
from journeys.report.charts.funnel_times import times_figure
from journeys.report.charts.funnel_trend import trend_figure
from journeys.report.charts.presets import presets_figure
from journeys.report.charts.sankey import sankey_figure
from journeys.report.charts.sensitivity import sensitivity_figure
from journeys.report.charts.sessions import sessions_figure
from journeys.report.charts.touchpoints import touchpoints_figure
from journeys.report.charts.transitions import transitions_figure

__all__ = [
    "change_figure",
    "differences_figure",
    "effects_figure",
    "explanation_figure",
    "funnel_figure",
    "presets_figure",
    "sankey_figure",
    "sensitivity_figure",
    "sessions_figure",
    "times_figure",
    "touchpoints_figure",
    "transitions_figure",
    "trend_figure",
]
