"""The answers of a night: computed once from the finished tables, kept beside them, and read back for the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from journeys.config import Settings
from journeys.identity import describe_rule
from journeys.identity.accounts import ACCOUNT_WORDS
from journeys.insights.answer import Answer
from journeys.insights.funnels.configured import read_funnel
from journeys.insights.funnels.count import count_funnel
from journeys.insights.marks import Anchors
from journeys.insights.paths.links import PathView, follow_stages
from journeys.insights.paths.transitions import count_transitions
from journeys.insights.touchpoints.count import count_touchpoints
from journeys.paths.log import EventLog
from journeys.report.bot_figures import count_bot_figures
from journeys.report.content import NamedTable, ReportContent
from journeys.report.funnel_steps import read_funnel_steps, write_funnel_steps
from journeys.report.gates import read_verdicts, warned_texts
from journeys.report.key_figures import count_key_figures
from journeys.report.run_warnings import list_warnings
from journeys.report.who_is_who import read_who_is_who
from journeys.sources.events import session_rule
from journeys.sources.responses import build_responses, count_notes
from journeys.units import time_text
from journeys.warehouse import BuiltTable, Engine, Snapshot, build
from journeys.warehouse.conditions import read_facts


def store_answers(
    engine: Engine,
    settings: Settings,
    *,
    as_of_us: int,
    missed: Sequence[str] = (),
    report: Callable[[BuiltTable], None] | None = None,
) -> None:
    """Compute the configured answers and keep them as tables.

    Writes `journey_outcomes`, `transitions`, `touchpoint_stats`, `funnel_steps`, `stage_links`, `stage_coverage`,
    `stage_steps`, `bot_figures`, `responses`, `key_figures`, `run_warnings` and `definitions` (name, its JSON).

    Args:
        engine: holds the finished tables of all stages before.
        settings: the configuration.
        as_of_us: the end of observation.
        missed: warnings of the run so far, such as a source that could not be read.
        report: called after each table.
    """
    build(engine, ["journey_outcomes"], parameters={"as_of_us": as_of_us}, report=report)
    facts = read_facts(engine, "events", properties="properties")
    log = EventLog(engine, as_of_us, settings.project.timezone, facts)
    inactive_us = settings.journey.inactive_us
    goal = Anchors(goal=settings.journey.goal, missing="zero")
    view = PathView(settings.report.depth, settings.report.top)
    stages = follow_stages(log, view, goal=settings.journey.goal, inactive_us=inactive_us)
    transitions = count_transitions(log)
    steps = pd.concat([stages.tables["stages"], transitions.tables["stages"].dropna(subset="stage")])
    answers = {
        "transitions": transitions,
        "touchpoint_stats": count_touchpoints(log, goal, inactive_us=inactive_us),
        "stage_links": stages,
        "stage_coverage": Answer(stages.tables["coverage"], stages.definition),
        "stage_steps": Answer(steps.drop_duplicates("step_name")[["step_name", "stage"]], stages.definition),
        "bot_figures": count_bot_figures(engine, settings, as_of_us=as_of_us),
    }
    funnels = {}
    for funnel in settings.funnels:
        funnels[funnel.name] = count_funnel(log, *read_funnel(funnel, missing="zero"))
    for name, answer in answers.items():
        engine.load(name, answer.frame)
    write_funnel_steps(engine, funnels)
    build_responses(engine, settings)
    engine.load("key_figures", count_key_figures(engine, settings, as_of_us=as_of_us))
    warnings = [*missed, *list_warnings(log, settings), *count_notes(engine)]
    engine.load("run_warnings", pd.DataFrame({"warning": pd.Series(warnings, dtype="str")}))
    definitions = {**answers, **{f"funnel {name}": answer for name, answer in funnels.items()}}
    texts = {name: json.dumps(answer.definition, ensure_ascii=False) for name, answer in definitions.items()}
    engine.load("definitions", pd.DataFrame({"name": list(texts), "definition": list(texts.values())}))


def read_content(engine: Engine, settings: Settings, snapshot: Snapshot) -> ReportContent:
    """Read the answers of a published snapshot as the content of a page.

    Args:
        engine: shows the snapshot's tables.
        settings: the configuration.
        snapshot: the published snapshot.
    """
    definitions = {name: json.loads(text) for name, text in engine.rows("SELECT name, definition FROM definitions")}
    funnels = tuple(
        NamedTable(
            funnel.name,
            read_funnel_steps(engine, funnel.name),
            definitions[f"funnel {funnel.name}"],
        )
        for funnel in settings.funnels
        if f"funnel {funnel.name}" in definitions  # else it was added after this snapshot was made
    )
    links = engine.frame("SELECT * FROM stage_links ORDER BY step_index, count DESC, from_step, to_step")
    touchpoints = engine.frame("SELECT * FROM touchpoint_stats ORDER BY person_count DESC, touchpoint")
    bots = engine.frame("SELECT * FROM bot_figures")
    return ReportContent(
        project_name=settings.project.name,
        as_of=time_text(snapshot.manifest.as_of_us),
        timezone=settings.project.timezone,
        currency=settings.project.currency,
        snapshot_id=snapshot.manifest.snapshot_id,
        key_figures=engine.frame("SELECT * FROM key_figures"),
        funnels=funnels,
        stage_links=NamedTable("Through the stages", links, definitions["stage_links"]),
        stage_of=dict(engine.rows("SELECT step_name, stage FROM stage_steps")),
        stage_order=tuple(stage.name for stage in settings.stages),
        stage_coverage=_read_if_there(engine, "stage_coverage"),
        transitions=NamedTable("What follows what", _read_if_there(engine, "transitions"), definitions["transitions"]),
        touchpoints=NamedTable("Touchpoints", touchpoints, definitions["touchpoint_stats"]),
        who_is_who=read_who_is_who(engine, settings, snapshot.manifest),
        bots=NamedTable("Bots", bots, definitions["bot_figures"]),
        data_quality=engine.frame("SELECT * FROM data_quality ORDER BY source_index"),
        rejects=count_rejects(engine),
        warnings=(*(row[0] for row in engine.rows("SELECT warning FROM run_warnings")), *warned_texts(engine)),
        definitions=_terms(settings, definitions, has_accounts=engine.row_count("accounts") > 0),
        parameters=_parameters(settings),
        fingerprint=snapshot.manifest.data_fingerprint,
        product_version=snapshot.manifest.product_version,
        verdicts=read_verdicts(engine),
    )


def _read_if_there(engine: Engine, name: str) -> pd.DataFrame:
    """Read a table that an older snapshot lacks; empty then."""
    there = engine.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_name = $name", {"name": name})
    return engine.frame(f"SELECT * FROM {name}") if there else pd.DataFrame()


def count_rejects(engine: Engine) -> pd.DataFrame:
    """Count the refused rows by source and reason, each with the first example's file and line.

    Returns:
        `source`, `reason`, `count`, `example_file`, `example_line`.
    """
    return engine.frame(
        """
        SELECT source, reason, COUNT(*) AS count, ARG_MIN(file, (file, line)) AS example_file,
          ARG_MIN(line, (file, line)) AS example_line
        FROM rejected_events GROUP BY source, reason ORDER BY source, count DESC, reason
        """
    )


def _terms(settings: Settings, definitions: dict[str, Any], *, has_accounts: bool) -> tuple[tuple[str, str], ...]:
    goal, days = settings.journey.goal, settings.journey.inactive_days
    journey = (
        f"A person's contacts from the first to {goal}, or to {days} days without one (lost); until then it is open. "
        "What comes later is the person's next journey."
    )
    return (
        ("Event", "One recorded row, each counted once: repeats of an event_id are dropped and counted."),
        ("Person", describe_rule(settings.identity.rule)),
        *([("Account", ACCOUNT_WORDS)] if has_accounts else []),
        ("Session", session_rule(settings).words()),
        ("Bot", definitions["bot_figures"]["rule"]),
        (
            "Touchpoint",
            "An event that matches a touchpoint rule (of several the first) or a goal of the configuration.",
        ),
        ("Journey", journey),
        ("Way through the stages", definitions["stage_links"]["rule"]),
        ("Touchpoint table", definitions["touchpoint_stats"]["rule"]),
        ("As of", "The earliest of the required sources' last events, so that a source that lags fakes no drop-off."),
        ("Interval", "95 % Wilson interval of a share."),
    )


def _parameters(settings: Settings) -> tuple[tuple[str, str], ...]:
    session = settings.session
    return (
        ("identity rule", settings.identity.rule),
        ("session timeout", session.timeout),
        ("journey goal", settings.journey.goal),
        ("journey inactive_days", str(settings.journey.inactive_days)),
        ("sankey depth, top", f"{settings.report.depth}, {settings.report.top}"),
        ("settings fingerprint", settings.fingerprint()),
    )
