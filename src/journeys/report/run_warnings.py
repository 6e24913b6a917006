"""What somebody should know of a night's numbers although nothing failed: rules that match nothing, values not read."""

from __future__ import annotations

from journeys.config import FunnelSettings, Settings, is_user_email
from journeys.paths.log import EventLog
from journeys.paths.rules import unmatched_names
from journeys.report.formats import count_text
from journeys.report.labels import clean_text, shorten
from journeys.warehouse import Engine


def list_warnings(log: EventLog, settings: Settings) -> list[str]:
    """List what the finished tables of a night give to warn of, one text each.

    Args:
        log: the night's events, persons, touchpoints and goals.
        settings: the configuration.
    """
    unused = [
        f"Touchpoint {rule.name!r}: its rule matches no event that an earlier rule has not taken."
        for rule in settings.touchpoints
        if rule.name not in log.touchpoint_names and not rule.is_suggested
    ]
    noted = log.engine.rows(
        "SELECT source, note, COUNT(*) FROM events WHERE note IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return [
        *settings.warnings,
        *_lacking_identifiers(log.engine, settings),
        *_alarms(log.engine, settings),
        *_unreached_goal(log, settings),
        *_absent_steps(log, settings.funnels),
        *unused,
        *(f"Source {source!r}: accepted events with {note}: {count_text(count)}." for source, note, count in noted),
        *_unmatched_events(log.engine),
    ]


def _unreached_goal(log: EventLog, settings: Settings) -> list[str]:
    """Say that nobody reaches the goal at which journeys end, and which goals are reached."""
    goal = settings.journey.goal
    if goal in log.goal_names:
        return []
    reached = log.engine.rows(
        "SELECT goal, COUNT(DISTINCT person_id) FROM event_goals INNER JOIN person_events USING (event_id) "
        "WHERE NOT is_bot GROUP BY goal ORDER BY 2 DESC, 1"
    )
    text = f"Goal {goal!r}, at which journeys end, is reached by nobody"
    if not reached:
        return [f"{text}; see the rule of the goal."]
    others = ", ".join(f"{name!r} is, by {count_text(count)}" for name, count in reached)
    return [f"{text}; {others}. `goal` in [journey] says at which one journeys end."]


def _absent_steps(log: EventLog, funnels: tuple[FunnelSettings, ...]) -> list[str]:
    known = log.touchpoint_names | log.goal_names | log.event_names
    found = []
    for funnel in funnels:
        names = [
            name
            for steps in funnel.steps
            for name in ([steps] if isinstance(steps, str) else steps if isinstance(steps, tuple) else [])
        ]
        absent = list(dict.fromkeys(name for name in names if name not in known))
        if absent:
            steps = f"step{'s' if len(absent) > 1 else ''} {', '.join(map(repr, absent))}"
            verbs = "occur and count" if len(absent) > 1 else "occurs and counts"
            found.append(f"Funnel {funnel.name!r}: {steps} never {verbs} as not reached.")
    return found


def _unmatched_events(engine: Engine) -> list[str]:
    unmatched = unmatched_names(engine, top=5)
    shown = ", ".join(f"{shorten(clean_text(name), 60)} ({count_text(count)})" for name, count in unmatched)
    advice = "`journeys catalogue --rules` suggests rules."
    return [f"Commonest events that no touchpoint rule matches: {shown}. {advice}"] if unmatched else []


def _lacking_identifiers(engine: Engine, settings: Settings) -> list[str]:
    """Say which mapped identifiers no row of a source carries: most often a column of another name."""
    seen = set(
        engine.rows(
            """
            WITH usable AS (
              SELECT event_id, source, device_id, user_id FROM events
              UNION ALL SELECT event_id, source, device_id, user_id FROM contact_rows
            )
            SELECT source, 'device_id' FROM usable GROUP BY source HAVING COUNT(device_id) > 0
            UNION ALL SELECT source, 'user_id' FROM usable GROUP BY source HAVING COUNT(user_id) > 0
            UNION ALL SELECT DISTINCT source, identifier_kind FROM usable INNER JOIN row_identifiers USING (event_id)
            """
        )
    )
    filled = {row[0] for row in engine.rows("SELECT source FROM data_quality WHERE accepted_count > 0")}
    seen |= {(source.name, "email") for source in settings.sources if is_user_email(source)}
    return [
        f"Source {source.name!r}: no usable row has a value for {kind}; see the column it is mapped to."
        for source in settings.sources
        for kind in [*(name for name in ("device_id", "user_id") if name in source.columns), *source.identifiers]
        if source.name in filled and (source.name, kind) not in seen
    ]


def _alarms(engine: Engine, settings: Settings) -> list[str]:
    count, most = engine.rows("SELECT COUNT(*), MAX(identifier_count) FROM large_persons")[0]
    if not count:
        return []
    who = "1 person has" if count == 1 else f"{count_text(count)} persons have"
    size = f"more than {settings.identity.alarm_size} identifiers (the largest {count_text(most)})"
    return [f"{who} {size}: most often one value that names nobody; `journeys identity` says what to look at."]
