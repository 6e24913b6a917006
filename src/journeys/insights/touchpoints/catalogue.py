"""The catalogue of what no touchpoint rule takes: by event and kind of address, each with a rule to paste."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.statistics.intervals import share_of
from journeys.insights.touchpoints.suggest import Group, name_groups, rule_toml, suggest_conditions
from journeys.insights.touchpoints.templates import open_template_sql, template_sql
from journeys.paths.log import EventLog
from journeys.warehouse import Engine, select_model

_COLUMNS = ["event", "address", "event_count", "share", "cumulative_share", "person_count", "first_seen_at",
            "last_seen_at", "example", "touchpoint", "rule"]  # fmt: skip
_MOST = 1_000
# More different pages than this in one place of a site are kinds of one page.
_MOST_SIBLINGS = 20


@dataclass(frozen=True)
class RulesKnown:
    """What a log knows of rules.

    Attributes:
        has_rules: touchpoint rules were applied, though there may be none; else every event counts.
        names: names that rules have.
        goals: SQL predicate of the goals; '' without.
    """

    has_rules: bool = False
    names: Collection[str] = ()
    goals: str = ""


def list_catalogue(
    log: EventLog, known: RulesKnown, *, address: str | None = "url", top: int = 50, as_of: object = None
) -> Answer:
    """List what no touchpoint rule takes, the commonest first.

    Args:
        log: the log.
        known: what is known of rules.
        address: column or property with the address of a page; none groups by event alone, as in a log without `url`.
        top: groups shown.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per event and kind of address (without query; as `*` ids, hashes, numbers, dates and e-mail
        addresses of the path, and its last part where it has more than 20 siblings): `event_count`, its `share` of all
        such events and the `cumulative_share`, `person_count`, `first_seen_at`, `last_seen_at`, an `example`, a name
        for a `touchpoint`, and the `rule` as TOML, which matches just these events of all that no rule takes. The
        definition counts what is not shown.

    Raises:
        CallError: `top` is no number of rows, or the address is no column.
    """
    if isinstance(top, bool) or not isinstance(top, int) or not 1 <= top <= _MOST:
        raise CallError("top", "top= is no number of rows", found=repr(top), allowed=f"1 to {_MOST}")
    column = _address_column(log, address)
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        _read_values(log, scratch, column, has_rules=known.has_rules, as_of_us=as_of_us)
        scratch.save("unmatched_groups", *select_model("unmatched_groups"))
        frame = scratch.frame(
            """
            SELECT group_index, unmatched_groups.event, unmatched_groups.template AS address, event_count, person_count,
              MAKE_TIMESTAMP(first_us) AS first_seen_at, MAKE_TIMESTAMP(last_us) AS last_seen_at, example, has_query,
              has_fragment, is_open
            FROM unmatched_groups INNER JOIN (
              SELECT group_index, COUNT(DISTINCT person_id) AS person_count FROM unmatched_seen
              INNER JOIN templated_values ON templated_values.event = unmatched_seen.event
                AND templated_values.address IS NOT DISTINCT FROM
                  CASE WHEN unmatched_seen.has_address THEN unmatched_seen.address END
                AND templated_values.is_goal = unmatched_seen.is_goal
              INNER JOIN unmatched_groups ON unmatched_groups.event = templated_values.event
                AND unmatched_groups.template IS NOT DISTINCT FROM templated_values.template
              WHERE NOT unmatched_seen.is_goal AND group_index <= $top GROUP BY group_index
            ) AS seen USING (group_index) ORDER BY group_index
            """,
            {"top": top},
        )
        totals = "COUNT(*), CAST(COALESCE(SUM(event_count), 0) AS BIGINT)"
        group_count, unmatched_count = scratch.rows(f"SELECT {totals} FROM unmatched_groups")[0]
        groups = [
            Group(
                row["group_index"],
                row["event"],
                _text(row["address"]),
                row["has_query"],
                row["has_fragment"],
                row["is_open"],
            )
            for row in frame.to_dict("records")
        ]
        conditions = suggest_conditions(scratch, groups, log.facts, address=column, goals=known.goals)
    names = name_groups(groups, known.names)
    frame["touchpoint"] = pd.Series([names[group.index] for group in groups], dtype="str")
    frame["rule"] = pd.Series([rule_toml(names[group.index], conditions[group.index]) for group in groups], dtype="str")
    frame["share"] = share_of(frame["event_count"], pd.Series(unmatched_count, index=frame.index))
    frame["cumulative_share"] = frame["share"].cumsum()
    rule = (
        "Events that no touchpoint rule takes and that meet no goal, robots left out, by event"
        + (f" and by {column!r}, where ids, hashes, numbers, dates and e-mail addresses in the path are *, so is its "
           f"last part where more than {_MOST_SIBLINGS} stand in one place, and the query is dropped" if column else "")
        + f". The {len(frame):,} commonest of {group_count:,} groups. share is of all {unmatched_count:,} such events. "
        "Each rule matches just the events of its row, of all that no rule takes; paste it behind the other rules."
    )  # fmt: skip
    definition = log.describe(rule, as_of_us, {"address": column, "top": top})
    definition |= {"unmatched_count": unmatched_count, "group_count": group_count,
                   "shown_count": int(frame["event_count"].sum())}  # fmt: skip
    return Answer(frame[_COLUMNS], definition)


def _address_column(log: EventLog, address: str | None) -> str | None:
    """Return the address column; `url` is taken where there is one."""
    if address is not None and (not isinstance(address, str) or address in ("", "event")):
        raise CallError(
            "address", "address= is no column", found=repr(address), allowed="the name of a column, or None"
        )
    if address is None or (address == "url" and address not in log.facts.columns):
        return None
    log.facts.column_sql(address)
    return address


def _read_values(log: EventLog, scratch: Engine, column: str | None, *, has_rules: bool, as_of_us: int) -> None:
    """Write `unmatched_seen` and `templated_values`: the different values, each with its template."""
    read = f"CAST({log.facts.column_sql(column)} AS VARCHAR)" if column else "CAST(NULL AS VARCHAR)"
    scratch.show("event_addresses", f"SELECT event_id, {read} AS address FROM {log.facts.table}")
    given = {"has_rules": has_rules, "as_of_us": as_of_us}
    scratch.save("unmatched_seen", *select_model("unmatched_seen", given))
    select, parameters = select_model("unmatched_values")
    scratch.save(
        "templated_values",
        f"""
        WITH filled AS (
          SELECT event, is_goal, event_count, first_us, last_us, CASE WHEN has_address THEN address END AS address
          FROM ({select})
        ),
        plain AS (SELECT filled.*, {template_sql("address")} AS plain_template FROM filled),
        opened AS (SELECT plain.*, {open_template_sql("plain_template", "address")} AS open_template FROM plain),
        siblings AS (
          SELECT event, open_template, COUNT(DISTINCT plain_template) > {_MOST_SIBLINGS} AS is_open
          FROM opened GROUP BY event, open_template
        )
        SELECT opened.event, opened.address, is_goal, event_count, first_us, last_us,
          CASE WHEN siblings.is_open THEN opened.open_template ELSE plain_template END AS template,
          COALESCE(siblings.is_open, FALSE) AS is_open,
          contains(split_part(opened.address, '#', 1), '?') AS has_query,
          contains(opened.address, '#') AS has_fragment
        FROM opened LEFT JOIN siblings
          ON siblings.event = opened.event AND siblings.open_template = opened.open_template
        """,
        parameters,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
