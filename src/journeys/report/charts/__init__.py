"""Charts: pure functions from a result's frame to a Plotly figure."""

from __future__ import annotations

from journeys.report.charts.differences import differences_figure
from journeys.report.charts.effects import effects_figure
from journeys.report.charts.explanation import explanation_figure
from journeys.report.charts.explore import explore_figure
from journeys.report.charts.funnel import funnel_figure
from journeys.report.charts.funnel_change import change_figure
from journeys.report.charts.funnel_times import times_figure
from journeys.report.charts.funnel_trend import trend_figure
from journeys.report.charts.graph import graph_figure
from journeys.report.charts.needless import needless_figure
from journeys.report.charts.patterns import patterns_figure
from journeys.report.charts.presets import presets_figure
from journeys.report.charts.sankey import sankey_figure
from journeys.report.charts.sankeys import sankeys_figure
from journeys.report.charts.sensitivity import sensitivity_figure
from journeys.report.charts.sessions import sessions_figure
from journeys.report.charts.share_dots import backtracks_figure, rework_figure
from journeys.report.charts.step_matrix import step_matrix_difference_figure, step_matrix_figure
from journeys.report.charts.touchpoints import touchpoints_figure
from journeys.report.charts.transitions import draw_transitions, transitions_figure
from journeys.report.charts.variants import coverage_figure, variants_figure
from journeys.report.charts.waits import waits_figure

__all__ = [
    "backtracks_figure",
    "change_figure",
    "coverage_figure",
    "differences_figure",
    "draw_transitions",
    "effects_figure",
    "explanation_figure",
    "explore_figure",
    "funnel_figure",
    "graph_figure",
    "needless_figure",
    "patterns_figure",
    "presets_figure",
    "rework_figure",
    "sankey_figure",
    "sankeys_figure",
    "sensitivity_figure",
    "sessions_figure",
    "step_matrix_difference_figure",
    "step_matrix_figure",
    "times_figure",
    "touchpoints_figure",
    "transitions_figure",
    "trend_figure",
    "variants_figure",
    "waits_figure",
]
