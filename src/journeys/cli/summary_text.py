"""Who is who in numbers, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from journeys.report.labels import clean_text, shorten

_MOST_LARGE = 10
_WIDTH = 160


def summary_lines(numbers: Mapping[str, Any]) -> Iterator[str]:
    """Yield persons, identifiers, refusals, large persons and changed ids, a line each."""
    yield f"as of {numbers['as_of']}, rule {numbers['rule']}"
    yield (f"persons {numbers['person_count']:,}, of them {numbers['known_person_count']:,} known by more than a "
           f"device; {numbers['bot_person_count']:,} bots apart")  # fmt: skip
    yield "\nidentifiers"
    for row in numbers["identifiers"]:
        yield f"  {row['identifier_kind']:<16} {row['identifier_count']:>12,} of {row['person_count']:,} persons"
    yield "\nrefused" if numbers["refused"] else "\nrefused: nothing"
    for row in numbers["refused"]:
        yield (f"  {row['guard']:<16} {row['identifier_count']:>12,} identifiers, {row['link_count']:,} links, "
               f"{row['event_count']:,} rows")  # fmt: skip
    large = numbers["large_persons"]
    yield f"\npersons of more than {numbers['alarm_size']:,} identifiers: {len(large):,}"
    for row in large[:_MOST_LARGE]:
        held = shorten(clean_text(row["bridges"]), _WIDTH) or "no single identifier"
        yield f"  {row['person_id']} {row['identifier_count']:>11,}, held together by {held}"
    if len(large) > _MOST_LARGE:
        yield f"  and {len(large) - _MOST_LARGE:,} more (--format json shows all)"
    changed = numbers["changed_ids"]
    yield f"\nperson ids changed in the last night{'' if changed else ': none'}"
    for row in changed:
        yield (f"  {row['change']:<16} {row['old_person_count']:>12,} into {row['new_person_count']:,}, "
               f"{row['identifier_count']:,} identifiers")  # fmt: skip
