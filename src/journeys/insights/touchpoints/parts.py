"""Part the population by what was known at each one's first contact."""

from __future__ import annotations

from journeys.errors import CallError
from journeys.insights.answer import NO_VALUE
from journeys.paths.log import EventLog
from journeys.warehouse import Engine, quote_text, select_model
from journeys.warehouse.conditions import nearest_text

ALL = "(all)"


def part_units(log: EventLog, scratch: Engine, by: object) -> None:
    """Write `unit_parts` (unit_id, part): the value of a column or property at each unit's first contact.

    Args:
        log: the log.
        scratch: holds `path_cut` and `path_units`.
        by: the column, as conditions name it; none makes one part of all. A null value is `(none)`.

    Raises:
        CallError: `by` is no column and no event has such a property.
    """
    if by is None:
        scratch.save("unit_parts", f"SELECT unit_id, {quote_text(ALL)} AS part FROM path_units")
        return
    if not isinstance(by, str) or not by:
        raise CallError("by", "by= is no column", found=repr(by), allowed="the name of a column or property")
    column = log.facts.column_sql(by)
    scratch.save("first_contacts", *select_model("first_contacts"))
    scratch.save(
        "unit_parts",
        f"SELECT first_contacts.unit_id, COALESCE(CAST(facts.value AS VARCHAR), {quote_text(NO_VALUE)}) AS part "
        f"FROM first_contacts LEFT JOIN (SELECT event_id, {column} AS value FROM {log.facts.table}) AS facts "
        "ON facts.event_id = first_contacts.event_id",
    )
    if by not in log.facts.columns and not _is_known(log, scratch, column):
        raise CallError("by", "by= names no column, and no event has a property of that name", found=repr(by),
                        allowed="a column or property that conditions may name",
                        do=nearest_text(by, log.facts.columns))  # fmt: skip


def _is_known(log: EventLog, scratch: Engine, column: str) -> bool:
    """Tell whether any event has the property; the first contacts are asked first, for they are fewer."""
    if scratch.value(f"SELECT COUNT(*) FROM unit_parts WHERE part <> {quote_text(NO_VALUE)}"):
        return True
    return bool(scratch.value(f"SELECT 1 FROM {log.facts.table} WHERE {column} IS NOT NULL LIMIT 1"))
