"""Landed rows -> events: judged, each once, with channel and bot flag."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from journeys.config import Identity, Settings
from journeys.schema import LANDED_COLUMNS, IdentifierKind
from journeys.sources.bots import bot_parameters, flag_user_agents
from journeys.sources.channels import classify_channels
from journeys.sources.identifiers import list_given, repair_identifiers
from journeys.sources.visits import SessionRule, build_visits
from journeys.warehouse import BuiltTable, Engine, build, quote_text, show_model

_JUDGED_TABLES = ("source_counts", "rejected_events", "repeated_rows", "accepted_rows", "row_identifiers",
                  "blocked_identifiers")  # fmt: skip
# Only needed to make the others.
_INNER_TABLES = ("given_identifiers", "identifier_repairs", "channels", "user_agents", "known_repeats")
_ORIGIN = "'^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*'"
_TRAFFIC = f"""
    WITH parts AS (
      SELECT DISTINCT COALESCE(traffic_source, '') AS traffic_source, COALESCE(medium, '') AS medium,
        COALESCE(campaign, '') AS campaign, COALESCE(REGEXP_EXTRACT(referrer, {_ORIGIN}, 0), '') AS referrer,
        COALESCE(REGEXP_EXTRACT(url, {_ORIGIN}, 0), '') AS url
      FROM landed_rows WHERE is_interaction
    )
    SELECT *, concat_ws(CHR(31), traffic_source, medium, campaign, referrer, url) AS traffic_key FROM parts
"""


def build_events(
    engine: Engine,
    settings: Settings,
    landed: Sequence[Path],
    *,
    stepwise: bool = False,
    report: Callable[[BuiltTable], None] | None = None,
) -> None:
    """Judge the landed rows of all sources and build the tables of `sql/1_events`, and `data_quality`.

    Args:
        engine: takes the tables; `events` and `contact_rows` are views of `accepted_rows`.
        settings: identifier, channel, session and bot rules.
        landed: Parquet files with the landed rows, as `pull_source` writes them.
        stepwise: leave inner steps as tables.
        report: called after each table.
    """
    files = ", ".join(quote_text(str(path)) for path in landed)
    engine.run(f"CREATE OR REPLACE TEMP VIEW landed_rows AS SELECT * FROM read_parquet([{files}])")
    load_no_repeats(engine)
    judge_rows(engine, settings, stepwise=stepwise, report=report)
    engine.run("DROP VIEW landed_rows")
    find_visits(engine, settings, stepwise=stepwise, report=report)
    show_model(engine, "contact_rows")
    show_model(engine, "events")
    build(engine, ["data_quality"], stepwise=stepwise, report=report)


def judge_rows(
    engine: Engine,
    settings: Settings,
    *,
    stepwise: bool = False,
    report: Callable[[BuiltTable], None] | None = None,
) -> None:
    """Judge landed rows: `accepted_rows`, `row_identifiers`, `rejected_events`, and how many were what.

    Writes `source_counts`, `repeated_rows` and `blocked_identifiers` too.

    Args:
        engine: holds `landed_rows`, and `known_repeats`: what is kept already of keys that come again.
        settings: identifier and channel rules.
        stepwise: leave inner steps as tables.
        report: called after each table.
    """
    _classify(engine, settings)
    load_kinds(engine, settings.identity.kinds)
    list_given(engine, settings.identity)
    repair_identifiers(engine, settings.identity)
    build(engine, _JUDGED_TABLES, stepwise=stepwise, report=report)
    for name in _INNER_TABLES:
        engine.run(f"DROP TABLE {name}")


def count_blocked(engine: Engine, identity: Identity) -> None:
    """Count in `blocked_identifiers` the values on `landed_rows` that never identify anybody."""
    list_given(engine, identity)
    repair_identifiers(engine, identity)
    build(engine, ["blocked_identifiers"])


def load_no_repeats(engine: Engine) -> None:
    """Write `known_repeats` without a row: nothing is kept yet."""
    engine.save(
        "known_repeats",
        "SELECT '' AS repeat_key, CAST(0 AS BIGINT) AS kept_count, CAST(0 AS BIGINT) AS kept_us, "
        "'' AS kept_properties LIMIT 0",
    )


def find_visits(
    engine: Engine,
    settings: Settings,
    *,
    stepwise: bool = False,
    report: Callable[[BuiltTable], None] | None = None,
) -> None:
    """Cut device visits of `accepted_rows` and find bots: `visit_events`, `visit_bots` and `event_bots`."""
    build_visits(engine, session_rule(settings), stepwise=stepwise, report=report)
    build(engine, ["visit_bots"], parameters=bot_parameters(settings.bots), stepwise=stepwise, report=report)
    build(engine, ["event_bots"], stepwise=stepwise, report=report)


def build_no_events(engine: Engine) -> None:
    """Build `events` without a row, to prove on its columns what will be asked of it."""
    engine.save("landed_rows", no_landed_rows())
    engine.save("channels", "SELECT '' AS traffic_key, '' AS channel LIMIT 0")
    engine.save("user_agents", "SELECT '' AS user_agent, FALSE AS is_bot LIMIT 0")
    build_plain_events(engine)


def no_landed_rows() -> str:
    """Write a SELECT with the columns of landed rows and no row."""
    columns = ", ".join(f"CAST(NULL AS {column.type}) AS {column.name}" for column in LANDED_COLUMNS)
    return f"SELECT {columns} LIMIT 0"


def build_plain_events(engine: Engine) -> None:
    """Build `events` of rows whose identifiers are taken as they are given and none of which is a bot's."""
    load_kinds(engine, ())
    engine.save(
        "given_identifiers",
        "SELECT '' AS source, '' AS file, 1 AS reading, CAST(0 AS BIGINT) AS line, '' AS identifier_kind, "
        "'' AS given_value LIMIT 0",
    )
    engine.save(
        "identifier_repairs",
        "SELECT '' AS identifier_kind, '' AS given_value, '' AS identifier_value, '' AS reason LIMIT 0",
    )
    load_no_repeats(engine)
    engine.save("event_bots", "SELECT '' AS event_id, '' AS stream_id, '' AS bot_reason LIMIT 0")
    build(engine, ["accepted_rows"])
    show_model(engine, "events")


def load_kinds(engine: Engine, kinds: Sequence[IdentifierKind]) -> None:
    """Write `identifier_kinds` (identifier_kind, strength, person_limit)."""
    engine.load(
        "identifier_kinds",
        pa.table(
            {
                "identifier_kind": pa.array([kind.name for kind in kinds], pa.string()),
                "strength": pa.array([kind.strength for kind in kinds], pa.int64()),
                "person_limit": pa.array([kind.person_limit for kind in kinds], pa.int64()),
            }
        ),
    )


def session_rule(settings: Settings) -> SessionRule:
    """Return the configured session rule."""
    session = settings.session
    return SessionRule(
        timeout_us=session.timeout_us,
        is_gap_inclusive=session.gap_inclusive,
        max_length_us=session.max_length_us,
        is_midnight_split=session.midnight,
        is_campaign_split=session.campaign,
        is_source_id_kept=session.keep_source_id,
    )


def _classify(engine: Engine, settings: Settings) -> None:
    """Look up the channel of each distinct traffic and the bot flag of each distinct user agent, as small tables."""
    traffic = engine.frame(_TRAFFIC)
    channels = classify_channels(traffic, settings.channels)
    engine.load(
        "channels",
        pa.table(
            {
                "traffic_key": pa.array(traffic["traffic_key"].tolist(), pa.string()),
                "channel": pa.array([value if isinstance(value, str) else None for value in channels["channel"]],
                                    pa.string()),
            }
        ),
    )  # fmt: skip
    agents = [row[0] for row in engine.rows("SELECT DISTINCT user_agent FROM landed_rows WHERE user_agent IS NOT NULL")]
    flags = flag_user_agents(agents) if settings.bots.user_agents else [False] * len(agents)
    engine.load(
        "user_agents",
        pa.table(
            {
                "user_agent": pa.array(agents, pa.string()),
                "is_bot": pa.array(flags, pa.bool_()),
            }
        ),
    )
