"""Answers -> what people read: charts, and one self-contained page."""

from __future__ import annotations

from journeys.report.charts import (
    funnel_figure,
    graph_figure,
    sankey_figure,
    sankeys_figure,
    sensitivity_figure,
    sessions_figure,
    touchpoints_figure,
    transitions_figure,
)
from journeys.report.content import NamedTable, Notice, ReportContent, WhoIsWho
from journeys.report.labels import plain_label
from journeys.report.page import render_report

__all__ = [
    "NamedTable",
    "Notice",
    "ReportContent",
    "WhoIsWho",
    "funnel_figure",
    "graph_figure",
    "plain_label",
    "render_report",
    "sankey_figure",
    "sankeys_figure",
    "sensitivity_figure",
    "sessions_figure",
    "touchpoints_figure",
    "transitions_figure",
]
