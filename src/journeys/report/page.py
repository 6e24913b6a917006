"""The report as one HTML file that asks the network for nothing and may be opened from disk, mailed or archived."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from journeys.insights.statistics.intervals import MIN_BASE
from journeys.report import formats
from journeys.report.bot_figures import view_bots
from journeys.report.charts import funnel_figure, graph_figure, sankey_figure, touchpoints_figure
from journeys.report.charts.funnel import find_by_column, is_open_funnel
from journeys.report.charts.touchpoints import MOST_DOTS
from journeys.report.content import NamedTable, ReportContent
from journeys.report.findings import find_in_short
from journeys.report.labels import clean_text, shorten
from journeys.report.views import view_cards, view_definition, view_quality, view_steps, view_touchpoints
from journeys.report.who_is_who import view_aliases, view_refusals
from journeys.version import VERSION

_NAME_WIDTH = 64
_TITLE_WIDTH = 400
# A page is read, not searched: longer tables belong to the snapshot.
_MOST_ROWS = 200
_STAGES_RULE = (
    "Each person's steps are counted one by one and run on after the goal, so that retention and advocacy are seen."
)
_PACKAGE = "journeys.report"
_FOLDER = "page_files"


@dataclass(frozen=True)
class Chart:
    """A figure ready for the page: its element's id, what it shows in words, its room and its JSON."""

    id: str
    words: str
    height: int
    min_width: int
    json: Markup


def render_report(content: ReportContent) -> str:
    """Write the whole report as one HTML page.

    The page holds everything it needs and forbids itself every request. The same content gives the same bytes.

    Args:
        content: the answers to show; empty frames give calm sections that say there is nothing.

    Returns:
        The page's HTML, to be written as UTF-8.
    """
    script, plotly_script = _script_text(_page_file("report.js")), _script_text(get_plotlyjs())
    template = _environment().get_template("report.html.j2")
    return template.render(
        content=content,
        csp=_security_policy((plotly_script, script)),
        style=Markup(_page_file("report.css")),  # noqa: S704 - our own file
        plotly_script=Markup(plotly_script),  # noqa: S704 - Plotly's own bundle
        script=Markup(script),  # noqa: S704 - our own file
        as_of=formats.moment_text(content.as_of, content.timezone),
        version=content.product_version or VERSION,
        cards=view_cards(content),
        in_short=find_in_short(content),
        funnels=[_view_funnel(table, place) for place, table in enumerate(content.funnels, start=1)],
        stages=_view_stages(content),
        touchpoints=_view_touchpoints(content),
        who=content.who_is_who,
        kinds=formats.read_rows(content.who_is_who.kinds),
        refusals=view_refusals(content.who_is_who.refusals),
        large_persons=formats.read_rows(content.who_is_who.large_persons),
        aliases=view_aliases(content.who_is_who.aliases),
        bots=view_bots(content.bots),
        bots_definition=view_definition(content.bots.definition),
        quality=view_quality(content.data_quality),
        notice=content.notice,
        notice_time=formats.moment_text(content.notice.started_at, content.timezone) if content.notice else "",
        verdicts=formats.read_rows(content.verdicts),
        rejects=formats.read_rows(content.rejects)[:_MOST_ROWS],
        reject_count=len(content.rejects),
        most_rows=_MOST_ROWS,
        parameters=view_definition(dict(content.parameters)),
        few_persons=MIN_BASE,
    )


def _view_funnel(table: NamedTable, place: int) -> dict[str, Any]:
    words = f"Bar chart of the funnel {_short_text(table.name)}; the table below it has the same numbers"
    return {
        "name": table.name,
        "chart": _chart(f"funnel-{place}", funnel_figure(table.frame), words),
        "rows": formats.read_rows(table.frame),
        "by": find_by_column(table.frame),
        "is_open": is_open_funnel(table.frame),
        "definition": view_definition(table.definition),
    }


def _view_stages(content: ReportContent) -> dict[str, Any]:
    table = content.stage_links
    look: dict[str, Any] = {"stages": content.stage_of, "stage_order": content.stage_order}
    figure = sankey_figure(table.frame, **look, coverage=content.stage_coverage)
    pairs = content.transitions
    graph = graph_figure(pairs.frame, **look)
    words = "Sankey chart of the touchpoints people met, step by step; the list below it names the commonest"
    return {
        "chart": _chart("stage-sankey", figure, words),
        "steps": view_steps(table.frame),
        "rule": table.definition.get("rule") or _STAGES_RULE,
        "definition": view_definition(table.definition),
        "has_graph": not pairs.frame.empty,
        "graph": _chart("transitions-graph", graph, "Graph of the touchpoints that follow one another, by stage"),
        "graph_definition": view_definition(pairs.definition),
    }


def _view_touchpoints(content: ReportContent) -> dict[str, Any]:
    table = content.touchpoints
    figure = touchpoints_figure(table.frame, stage_order=content.stage_order)
    words = "Dots with intervals: conversion share after each touchpoint; the table below it has the same numbers"
    return {
        "chart": _chart("touchpoint-dots", figure, words),
        "rows": view_touchpoints(table.frame)[:_MOST_ROWS],
        "count": len(table.frame),
        "drawn_count": min(len(table.frame), MOST_DOTS),
        "definition": view_definition(table.definition),
    }


def _chart(chart_id: str, figure: go.Figure, words: str) -> Chart:
    # Through `json` and not Plotly's faster engine where it is installed: the bytes must not depend on that.
    raw = json.loads(figure.to_json(engine="json"))
    return Chart(
        id=chart_id,
        words=words,
        height=int(raw["layout"]["height"]),
        min_width=(raw["layout"].get("meta") or {}).get("min_width", 0),
        json=_json_block({"data": raw["data"], "layout": raw["layout"]}),
    )


def _json_block(value: Any) -> Markup:
    """Write JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - holds no character that HTML acts upon


def _script_text(source: str) -> str:
    """Write a script as the browser will read it, so that its fingerprint in the policy fits."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"<(?=/script|!--)", r"\\x3c", source, flags=re.IGNORECASE)


def _security_policy(scripts: tuple[str, ...]) -> str:
    """Forbid every request, and every script but our own: one smuggled in with a name would not run either."""
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE, _FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        name=_show_name,
        short=_short_text,
        count=formats.count_text,
        persons=formats.persons_text,
        share=formats.share_text,
        seconds=formats.seconds_text,
    )
    environment.globals.update(interval=formats.interval_text)
    return environment


def _short_text(text: object) -> str:
    return shorten(clean_text(text), _NAME_WIDTH)


def _show_name(text: object, width: int = _NAME_WIDTH) -> Markup:
    """Show a name from data: set apart from the text direction around it, a long one shortened with a title."""
    cleaned = clean_text(text)
    short = shorten(cleaned, width)
    if short == cleaned:
        return Markup("<bdi>{}</bdi>").format(short)
    return Markup('<bdi title="{}">{}</bdi>').format(escape(shorten(cleaned, _TITLE_WIDTH)), short)


def _page_file(name: str) -> str:
    return resources.files(_PACKAGE).joinpath(_FOLDER, name).read_text(encoding="utf-8")
