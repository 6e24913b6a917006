"""`records`: the items of a list inside each row are the rows, with all that their row says beside them."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.errors import SourceError

COLUMNS = {
    "event_id": "items.id",
    "occurred_at": "time",
    "event": "items.what",
    "user_id": "user.name",
    "value_amount": "items.price",
}


def found(puller, content: str, path: str = "items", **settings: object) -> list[tuple[object, ...]]:
    puller.write("a.jsonl", content)
    rows = puller.pull(**({"path": "a.jsonl", "columns": COLUMNS, "records": path} | settings))
    return [(row["line"], row["unreadable"], row["properties"] or row["raw"]) for row in rows]


def test_each_item_is_a_row_with_the_columns_of_its_parent(puller):
    order = {"time": "2024-01-01T10:00:00Z", "user": {"name": "ann"}, "items": [{"id": 1, "what": "lamp", "price": 2.5},
             {"id": 2, "what": "desk"}]}  # fmt: skip
    puller.write("a.jsonl", json.dumps(order) + "\n" + json.dumps(order | {"items": [{"id": 3, "what": "rug"}]}))
    rows = puller.pull(path="a.jsonl", columns=COLUMNS, records="items")
    told = ("file", "line", "event_id", "event", "user_id", "value_amount", "occurred_at_us")
    time = 1_704_103_200_000_000
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("a.jsonl", 1, "1", "lamp", "ann", 2.5, time),
        ("a.jsonl", 2, "2", "desk", "ann", None, time),
        ("a.jsonl", 3, "3", "rug", "ann", None, time),
    ]
    assert json.loads(rows[1]["properties"]) == order | {"items": {"id": 2, "what": "desk"}}


def test_an_item_stands_in_the_place_of_its_list_as_it_was_written(puller):
    row = '{"a": 1.10, "items" : [ {"n":12345678901234567890123} ,{"n": 2e0}], "b": "\\u00e9", "items": [7]}'
    assert found(puller, row) == [
        (1, None, '{"a": 1.10, "items" : {"n":12345678901234567890123}, "b": "\\u00e9", "items": [7]}'),
        (2, None, '{"a": 1.10, "items" : {"n": 2e0}, "b": "\\u00e9", "items": [7]}'),
    ]


@pytest.mark.parametrize(
    ("path", "row", "first"),
    [
        ("visit.items", '{"visit": {"items": [1, 2]}}', '{"visit": {"items": 1}}'),
        ("visits[1].items", '{"visits": [{}, {"items": [1, 2]}]}', '{"visits": [{}, {"items": 1}]}'),
        ("v.items", '{"v": {"items": [5]}, "v.items": [1, 2]}', '{"v": {"items": [5]}, "v.items": 1}'),
        ("a/b~c", '{"a/b~c": [1, 2]}', '{"a/b~c": 1}'),
        ("ā", '{"\\u0101": [1, 2]}', '{"\\u0101": 1}'),
    ],
)  # fmt: skip
def test_a_path_is_written_as_names_of_columns_are(puller, path, row, first):
    rows = found(puller, row, path)
    assert (len(rows), rows[0]) == (2, (1, None, first))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"id": 7}', "no 'items'"),
        ('{"items": []}', "'items' is an empty list"),
        ('{"items": null}', "'items' is no list"),
        ('{"items": false}', "'items' is no list"),
        ('{"items": {"a": [1]}}', "'items' is no list"),
        ('{"items": "[1]"}', "'items' is no list"),
        ('{"items": [1, 2}', "not JSON"),
        ('{"items": [1, 2]} 3', "not JSON"),
        ("[1]", "not a JSON object"),
        ("7", "not a JSON object"),
        ("hello", "not JSON"),
    ],
)
def test_a_row_without_such_a_list_is_kept_with_its_reason(puller, row, reason):
    assert found(puller, f'{{"items": [1, 2]}}\n{row}\n{{"items": [3]}}') == [
        (1, None, '{"items": 1}'),
        (2, None, '{"items": 2}'),
        (3, reason, row),
        (4, None, '{"items": 3}'),
    ]


def test_the_rows_of_each_file_are_numbered_through(puller):
    puller.write("web/a.jsonl", '{"items": [1, 2]}\n{"items": [3]}')
    puller.write("web/b.json", '[{"items": [4]}, {"items": [5, 6]}]')
    rows = puller.pull(path="web/*", columns=COLUMNS, records="items")
    assert [(row["file"], row["line"]) for row in rows] == [
        ("web/a.jsonl", 1), ("web/a.jsonl", 2), ("web/a.jsonl", 3),
        ("web/b.json", 1), ("web/b.json", 2), ("web/b.json", 3),
    ]  # fmt: skip


def test_an_item_may_be_no_object(puller):
    puller.write("a.jsonl", '{"time": "2024-01-01", "user": "u", "tags": ["a", null, "b"]}')
    rows = puller.pull(
        path="a.jsonl", columns={"occurred_at": "time", "event": "tags", "user_id": "user"}, records="tags"
    )
    assert [row["event"] for row in rows] == ["a", None, "b"]


def test_many_items_of_a_long_row_are_not_held_at_once(puller):
    row = {
        "time": "2024-01-01",
        "long": "x" * 100_000,
        "items": [{"id": number, "what": "view"} for number in range(200)],
    }
    puller.write("a.jsonl", json.dumps(row))
    rows = puller.query("SELECT count(*), count(DISTINCT line), max(line), sum(length(properties)) FROM landed",
                        path="a.jsonl", columns=COLUMNS, records="items")  # fmt: skip
    count, lines, last, size = rows[0]
    assert (count, lines, last) == (200, 200, 200)
    assert size > 200 * 100_000


def test_files_that_are_no_json_are_refused(puller):
    pd.DataFrame({"time": ["2024-01-01"], "items": ["[1]"]}).to_parquet(puller.folder / "a.parquet")
    with pytest.raises(SourceError, match="holds no lists") as caught:
        puller.pull(
            path="*.parquet", columns={"occurred_at": "time", "event": "items", "user_id": "items"}, records="items"
        )
    assert caught.value.code == "records-format"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.none() | st.integers() | st.text(max_size=4), max_size=4), min_size=1, max_size=6))
def test_as_many_rows_come_as_there_are_items_and_empty_lists(new_puller, lists):
    puller = new_puller()
    puller.write("a.jsonl", "\n".join(json.dumps({"n": number, "items": items}) for number, items in enumerate(lists)))
    rows = puller.pull(path="a.jsonl", columns=COLUMNS, records="items")
    told = [json.loads(row["properties"]) for row in rows if row["unreadable"] is None]
    expected = [{"n": number, "items": item} for number, items in enumerate(lists) for item in items]
    assert sorted(map(json.dumps, told)) == sorted(map(json.dumps, expected))
    assert sum(row["unreadable"] is not None for row in rows) == sum(not items for items in lists)
