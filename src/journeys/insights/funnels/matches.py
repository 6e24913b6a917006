"""The events a funnel is counted over: which steps and exclusions each one meets, as bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from journeys.insights.funnels.rule import FunnelRule
from journeys.paths.log import EventLog
from journeys.paths.steps import Step, step_sql
from journeys.warehouse import Engine, quote_name, select_model

_HINT = "; missing='zero' (--missing zero) counts it as never reached"
_NONE = "CAST(NULL AS VARCHAR)"


def prepare_matches(
    log: EventLog, scratch: Engine, steps: Sequence[Step], rule: FunnelRule, as_of_us: int, *, only: str | None = None
) -> None:
    """Write `funnel_names` and `funnel_matches`.

    `funnel_matches` has one row per event that meets a step or an exclusion (under order='strict' per event):
    `unit_id`, `person_id`, `event_id`, `occurred_at_us`, `source_index`, `sequence`, `mask` (bit k-1 for step k),
    `xmask` (bit e for exclusion e), `hold_value`, `by_value`. With `only`, it has the rows of this one unit, and beside
    those that count (`is_counted`) the ones that do not: of robots, after as_of, without a value to hold; and `is_bot`,
    `event` and `asked_mask`, the steps it meets before contacts are counted.

    Raises:
        CallError: a step or an excluded event never occurs, or a column is not there.
    """
    tests = [step_sql(log, each, missing=rule.missing, hint=_HINT) for each in steps]
    excluded = [step_sql(log, each.step, missing=rule.missing, hint=_HINT) for each in rule.exclude]
    _match_events(log, scratch, {"mask": _bits(tests), "xmask": _bits(excluded)}, rule, as_of_us, only)
    if rule.contacts is not None and rule.contacts > 1:
        _count_contacts(scratch, len(steps), rule.contacts, counted="TRUE" if only is None else "is_counted")
    _name_levels(scratch, steps, rule)


def _match_events(
    log: EventLog, scratch: Engine, bits: Mapping[str, str], rule: FunnelRule, as_of_us: int, only: str | None
) -> None:
    columns = {"hold_value": rule.hold, "by_value": rule.by}
    reads = ", ".join(
        f"{_NONE if column is None else f'CAST({log.facts.column_sql(column)} AS VARCHAR)'} AS {name}"
        for name, column in columns.items()
    )
    joined = ""
    if rule.hold or rule.by:
        joined = f"INNER JOIN (SELECT event_id, {reads} FROM {quote_name(log.facts.table)}) AS facts USING (event_id)"
        reads = ", ".join(columns)
    unit = f"{rule.unit}_id"
    counted = f"NOT is_bot AND occurred_at_us <= $as_of_us AND {unit} IS NOT NULL"
    held = "hold_value IS NOT NULL" if rule.hold else "TRUE"
    asked = "" if only is None else f", is_bot, event, {bits['mask']} AS asked_mask, {counted} AS is_in_view"
    scratch.save(
        "funnel_matches",
        f"""
        WITH tested AS (
          SELECT {unit} AS unit_id, person_id, event_id, occurred_at_us, source_index, sequence,
            {", ".join(f"{test} AS {name}" for name, test in bits.items())}{asked}
          FROM person_events WHERE {counted if only is None else f"{unit} = $only"}
        ),
        kept AS (SELECT * FROM tested WHERE {"TRUE" if rule.order == "strict" else "mask + xmask > 0"})
        SELECT kept.*, {reads}{"" if only is None else f", is_in_view AND {held} AS is_counted"}
        FROM kept {joined} WHERE {held if only is None else "TRUE"}
        """,
        {"as_of_us": as_of_us} | ({} if only is None else {"only": only}),
    )


def _bits(tests: Sequence[str]) -> str:
    parts = [f"CASE WHEN {test} THEN {1 << place} ELSE 0 END" for place, test in enumerate(tests)]
    return f"CAST({' + '.join(parts) or '0'} AS BIGINT)"


def _count_contacts(scratch: Engine, step_count: int, contacts: int, *, counted: str) -> None:
    """Keep of each step only the events at which so many persons of the account have met it."""
    met = [
        f"SELECT unit_id, person_id, event_id, occurred_at_us, source_index, sequence, "
        f"CAST({place + 1} AS BIGINT) AS step_index FROM funnel_matches WHERE mask & {1 << place} > 0 AND {counted}"
        for place in range(step_count)
    ]
    scratch.save("funnel_met", " UNION ALL ".join(met))
    scratch.save("funnel_contacts", *select_model("funnel_contacts", {"contact_count": contacts}))
    scratch.save(
        "funnel_matches",
        """
        WITH counted AS (
          SELECT event_id, CAST(SUM(1 << (step_index - 1)) AS BIGINT) AS mask FROM funnel_contacts GROUP BY event_id
        )
        SELECT funnel_matches.* REPLACE (COALESCE(counted.mask, 0) AS mask)
        FROM funnel_matches LEFT JOIN counted USING (event_id)
        """,
    )


def _name_levels(scratch: Engine, steps: Sequence[Step], rule: FunnelRule) -> None:
    names = [each.name for each in steps]
    if rule.order == "any":
        names = [f"any {level} of {len(steps)}" for level in range(1, len(steps) + 1)]
    table = {
        "step_index": pa.array(range(1, len(steps) + 1), pa.int64()),
        "step_name": names,
        "is_optional": [each.is_optional for each in steps],
    }
    scratch.load("funnel_names", pa.table(table))
