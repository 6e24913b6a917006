"""Incremental pulls from a real MariaDB server, by every kind of cursor."""

from __future__ import annotations

from typing import Any

import pytest
from mid_pull import fail

from journeys.errors import SourceError

IDS = {"occurred_at": "at", "event": "stage", "user_id": "contact", "event_id": "id"}
ROWS = IDS | {"occurred_at": "updated_at"}
# (type of the cursor, the first two values, three later ones: before, at and after the overlap's start, overlap)
CURSORS = [
    ("datetime(6)", ["'2026-01-01 10:00'", "'2026-01-02 10:00:00.5'"],
     ["'2026-01-02 09:00:00.499999'", "'2026-01-02 09:00:00.5'", "'2026-01-03 00:00'"], None),
    ("timestamp(6) null", ["'2026-01-01 10:00'", "'2026-01-02 10:00'"],
     ["'2026-01-02 08:59:59.999999'", "'2026-01-02 09:00'", "'2026-01-03 00:00'"], "1h"),
    ("date", ["'2026-01-01'", "'2026-01-05'"], ["'2026-01-02'", "'2026-01-03'", "'2026-01-06'"], "2d"),
    ("bigint unsigned", ["1", "18446744073709551614"],
     ["18446744073709551613", "18446744073709551614", "18446744073709551615"], None),
    ("int", ["10", "100"], ["94", "95", "101"], 5),
    ("decimal(20,0)", ["10", "100"], ["99", "100", "101"], 0),
    ("varchar(30)", ["'2026-01-01T10:00:00Z'", "'2026-01-02T10:00:00.5Z'"],
     ["'2026-01-02T08:59:59Z'", "'2026-01-02T09:00:00Z'", "'2026-01-03T00:00:00Z'"], "1h"),
]  # fmt: skip


@pytest.mark.parametrize("by", ["table", "query"])
@pytest.mark.parametrize(("kind", "first", "later", "overlap"), CURSORS)
def test_a_pull_reads_from_the_last_cursor_less_the_overlap(
    mariadb: Any, maria_nights: Any, kind: str, first: list[str], later: list[str], overlap: Any, by: str
) -> None:
    mariadb.run(
        f"CREATE TABLE `Deals:1` (id text, at datetime, stage text, contact text, `Seen At` {kind})",
        f"INSERT INTO `Deals:1` VALUES ('a', now(), 'new', 'anna', {first[0]}), ('b', now(), 'won', 'ben', {first[1]})",
        schema="crm",
    )
    place = {"table": "Deals:1"} if by == "table" else {"query": "SELECT * FROM `Deals:1` WHERE id NOT LIKE ':%';  "}
    crm = maria_nights(**place, cursor="Seen At", overlap=overlap, columns=IDS)
    assert {row["event_id"] for row in crm.pull()} == {"a", "b"}
    for name, value in zip("cde", later, strict=True):
        mariadb.run(f"INSERT INTO crm.`Deals:1` VALUES ('{name}', now(), 'x', 'anna', {value})")
    assert {row["event_id"] for row in crm.pull()} == {"b", "d", "e"}
    assert "c" not in {row["event_id"] for row in crm.pull()}


def test_a_table_of_another_database_is_named_with_it(mariadb: Any, maria_nights: Any, maria_deals: str) -> None:
    crm = maria_nights(
        table="crm.deals", url=mariadb.server_url.set(database="mysql").render_as_string(), cursor="updated_at",
        columns=ROWS,
    )  # fmt: skip
    assert len(crm.pull()) == 2
    assert [row["event_id"] for row in crm.pull()] == ["b"]
    assert crm.bookmark.columns == {"id": "text", "updated_at": "datetime(6)", "stage": "text", "contact": "text"}


@pytest.mark.parametrize("zero", ["0000-00-00 00:00:00", None])
def test_rows_with_a_zero_date_as_cursor_are_read_each_time_and_told(
    mariadb: Any, maria_nights: Any, maria_deals: str, zero: str | None
) -> None:
    mariadb.run(f"INSERT INTO crm.deals VALUES ('0', {f'{zero!r}' if zero else 'NULL'}, 'new', 'cid')")
    mariadb.run("ALTER TABLE crm.deals ORDER BY id")
    crm = maria_nights(table="deals", cursor="updated_at", columns=ROWS)
    assert len(crm.pull()) == 3
    for _ in range(2):
        assert {row["event_id"] for row in crm.pull()} == {"0", "b"}
        (note,) = crm.report.notes
        assert "1 rows have no 'updated_at'" in note


def test_another_kind_of_cursor_reads_everything_again(mariadb: Any, maria_nights: Any, maria_deals: str) -> None:
    crm = maria_nights(table="deals", cursor="updated_at", columns=ROWS)
    crm.pull()
    mariadb.run("ALTER TABLE crm.deals MODIFY updated_at timestamp NULL")
    assert len(crm.pull()) == 2
    assert "another kind of value" in crm.report.notes[0]
    assert crm.report.drift == ("source 'crm': column 'updated_at' was datetime(6) and is timestamp",)
    assert [row["event_id"] for row in crm.pull()] == ["b"]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("text", "'monday'", "'monday'"),
        ("double", "1.5", "1.5 (float)"),
        ("datetime", "'2026-00-10'", "'2026-00-10"),
        ("time", "'25:00:00'", "'25:00:00'"),
    ],
)
def test_a_cursor_that_has_no_order_is_told(
    mariadb: Any, maria_nights: Any, maria_deals: str, kind: str, value: str, words: str
) -> None:
    mariadb.run(f"ALTER TABLE crm.deals ADD seen {kind}", "SET sql_mode = ''", f"UPDATE crm.deals SET seen = {value}")
    mariadb.run(f"UPDATE crm.deals SET seen = '2026-01-01' WHERE id = 'a' AND '{kind}' = 'datetime'")
    error = fail(maria_nights(table="deals", cursor="seen", columns=ROWS).pull)
    assert (type(error), error.code) == (SourceError, "cursor")
    assert words in str(error)


def test_changed_and_vanished_rows_become_events(mariadb: Any, maria_nights: Any, maria_deals: str) -> None:
    crm = maria_nights(table="deals", cursor="updated_at", key=("id",), tracks=("stage",), deleted_event="deal_deleted")
    assert sorted(row["event"] for row in crm.pull()) == ["new", "won"]
    mariadb.run(
        "UPDATE crm.deals SET stage = 'won', updated_at = '2026-01-03' WHERE id = 'a'",
        "DELETE FROM crm.deals WHERE id = 'b'",
    )
    assert sorted(row["event"] for row in crm.pull()) == ["deal_deleted", "won"]
    assert crm.pull() == []
