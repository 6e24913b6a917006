"""A JSON file that is one list has its items as rows, however it is written; what cannot be read is kept and told."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

WITH_IDS = {"occurred_at": "time", "event": "name", "user_id": "user", "event_id": "id"}
GOOD = '{"time": "2024-01-01T10:00:00Z", "name": "view", "user": "u1"}'
BROKEN = "not JSON, so that nothing after it can be read"


def found(puller, content: bytes | str) -> list[tuple[object, ...]]:
    puller.write("a.json", content)
    rows = puller.pull(path="a.json", columns=WITH_IDS)
    return [(row["line"], row["unreadable"], row["properties"] or row["raw"]) for row in rows]


@pytest.mark.parametrize(
    "content",
    [
        f"[{GOOD},{GOOD}]",
        f"\ufeff[\n  {GOOD},\n  {GOOD}\n]\n",
        f" [{GOOD} , {GOOD},\r\n] ",
        f"[{GOOD}]\n[{GOOD}]\n",
        f"[{GOOD}]{GOOD}",
        gzip.compress(f"[{GOOD},{GOOD}]".encode()),
    ],
    ids=["one line", "indented", "blanks, a comma too many", "two lists", "a list and an object", "gzip"],
)
def test_the_items_of_a_list_are_rows_as_they_are_written(puller, content):
    assert found(puller, content) == [(1, None, GOOD), (2, None, GOOD)]


def test_an_item_over_several_lines_is_one_row(puller):
    item = json.dumps(json.loads(GOOD), indent=2)
    assert found(puller, f"[{item}]") == [(1, None, item)]


def test_an_empty_list_has_no_rows(puller):
    assert found(puller, "[]\n") == []
    assert found(puller, " [\n]") == []


def test_an_item_that_is_no_object_is_a_row_that_says_so(puller):
    assert found(puller, f'[{GOOD}, 7, "x", [1], {GOOD}]') == [
        (1, None, GOOD),
        (2, "not a JSON object", "7"),
        (3, "not a JSON object", '"x"'),
        (4, "not a JSON object", "[1]"),
        (5, None, GOOD),
    ]


def test_an_item_that_is_no_utf_8_is_a_row_that_says_so(puller):
    content = b"[" + GOOD.encode() + b', {"x": "\xff"}, ' + GOOD.encode() + b"]"
    assert found(puller, content) == [(1, None, GOOD), (2, "not UTF-8", '{"x": "\ufffd"}'), (3, None, GOOD)]


@pytest.mark.parametrize(
    ("end", "reason", "raw"),
    [
        (', {"time": ', BROKEN, '{"time": '),
        (f", {{bad}}, {GOOD}]", BROKEN, f"{{bad}}, {GOOD}]"),
        (f" {GOOD}]", BROKEN, f"{GOOD}]"),
        (",,]", BROKEN, ",]"),
        ("", "the list does not end: the file seems to be cut off", ""),
        (",", "the list does not end: the file seems to be cut off", ""),
        ("] and more\n", BROKEN, "and more\n"),
    ],
)
def test_what_cannot_be_read_is_one_row_with_all_that_follows(puller, end, reason, raw):
    assert found(puller, f"[{GOOD}{end}") == [(1, None, GOOD), (2, reason, raw)]


def test_deep_nesting_and_long_numbers_stop_nothing(puller):
    deep, long = "[" * 100_000, "1" * 5_000
    first, second = found(puller, f'[{{"n": {long}}}, {deep}]')
    assert first == (1, None, f'{{"n": {long}}}')
    assert second == (2, BROKEN, f"{deep}]")


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_of_a_broken_gzip_file_everything_before_the_break_lands(puller, share):
    items = [json.dumps({"time": "2024-01-01", "name": f"e{i}", "user": f"u{i * 7919 % 997}"}) for i in range(5_000)]
    packed = gzip.compress(f"[{','.join(items)}]".encode())
    *rows, last = found(puller, packed[: int(len(packed) * share)])
    assert [row[2] for row in rows] == items[: len(rows)]
    assert len(rows) > 1_000
    assert str(last[1]).startswith("a.json: gzip data ends early")
    assert str(last[1]).endswith(f"in item {len(rows) + 1}")
    assert items[len(rows)].startswith(str(last[2]))


def test_a_list_longer_than_a_block_is_read_to_its_end(puller):
    long = json.dumps({"time": "2024-01-01", "name": "view", "user": "u", "long": "ā" * 3_000_000})
    rows = found(puller, f"[{long}, {GOOD}, {long}]")
    assert rows == [(1, None, long), (2, None, GOOD), (3, None, long)]


def test_lines_that_are_lists_of_other_values_stay_lines(puller):
    assert found(puller, f'["x"]\n{GOOD}\n') == [(1, "not a JSON object", '["x"]'), (2, None, GOOD)]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=3),
            st.recursive(st.none() | st.integers() | st.text(max_size=4), lambda inner: st.lists(inner, max_size=2)),
            max_size=3,
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from((None, 1)),
)
def test_a_list_gives_the_rows_that_its_items_give_as_lines(new_puller, items, indent):
    puller = new_puller()
    puller.write("list.json", json.dumps(items, indent=indent))
    puller.write("lines.jsonl", "\n".join(map(json.dumps, items)))
    as_list = puller.pull(path="list.json")
    as_lines = puller.pull(path="lines.jsonl")
    told = ("line", "unreadable", "properties", "event", "user_id")
    assert [[row[name] for name in told] for row in as_list] == [[row[name] for name in told] for row in as_lines]
