"""Times of any shape -> microseconds since 1970 UTC, against Python's own datetime and zoneinfo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.sources import time_us_sql

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2037-12-31")
TEN = 1_704_103_200_000_000  # 2024-01-01 10:00:00 UTC: 19,723 days of 86,400 s and 10 h


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        # The result must not depend on the session's zone.
        opened.execute("SET TimeZone = 'America/New_York'")
        yield opened


def read(connection, values, kind="VARCHAR", *, timezone="UTC", **options):
    sql = time_us_sql("x", timezone=timezone, **options)
    values = values if isinstance(values, list) else [values]
    rows = ", ".join(f"({place}, {value})" for place, value in enumerate(values))
    found = connection.execute(
        f"SELECT {sql} FROM (VALUES {rows}) t(n, x0), (SELECT CAST(x0 AS {kind}) AS x) ORDER BY n"
    )
    return [row[0] for row in found.fetchall()]


def read_text(connection, text, **options):
    return read(connection, "'" + text.replace("'", "''") + "'", **options)[0]


def test_ten_o_clock_is_ten_o_clock():
    assert timedelta(microseconds=TEN) + EPOCH == datetime(2024, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-01T10:00:00Z", TEN),
        ("2024-01-01T10:00:00.123456789Z", TEN + 123_456),
        ("2024-01-01T10:00:00.999999999Z", TEN + 999_999),
        ("2024-01-01 12:00:00+02:00", TEN),
        ("2024-01-01T12:00:00+0200", TEN),
        ("2024-01-01T12:00:00+02", TEN),
        ("2024-01-01T04:30:00.5-05:30", TEN + 500_000),
        ("2024-01-01T12:00:00 +0200", TEN),
        ("2024-01-01T10:00:00z", TEN),
        ("2024-01-01 10:00:00 UTC", TEN),
        ("2024-01-01 12:00:00 Europe/Riga", TEN),
        ("2024-01-01T10:00:00", TEN),
        ("2024-01-01 10:00:00,5", TEN + 500_000),
        ("2024-01-01T10:00", TEN),
        ("2024-01-01T10", TEN),
        ("2024-01-01T10:00Z", TEN),
        ("20240101T100000Z", TEN),
        ("20240101T100000.25+0000", TEN + 250_000),
        ("2024/01/01 10:00", TEN),
        ("  2024-01-01T10:00:00Z\t", TEN),
        ("2024-01-01", TEN - 36_000_000_000),
        ("01/Jan/2024:12:00:00 +0200", TEN),
        ("1969-12-31T23:59:59.9999999Z", -1),
        ("0001-01-01", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ],
)
def test_usual_shapes(connection, text, expected):
    assert read_text(connection, text) == expected


NO_TIMES = (
    *("", " ", "NaT", "null", "now", "epoch", "infinity", "12:30", "2024", "2024-01", "20240101", "1704103200"),
    *("2024-02-30", "2024-13-01", "2023-02-29T10:00:00Z", "2024-01-01T25:00:00Z", "2024-01-01T10:61:00Z"),
    *(
        "0000-01-01",
        "10000-01-01",
        "-2024-01-01",
        "2024-01-01 (BC)",
        "9999-12-31T23:59:59-05:00",
        "0001-01-01T00:00:00+05:00",
    ),
    *("2024-01-01T10:00:00+25:00", "2024-01-01T10:00:00 Foo/Bar", "2024-01-01T10:00:00 PST", "2024-01-01T10:00:00FooZ"),
    *("01/Xyz/2024:12:00:00 +0200", "1/2/2024", "Jan 1 2024", "2024-01-01T10:00:00Z and more", "'; DROP TABLE x"),
)


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_null(connection, text):
    assert read_text(connection, text) is None


def test_one_column_may_mix_all_of_them(connection):
    texts = ["2024-01-01T10:00:00Z", "nonsense", "2024-01-01", "01/Jan/2024:10:00:00 +0000", "", "20240101T100000Z"]
    assert read(connection, [f"'{text}'" for text in texts]) == [TEN, None, TEN - 36_000_000_000, TEN, None, TEN]


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        ("1704103200", "s", TEN),
        ("1704103200000", "ms", TEN),
        ("1704103200000000", "us", TEN),
        ("1704103200.1234567", "s", TEN + 123_456),
        ("1704103200.5", "ms", 1_704_103_200_500),
        ("-0.0000001", "s", -1),
        ("1.7041032e9", "s", TEN),
        ("99999999999999999999999", "s", None),
        ("2024-01-01T10:00:00Z", "s", TEN),
        ("1704103200", "", None),
    ],
)
def test_numbers_are_times_only_with_a_unit(connection, number, unit, expected):
    assert read_text(connection, number, unit=unit) == expected


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("'2024-01-01 10:00:00.123456789'", "TIMESTAMP_NS", TEN + 123_456),
        ("'1969-12-31 23:59:59.999999999'", "TIMESTAMP_NS", -1),
        ("'2024-01-01 10:00:00.123456'", "TIMESTAMP", TEN + 123_456),
        ("'2024-01-01 10:00:00.123'", "TIMESTAMP_MS", TEN + 123_000),
        ("'2024-01-01 10:00:00'", "TIMESTAMP_S", TEN),
        ("'2024-01-01 12:00:00+02'", "TIMESTAMP WITH TIME ZONE", TEN),
        ("'2024-01-01 12:00:00.123456999+02'", "TIMESTAMPTZ_NS", TEN + 123_456),
        ("'1969-12-31 23:59:59.999999999Z'", "TIMESTAMPTZ_NS", -1),
        ("'2024-01-01'", "DATE", TEN - 36_000_000_000),
        ("'infinity'", "TIMESTAMP", None),
        ("NULL", "TIMESTAMP", None),
    ],
)
def test_typed_times_are_the_same_by_type_and_by_text(connection, value, kind, expected):
    assert read(connection, value, kind, column_type=kind) == [expected]
    assert read(connection, value, kind) == [expected]


@pytest.mark.parametrize(
    ("value", "kind", "unit"),
    [("1704103200", "BIGINT", "s"), ("1704103200", "INTEGER", "s"), ("1704103200000.0", "DOUBLE", "ms")],
)
def test_numbers_of_any_type(connection, value, kind, unit):
    assert read(connection, value, kind, unit=unit, column_type=kind) == [TEN]
    assert read(connection, value, kind, unit="", column_type=kind) == [None]


def test_a_format_of_ones_own_is_the_only_one_read(connection):
    options = {"timezone": "Europe/Riga", "time_format": "%d.%m.%Y %H:%M"}
    assert read_text(connection, "01.01.2024 12:00", **options) == TEN
    assert read_text(connection, "2024-01-01 12:00", **options) is None
    assert read_text(connection, "32.01.2024 12:00", **options) is None
    assert (
        read_text(connection, "01.01.2024 10:00 +0000", timezone="Europe/Riga", time_format="%d.%m.%Y %H:%M %z") == TEN
    )


ZONES = (
    "Europe/Riga",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
)


@pytest.mark.parametrize("timezone", ZONES)
def test_local_times_are_read_as_zoneinfo_reads_them_in_gaps_and_overlaps(connection, timezone):
    zone = ZoneInfo(timezone)
    start = datetime.fromisoformat("2024-01-01")
    hours = [start + timedelta(minutes=20 * step) for step in range(366 * 72)]
    sql = time_us_sql("x", timezone=timezone)
    step = "CAST('2024-01-01' AS TIMESTAMP) + to_minutes(20 * i)"
    rows = connection.execute(
        f"SELECT {sql} FROM (SELECT CAST({step} AS VARCHAR) AS x, i FROM range({len(hours)}) r(i)) ORDER BY i"
    )
    expected = [(hour.replace(tzinfo=zone) - EPOCH) // timedelta(microseconds=1) for hour in hours]
    assert [row[0] for row in rows.fetchall()] == expected


@given(moment=st.datetimes(FIRST, LAST), timezone=st.sampled_from(ZONES))
def test_any_local_time(connection, moment, timezone):
    expected = (moment.replace(tzinfo=ZoneInfo(timezone)) - EPOCH) // timedelta(microseconds=1)
    assert read_text(connection, moment.isoformat(), timezone=timezone) == expected
    assert read_text(connection, moment.isoformat(" "), timezone=timezone) == expected
    assert read(connection, f"'{moment.isoformat()}'", "TIMESTAMP", timezone=timezone, column_type="TIMESTAMP") == [
        expected
    ]


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_no_text_makes_it_fail(connection, text):
    assert read_text(connection, text, timezone="Europe/Riga", unit="s") is None or any(
        digit.isdigit() for digit in text
    )
