"""Parquet: values keep their types, rows their number in the file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeys.errors import SourceError

TEN = datetime(2024, 1, 1, 10, tzinfo=UTC)
TEN_US = 1_704_103_200_000_000


def write(puller, name="a.parquet", **columns):
    count = max([len(column) for column in columns.values()], default=1)
    defaults = {"time": pa.array([TEN] * count), "name": pa.array(["n"] * count), "user": pa.array(["u"] * count)}
    path = puller.folder / name
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(defaults | columns), path)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([TEN.replace(tzinfo=None)], pa.timestamp("ns")), TEN_US - 7_200_000_000),
        (pa.array([TEN.replace(tzinfo=None)], pa.timestamp("us")), TEN_US - 7_200_000_000),
        (pa.array([TEN.replace(tzinfo=None)], pa.timestamp("ms")), TEN_US - 7_200_000_000),
        (pa.array([TEN.replace(tzinfo=None)], pa.timestamp("s")), TEN_US - 7_200_000_000),
        (pa.array([TEN], pa.timestamp("us", "UTC")), TEN_US),
        (pa.array([TEN], pa.timestamp("ns", "Asia/Tokyo")), TEN_US),
        (pa.array([date(2024, 1, 1)]), TEN_US - 12 * 3_600_000_000),
        (pa.array(["2024-01-01T10:00:00Z"]), TEN_US),
        (pa.array([None], pa.timestamp("us")), None),
    ],
)
def test_times_of_any_type_without_a_zone_in_the_sources(puller, array, expected):
    write(puller, time=array)
    (row,) = puller.pull(path="a.parquet", timezone="Europe/Riga")
    assert row["occurred_at_us"] == expected


@pytest.mark.parametrize("kind", [pa.int64(), pa.int32(), pa.float64(), pa.decimal128(25, 3)])
def test_numbers_are_times_only_with_a_unit(puller, kind):
    write(puller, time=pa.array([1_704_103_200]).cast(kind))
    (row,) = puller.pull(path="a.parquet", unit="s")
    assert row["occurred_at_us"] == TEN_US
    with pytest.raises(SourceError, match="unit"):
        puller.pull(path="a.parquet")


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (pa.array([123]), "123"),
        (pa.array([123.0]), "123"),
        (pa.array([123.5]), "123.5"),
        (pa.array([float("nan")]), "nan"),
        (pa.array([None], pa.float64()), None),
        (pa.array([2.0**60]), "1.152921504606847e+18"),
        (pa.array([Decimal("123.000")]), "123"),
        (pa.array([Decimal("100")]), "100"),
        (pa.array([Decimal("1.50")]), "1.5"),
        (pa.array(["123"]), "123"),
        (pa.array([b"123"]), "123"),
        (pa.array([[1, 2]]), "[1,2]"),
        (pa.array([{"a": 1}]), '{"a":1}'),
        (pa.array([True]), "true"),
        (pa.array(["x"]).dictionary_encode(), "x"),
    ],
)
def test_identifiers_of_any_type_are_text(puller, array, text):
    write(puller, user=array)
    (row,) = puller.pull(path="a.parquet")
    assert row["user_id"] == text


def test_rows_are_numbered_by_file_and_all_columns_are_properties(puller):
    write(puller, "p/a.parquet", amount=pa.array([1.5, float("inf"), None]), tags=pa.array([["x"], [], None]))
    write(puller, "p/b.parquet", amount=pa.array([2, 3]))
    rows = puller.pull(
        path="p/*.parquet",
        columns={"occurred_at": "time", "event": "NAME", "user_id": "user", "value_amount": "amount"},
    )
    assert [(row["file"], row["line"]) for row in rows] == [
        ("p/a.parquet", 1),
        ("p/a.parquet", 2),
        ("p/a.parquet", 3),
        ("p/b.parquet", 1),
        ("p/b.parquet", 2),
    ]
    assert [row["value_amount"] for row in rows] == [1.5, None, None, 2.0, 3.0]
    properties = [json.loads(row["properties"]) for row in rows]
    assert (properties[0]["amount"], properties[0]["tags"]) == (1.5, ["x"])
    assert (properties[1]["amount"], properties[3]["amount"]) == (None, 2)


def test_sql_mappings_see_the_types(puller):
    write(puller, price=pa.array([2.5]), quantity=pa.array([3]))
    columns = {"occurred_at": "time", "event": "name", "user_id": "user", "value_amount": {"sql": "price * quantity"}}
    (row,) = puller.pull(path="a.parquet", columns=columns)
    assert row["value_amount"] == 7.5


def test_a_missing_column_is_an_error_with_the_nearest_name(puller):
    write(puller)
    with pytest.raises(SourceError, match="nearest 'user'"):
        puller.pull(path="a.parquet", columns={"occurred_at": "time", "event": "name", "user_id": "userr"})


def test_a_file_that_is_none_is_an_error(puller):
    puller.write("a.parquet", b"nonsense")
    with pytest.raises(SourceError, match=r"a\.parquet"):
        puller.pull(path="a.parquet")
