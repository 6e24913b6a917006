"""Incremental pulls from a real PostgreSQL server, by every kind of cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from journeys.errors import SourceError

IDS = {"occurred_at": "at", "event": "stage", "user_id": "contact", "event_id": "id"}
ROWS = IDS | {"occurred_at": "updated_at"}
FIRST = "('a', TIMESTAMPTZ '2026-01-01 10:00+00', 'new', 'anna', {0}), ('b', '2026-01-01 11:00+00', 'won', 'ben', {1})"
# (type of the cursor, the first two values, three later ones: before, at and after the overlap's start, overlap)
CURSORS = [
    ("timestamptz", ["'2026-01-01 10:00+00'", "'2026-01-02 10:00+02'"],
     ["'2026-01-02 06:59:59+00'", "'2026-01-02 07:00+00'", "'2026-01-03 00:00+00'"], None),
    ("timestamp", ["'2026-01-01 10:00'", "'2026-01-02 10:00'"],
     ["'2026-01-02 08:59:59'", "'2026-01-02 09:00'", "'2026-01-03 00:00'"], "1h"),
    ("date", ["'2026-01-01'", "'2026-01-05'"], ["'2026-01-02'", "'2026-01-03'", "'2026-01-06'"], "2d"),
    ("bigint", ["1", "5000000000"], ["4999999999", "5000000000", "5000000001"], None),
    ("integer", ["10", "100"], ["94", "95", "101"], 5),
    ("numeric(20,0)", ["10", "100"], ["99", "100", "101"], 0),
    ("text", ["'2026-01-01T10:00:00Z'", "'2026-01-02T10:00:00.5Z'"],
     ["'2026-01-02T08:59:59Z'", "'2026-01-02T09:00:00Z'", "'2026-01-03T00:00:00Z'"], "1h"),
]  # fmt: skip


@pytest.mark.parametrize("by", ["table", "query"])
@pytest.mark.parametrize(("kind", "first", "later", "overlap"), CURSORS)
def test_a_pull_reads_from_the_last_cursor_less_the_overlap(
    postgres: Any, nights: Callable[..., Any], kind: str, first: list[str], later: list[str], overlap: Any, by: str
) -> None:
    postgres.run(
        'CREATE TABLE "Deals:1" (id text, at timestamptz, stage text, contact text, "Seen At" ' + kind + ")",
        'INSERT INTO "Deals:1" VALUES ' + FIRST.format(*first),
    )
    place = {"table": "Deals:1"} if by == "table" else {"query": "SELECT * FROM \"Deals:1\" WHERE id <> ':x%';  "}
    crm = nights(**place, cursor="Seen At", overlap=overlap, columns=IDS)
    assert {row["event_id"] for row in crm.pull()} == {"a", "b"}
    for name, value in zip("cde", later, strict=True):
        postgres.run(f"INSERT INTO \"Deals:1\" VALUES ('{name}', now(), 'x', 'anna', {value})")
    assert {row["event_id"] for row in crm.pull()} == {"b", "d", "e"}
    assert {row["event_id"] for row in crm.pull()} >= {"e"}
    assert "c" not in {row["event_id"] for row in crm.pull()}


def test_a_query_that_ends_in_a_comment_is_pulled_again(postgres: Any, nights: Callable[..., Any], deals: str) -> None:
    crm = nights(
        query=f"SELECT * FROM {deals} -- all", cursor="updated_at", columns=IDS | {"occurred_at": "updated_at"}
    )
    assert len(crm.pull()) == len(crm.pull()) + 1 == 2


def test_rows_without_a_cursor_value_are_read_each_time_and_told(
    postgres: Any, nights: Callable[..., Any], deals: str
) -> None:
    postgres.run(f"INSERT INTO {deals} VALUES ('c', NULL, 'new', 'cid')")
    crm = nights(table=deals, cursor="updated_at", columns=ROWS)
    crm.pull()
    assert {row["event_id"] for row in crm.pull()} == {"b", "c"}
    (note,) = crm.report.notes
    assert "1 rows have no 'updated_at'" in note


def test_a_cursor_in_the_future_hides_no_later_row(postgres: Any, nights: Callable[..., Any], deals: str) -> None:
    postgres.run(f"INSERT INTO {deals} VALUES ('f', '2999-01-01 00:00+00', 'new', 'cid')")
    crm = nights(table=deals, cursor="updated_at", columns=ROWS)
    crm.pull()
    assert "1 rows have a 'updated_at' in the future" in crm.report.notes[0]
    postgres.run(f"INSERT INTO {deals} VALUES ('g', '2026-01-03 00:00+00', 'new', 'cid')")
    assert {row["event_id"] for row in crm.pull()} == {"b", "f", "g"}


def test_another_kind_of_cursor_reads_everything_again(postgres: Any, nights: Callable[..., Any], deals: str) -> None:
    crm = nights(table=deals, cursor="updated_at", columns=ROWS)
    crm.pull()
    postgres.run(f"ALTER TABLE {deals} ALTER updated_at TYPE timestamp")
    assert len(crm.pull()) == 2
    assert "another kind of value" in crm.report.notes[0]
    assert crm.report.drift == ("source 'crm': column 'updated_at' was timestamptz and is timestamp",)
    assert [row["event_id"] for row in crm.pull()] == ["b"]


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        ("ALTER updated_at TYPE text USING 'monday'", {}, "'monday'"),
        ("ALTER updated_at TYPE float USING 1.5", {}, "1.5 (float)"),
        ("ALTER updated_at TYPE bigint USING 5", {"overlap": "1h"}, "integers"),
        ("ALTER contact TYPE text", {"overlap": 5}, "times"),
        ("RENAME updated_at TO changed_at", {}, "changed_at"),
    ],
)
def test_a_cursor_that_has_no_order_is_told(
    postgres: Any, nights: Callable[..., Any], deals: str, change: str, settings: dict[str, Any], words: str
) -> None:
    postgres.run(f"ALTER TABLE {deals} {change}")
    columns = IDS | {"occurred_at": {"value": "2026-01-01"}}
    with pytest.raises(SourceError) as caught:
        nights(table=deals, cursor="updated_at", columns=columns, **settings).pull()
    assert words in str(caught.value)
    assert type(caught.value) is SourceError


def test_an_empty_pull_keeps_the_bookmark(postgres: Any, nights: Callable[..., Any], deals: str) -> None:
    crm = nights(table=deals, cursor="updated_at", columns=ROWS)
    crm.pull()
    before = crm.bookmark
    postgres.run(f"DELETE FROM {deals}")
    assert crm.pull() == []
    assert crm.bookmark == before
