"""Events, persons and sessions -> touchpoints and journeys."""

from __future__ import annotations

from collections.abc import Callable

from journeys.config import Settings
from journeys.errors import ModelError
from journeys.paths.rules import load_absences, match_rules
from journeys.warehouse import BuiltTable, Engine, build
from journeys.warehouse.engine import Parameters

Report = Callable[[BuiltTable], None]


def build_journeys(
    engine: Engine, settings: Settings, *, as_of_us: int, stepwise: bool = False, report: Report | None = None
) -> None:
    """Build the tables of `sql/4_paths`, of persons and of accounts, and `account_outcomes`.

    Args:
        engine: holds the tables of the stages before.
        settings: touchpoints, goals, journey rule.
        as_of_us: later events are not counted yet, and outcomes are those of that moment.
        stepwise: leave inner steps as tables.
        report: called after each table.

    Raises:
        ConfigError: a SQL predicate of a rule cannot be used.
    """
    build_person_journeys(engine, settings, as_of_us=as_of_us, stepwise=stepwise, report=report)
    build_account_journeys(engine, settings, as_of_us=as_of_us, report=report)


def build_account_journeys(engine: Engine, settings: Settings, *, as_of_us: int, report: Report | None = None) -> None:
    """Build `account_journeys` and `account_outcomes` from `person_events`; takes what `build_journeys` does."""
    with engine.scratch() as scratch:
        built = join_account_contacts(scratch, "main.person_events", journey_parameters(settings, as_of_us))
        scratch.run("CREATE OR REPLACE TABLE main.account_journeys AS SELECT * FROM temp.account_journeys")
    outcomes = judge_account_journeys(engine, as_of_us=as_of_us)
    for table in (built, outcomes):
        if report:
            report(table)


def join_account_contacts(scratch: Engine, contacts: str, parameters: Parameters) -> BuiltTable:
    """Build `account_journeys` by the models of persons, where accounts stand in the place of persons.

    Args:
        scratch: sees `event_goals` and `event_persons`; takes the inner tables, too.
        contacts: a table, or a SELECT in parentheses, with the columns of `person_events`; what has no account or
            touchpoint is left out.
        parameters: as `journey_parameters` gives them.
    """
    scratch.save(
        "person_events",
        f"""
        SELECT account_id AS person_id, session_id, event_id, source_index, sequence, occurred_at_us, touchpoint,
          channel, stage, is_bot
        FROM {contacts} WHERE account_id IS NOT NULL AND touchpoint IS NOT NULL
        """,
    )
    return build(scratch, ["touchpoints", "journeys", "account_journeys"], parameters=parameters)[-1]


def judge_account_journeys(engine: Engine, *, as_of_us: int) -> BuiltTable:
    """Write `account_outcomes`: how each of `account_journeys` stood at the end of observation."""
    with engine.scratch() as scratch:
        scratch.show("journeys", "SELECT account_id AS person_id, * EXCLUDE (account_id) FROM main.account_journeys")
        done = build(scratch, ["journey_outcomes", "account_outcomes"], parameters={"as_of_us": as_of_us})
        scratch.run("CREATE OR REPLACE TABLE main.account_outcomes AS SELECT * FROM temp.account_outcomes")
    return done[-1]


def build_person_journeys(
    engine: Engine, settings: Settings, *, as_of_us: int, stepwise: bool = False, report: Report | None = None
) -> None:
    """Match the rules of the configuration and build `person_events`, `touchpoints` and `journeys`.

    Takes and raises what `build_journeys` does.
    """
    match_rules(engine, settings)
    load_absences(engine, settings)
    parameters = journey_parameters(settings, as_of_us)
    build(engine, ["person_events", "touchpoints", "journeys"], parameters=parameters, stepwise=stepwise, report=report)


def journey_parameters(settings: Settings, as_of_us: int) -> dict[str, object]:
    """Return the parameters of the models of `sql/4_paths` for persons."""
    return {
        "is_channel_inherited": True,
        "is_source_session": False,
        "goal": settings.journey.goal,
        "inactive_us": settings.journey.inactive_us,
        "as_of_us": as_of_us,
    }


def find_as_of(engine: Engine, settings: Settings) -> int:
    """Return the earliest of the required sources' last event times, so that a lagging source fakes no drop-off.

    Raises:
        ModelError: no source has an event.
    """
    last = dict(engine.rows("SELECT source, last_us FROM data_quality WHERE last_us IS NOT NULL"))
    if not last:
        rejects = engine.rows(
            "SELECT reason, COUNT(*), MIN(file || ' line ' || CAST(line AS VARCHAR)) FROM rejected_events "
            "GROUP BY reason ORDER BY 2 DESC, 1"
        )
        raise ModelError(
            "no-events",
            "no source gave a usable event",
            found="; ".join(f"{n:,} x {reason}, first in {where}" for reason, n, where in rejects) or "no rows at all",
            do="mend the sources or their columns in the configuration; nothing was published",
        )
    required = [last[source.name] for source in settings.sources if source.required and source.name in last]
    return int(min(required) if required else max(last.values()))
