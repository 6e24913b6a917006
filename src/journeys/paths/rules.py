"""Touchpoint rules and goals: which events are contacts, of what name, channel and stage, and which are conversions."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from journeys.config import Goal, Match, Settings, TouchpointRule
from journeys.errors import ConfigError, ModelError
from journeys.sources.events import build_no_events
from journeys.units import US_PER_DAY
from journeys.warehouse import Engine, quote_text
from journeys.warehouse.conditions import Facts, match_sql, read_facts


def match_rules(engine: Engine, settings: Settings) -> None:
    """Decide for every event which touchpoint it is (the first rule that matches) and which goals it meets.

    Writes `event_touchpoints` (event_id, stream_id, touchpoint, channel, stage) and `event_goals` (event_id, stream_id,
    goal, stage, value_amount).

    Raises:
        ConfigError: SQL predicates cannot be used; names each rule.
    """
    facts = read_facts(engine, "events", properties="properties")
    try:
        _match_touchpoints(engine, settings, facts)
        _match_goals(engine, settings, facts)
    except ModelError as error:
        raise ConfigError(str(settings.path), find_rule_problems(engine, settings) or [str(error)]) from error


def load_absences(engine: Engine, settings: Settings) -> None:
    """Write `absence_stages` (stage, absent_us): the stages that silence puts a person in."""
    absences = [stage for stage in settings.stages if stage.absent_days]
    engine.load(
        "absence_stages",
        pa.table(
            {
                "stage": pa.array([stage.name for stage in absences], pa.string()),
                "absent_us": pa.array([(stage.absent_days or 0) * US_PER_DAY for stage in absences], pa.int64()),
            }
        ),
    )


def prove_rules(settings: Settings) -> None:
    """Prove the SQL of all rules on an empty table of events.

    Raises:
        ConfigError: a predicate names a column that is not there, or is no predicate; names each rule.
    """
    with Engine() as engine:
        build_no_events(engine)
        if problems := find_rule_problems(engine, settings):
            raise ConfigError(str(settings.path), problems)


def find_rule_problems(engine: Engine, settings: Settings) -> list[str]:
    """Try every touchpoint rule and goal on `events`, and say which SQL predicates fail and why."""
    facts = read_facts(engine, "events", properties="properties")
    problems = []
    rules: list[TouchpointRule | Goal] = [*settings.touchpoints, *settings.goals]
    for rule in rules:
        try:
            engine.rows(f"SELECT COUNT(CASE WHEN {_rule_sql(rule, facts)} THEN 1 END) FROM {facts.table}")
        except ModelError as error:
            kind = "touchpoint" if isinstance(rule, TouchpointRule) else "goal"
            reason = " ".join(error.found.split("LINE ")[0].split())
            problems.append(
                f'[[{kind}]] "{rule.name}".sql: {reason}; found {rule.sql!r}; '
                f"allowed: a predicate over {', '.join(sorted(facts.columns))}"
            )
    return problems


def _match_touchpoints(engine: Engine, settings: Settings, facts: Facts) -> None:
    rules = settings.touchpoints
    engine.load(
        "touchpoint_rules",
        pa.table(
            {
                "rule_index": pa.array([rule.index for rule in rules], pa.int64()),
                "touchpoint": pa.array([rule.name for rule in rules], pa.string()),
                "channel": pa.array([rule.channel for rule in rules], pa.string()),
                "stage": pa.array([rule.stage for rule in rules], pa.string()),
            }
        ),
    )
    cases = [f"WHEN {_rule_sql(rule, facts)} THEN {rule.index}" for rule in rules]
    chosen = f"CASE {' '.join(cases)} END" if cases else "NULL"
    engine.save(
        "event_touchpoints",
        f"""
        WITH matched AS (SELECT event_id, stream_id, {chosen} AS rule_index FROM {facts.table})
        SELECT event_id, stream_id, touchpoint, channel, stage FROM matched
        INNER JOIN touchpoint_rules ON touchpoint_rules.rule_index = matched.rule_index
        """,
    )


def _match_goals(engine: Engine, settings: Settings, facts: Facts) -> None:
    selects = [
        f"""
        SELECT event_id, stream_id, {quote_text(goal.name)} AS goal,
          CAST({quote_text(goal.stage) if goal.stage else "NULL"} AS VARCHAR) AS stage,
          TRY_CAST({facts.column_sql(goal.value)} AS DOUBLE) AS value_amount
        FROM {facts.table} WHERE {_rule_sql(goal, facts)}
        """
        for goal in settings.goals
    ]
    engine.save("event_goals", " UNION ALL ".join(selects))


def _rule_sql(rule: TouchpointRule | Goal, facts: Facts) -> str:
    """Write a rule as a predicate; one given as SQL was read when the configuration was, and stands on its own line."""
    return match_sql(rule.match.to_dict(), facts) if isinstance(rule.match, Match) else f"({rule.sql}\n)"


def goals_sql(settings: Settings, facts: Facts) -> str:
    """Write the goals as one predicate, never null: events that meet any of them."""
    return " OR ".join(f"COALESCE({_rule_sql(goal, facts)}, FALSE)" for goal in settings.goals)


def unmatched_names(engine: Engine, *, top: int = 10) -> Sequence[tuple[str, int]]:
    """Return the commonest event names that no rule and no goal matched, with their counts."""
    return engine.rows(
        """
        SELECT event, COUNT(*) AS event_count FROM person_events
        WHERE touchpoint IS NULL AND NOT is_bot GROUP BY event ORDER BY event_count DESC, event LIMIT $top
        """,
        {"top": top},
    )
