"""Values of a real MariaDB server as they land."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeys.sources.database_mysql import apply_readers

# (type, value as SQL, what lands)
VALUES = [
    ("datetime(6)", "'2026-03-29 01:30:00.123456'", "2026-03-29T01:30:00.123456"),
    ("datetime", "'2026-03-29 01:30:00'", "2026-03-29T01:30:00"),
    ("datetime", "'0000-00-00'", "0000-00-00 00:00:00"),
    ("datetime(3)", "'0000-00-00'", "0000-00-00 00:00:00.000"),
    ("date", "'0000-00-00'", "0000-00-00"),
    ("date", "'2026-02-00'", "2026-02-00"),
    ("date", "'9999-12-31'", "9999-12-31"),
    # The session that wrote it stood at +05:00, the server's own zone.
    ("timestamp", "'2026-03-29 06:30:00'", "2026-03-29T01:30:00+00:00"),
    ("timestamp(6)", "'2026-03-29 06:30:00.000001'", "2026-03-29T01:30:00.000001+00:00"),
    ("time", "'10:00:00'", "10:00:00"),
    ("time(6)", "'-838:59:58.000001'", "-838:59:58.000001"),
    ("year", "2026", 2026),
    ("decimal(30,2)", "1234567890123456789012345678.90", "1234567890123456789012345678.90"),
    ("decimal(10,2)", "9.00", "9"),
    ("tinyint(1)", "1", 1),
    ("tinyint(1)", "-2", -2),
    ("bigint unsigned", "18446744073709551615", 18446744073709551615),
    ("double", "0.1", 0.1),
    ("bit(9)", "b'100000001'", 257),
    ("json", """'{"a": [1, "ā"]}'""", '{"a": [1, "ā"]}'),
    ("enum('new', 'won')", "'won'", "won"),
    ("set('a', 'b')", "'b,a'", "a,b"),
    ("varchar(20) character set utf8mb4", "'Žanna 👩‍🚀'", "Žanna 👩‍🚀"),
    ("varchar(20) character set latin1", "'Zoë'", "Zoë"),
    ("varchar(20)", "''", ""),
    ("text", "'100% :sure %s'", "100% :sure %s"),
    ("blob", "'Žanna'", "Žanna"),
    ("blob", "x'ff00'", "0xff00"),
    ("binary(16)", "unhex('ff112233445566778899aabbccddeeff')", "0xff112233445566778899aabbccddeeff"),
    ("uuid", "'123e4567-e89b-12d3-a456-426655440000'", "123e4567-e89b-12d3-a456-426655440000"),
    ("inet6", "'::1'", "::1"),
    ("int", "NULL", None),
]


def test_every_type_lands_as_what_the_server_holds(mariadb: Any, maria_nights: Any) -> None:
    kinds = ", ".join(f"v{place} {kind} NULL" for place, (kind, _, _) in enumerate(VALUES))
    values = ", ".join(value for _, value, _ in VALUES)
    mariadb.run(
        "SET sql_mode = ''",
        f"CREATE TABLE kinds (at datetime, stage text, contact text, {kinds}) CHARACTER SET utf8mb4",
        f"INSERT INTO kinds VALUES (now(), 'new', 'anna', {values})",
        schema="crm",
    )
    for place in ({"table": "kinds"}, {"query": "SELECT * FROM kinds"}):
        crm = maria_nights(**place, columns={"occurred_at": "at", "event": "stage", "user_id": "contact"})
        (row,) = crm.pull()
        landed = json.loads(row["properties"])
        assert [landed[f"v{place}"] for place in range(len(VALUES))] == [value for _, _, value in VALUES]


# Noon of the session that wrote it, which stood at +05:00; a DATETIME has no zone and is read in the source's.
@pytest.mark.parametrize(("kind", "expected"), [("timestamp", "07:00"), ("datetime", "10:00")])
def test_a_timestamp_is_a_moment_and_a_datetime_is_local(
    mariadb: Any, maria_nights: Any, kind: str, expected: str
) -> None:
    mariadb.run(
        f"CREATE TABLE crm.deals (at {kind} NULL, stage text, contact text)",
        "INSERT INTO crm.deals VALUES ('2026-01-01 12:00', 'new', 'anna')",
    )
    columns = {"occurred_at": "at", "event": "stage", "user_id": "contact"}
    (row,) = maria_nights(table="deals", timezone="Europe/Riga", columns=columns).pull()
    moment = datetime.fromisoformat(f"2026-01-01T{expected}+00:00")
    assert row["occurred_at_us"] == moment.timestamp() * 1_000_000


def test_a_zero_date_is_no_time_and_its_row_is_kept(mariadb: Any, maria_nights: Any, maria_deals: str) -> None:
    mariadb.run("INSERT INTO crm.deals VALUES ('z', '0000-00-00', 'new', 'anna')")
    rows = maria_nights(table="deals").pull()
    assert len(rows) == 3
    (zero,) = [row for row in rows if row["occurred_at_us"] is None]
    assert zero["occurred_at_text"] == "0000-00-00 00:00:00.000000"


def test_binary_ids_stay_apart(mariadb: Any, maria_nights: Any) -> None:
    mariadb.run(
        "CREATE TABLE crm.deals (id binary(2), at datetime, stage text, contact text)",
        "INSERT INTO crm.deals VALUES (x'ff00', now(), 'new', 'a'), (x'fe00', now(), 'new', 'a')",
    )
    columns = {"occurred_at": "at", "event": "stage", "user_id": "contact", "event_id": "id"}
    assert {row["event_id"] for row in maria_nights(table="deals", columns=columns).pull()} == {"0xff00", "0xfe00"}


def test_values_that_a_driver_has_read_already_stay() -> None:
    from journeys.sources.database_mysql import _read_bits, _read_moment, _write_clock

    row = (datetime(2026, 1, 1, tzinfo=UTC), "10:00:00", 5, None)
    readers = {0: _read_moment, 1: _write_clock, 2: _read_bits, 3: _write_clock}
    assert apply_readers([row], readers) == [row]
    assert apply_readers([(timedelta(hours=-25),)], {0: _write_clock}) == [("-25:00:00",)]
