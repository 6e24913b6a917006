"""What is known of an entrant at the entry: the first channel, and the values of columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import NO_VALUE
from journeys.insights.funnels.rule import FunnelRule
from journeys.paths.log import EventLog
from journeys.warehouse import Engine, quote_name

READ_AT = ("entry", "first")


def read_first_channel(scratch: Engine, *, unit: str, as_of_us: int) -> pd.DataFrame:
    """Return `unit_id` and the `channel` of its first event; '(none)' where it has none. Needs `funnel_best`."""
    return scratch.frame(
        f"{_firsts(unit)} SELECT unit_id, COALESCE(channel, '{NO_VALUE}') AS channel FROM firsts",
        {"as_of_us": as_of_us},
    )


def read_traits(
    log: EventLog, scratch: Engine, columns: Sequence[str], *, read_at: str, rule: FunnelRule, as_of_us: int
) -> pd.DataFrame:
    """Return `unit_id`, `attempt_index`, `column`, `value` of each entrant. Needs the tables of `write_funnel`.

    Args:
        log: the log.
        scratch: holds the funnel's tables.
        columns: columns of events.
        read_at: entry: of the event that opens the counted chain (of several at that time, the lowest event_id);
            first: of the unit's first event.
        rule: how the funnel counts.
        as_of_us: later events are not read.

    Raises:
        CallError: a column is not there or never has a value, or `read_at` is unknown.
    """
    if read_at not in READ_AT:
        raise CallError("columns-at", "columns_at= is not known", found=repr(read_at),
                        allowed=", ".join(map(repr, READ_AT)))  # fmt: skip
    parts = [_read_column(log, scratch, column, read_at, rule, as_of_us) for column in columns]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(
        columns=["unit_id", "attempt_index", "column", "value"])  # fmt: skip


def _read_column(
    log: EventLog, scratch: Engine, column: str, read_at: str, rule: FunnelRule, as_of_us: int
) -> pd.DataFrame:
    read = f"CAST({log.facts.column_sql(column)} AS VARCHAR)"
    table = quote_name(log.facts.table)
    if not scratch.rows(f"SELECT 1 FROM {table} WHERE {read} IS NOT NULL LIMIT 1"):
        raise CallError("columns", "no event has a value in the column", found=repr(column),
                        do="correct the name, or leave it out")  # fmt: skip
    events = f"""
        SELECT funnel_best.unit_id, attempt_index, MIN(event_id) AS event_id FROM funnel_best
        INNER JOIN funnel_matches ON funnel_matches.unit_id = funnel_best.unit_id AND occurred_at_us = start_us
        WHERE {"mask > 0" if rule.order == "any" else "mask & 1 = 1"}
        GROUP BY funnel_best.unit_id, attempt_index
    """
    prefix = "WITH "
    if read_at == "first":
        prefix = f"{_firsts(rule.unit)}, "
        events = "SELECT unit_id, attempt_index, event_id FROM firsts INNER JOIN funnel_best USING (unit_id)"
    found = scratch.frame(
        f"""
        {prefix} entry_events AS ({events}), facts AS (SELECT event_id, {read} AS value FROM {table})
        SELECT unit_id, attempt_index, COALESCE(value, '{NO_VALUE}') AS value
        FROM entry_events INNER JOIN facts USING (event_id) ORDER BY unit_id, attempt_index
        """,
        {"as_of_us": as_of_us} if read_at == "first" else None,
    )
    return found.assign(column=column)


def _firsts(unit: str) -> str:
    """The first event of each unit that entered."""
    return f"""
        WITH ordered AS (
          SELECT {unit}_id AS unit_id, event_id, channel, ROW_NUMBER() OVER (
            PARTITION BY {unit}_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id) AS place
          FROM person_events
          WHERE NOT is_bot AND occurred_at_us <= $as_of_us
            AND {unit}_id IN (SELECT unit_id FROM funnel_best)
        ),
        firsts AS (SELECT unit_id, event_id, channel FROM ordered WHERE place = 1)
    """
