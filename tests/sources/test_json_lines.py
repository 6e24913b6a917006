"""JSON lines: every line that is not blank is one row with its physical line number, whatever its bytes."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.errors import SourceError

# Where ids are mapped, a line is kept as it is.
WITH_IDS = {"occurred_at": "time", "event": "name", "user_id": "user", "event_id": "id"}
GOOD = b'{"time": "2024-01-01T10:00:00Z", "name": "view", "user": "u1"}'


def test_a_line_is_a_row_and_its_text_its_properties(puller):
    puller.write("a.jsonl", GOOD + b"\n")
    (row,) = puller.pull(path="a.jsonl", columns=WITH_IDS)
    assert (row["source"], row["source_index"], row["file"], row["line"]) == ("web", 1, "a.jsonl", 1)
    assert (row["event"], row["user_id"], row["occurred_at_text"]) == ("view", "u1", "2024-01-01T10:00:00Z")
    assert row["occurred_at_us"] == 1_704_103_200_000_000
    assert row["properties"] == GOOD.decode()
    assert row["loaded_at_us"] == 1_700_000_000_000_000
    assert (row["unreadable"], row["raw"], row["note"]) == (None, None, None)


def test_line_numbers_are_physical_whatever_stands_between(puller):
    lines = [b"\xef\xbb\xbf" + GOOD, b"", b"  \t", b'{"a"', GOOD + b"\r", b"[1]", b"7", b'{"x": "\xff"}', b"\0", GOOD]
    puller.write("a.jsonl", b"\n".join(lines))
    rows = puller.pull(path="a.jsonl", columns=WITH_IDS)
    assert [(row["line"], row["unreadable"]) for row in rows] == [
        (1, None),
        (4, "not JSON"),
        (5, None),
        (6, "not a JSON object"),
        (7, "not a JSON object"),
        (8, "not UTF-8"),
        (9, "not JSON"),
        (10, None),
    ]
    assert rows[1]["raw"] == '{"a"'
    assert rows[5]["raw"] == '{"x": "\ufffd"}'
    assert all(rows[index]["properties"] == GOOD.decode() for index in (0, 2, 7))


def test_an_unreadable_line_has_no_values_not_even_constant_ones(puller):
    puller.write("a.jsonl", b"nonsense\n")
    (row,) = puller.pull(path="a.jsonl", columns={"occurred_at": "t", "event": {"value": "view"}, "user_id": "u"})
    assert (row["event"], row["properties"], row["raw"]) == (None, None, "nonsense")


def test_an_array_has_no_keys(puller):
    puller.write("a.jsonl", '["x"]\n {"0": "y"}\n')
    rows = puller.pull(path="a.jsonl", columns={"occurred_at": "t", "event": "0", "user_id": "0"})
    assert [(row["unreadable"], row["event"]) for row in rows] == [("not a JSON object", None), (None, "y")]


def test_files_are_read_in_order_of_name_plain_and_gzip_whatever_their_ending(puller):
    puller.write("web/b.jsonl", gzip.compress(GOOD + b"\n"))
    puller.write("web/a.jsonl.gz", GOOD + b"\n" + GOOD)
    puller.write("web/c.jsonl.gz", gzip.compress(GOOD + b"\n") + gzip.compress(GOOD))
    rows = puller.pull(path="web/*.jsonl*")
    assert [(row["file"], row["line"]) for row in rows] == [
        ("web/a.jsonl.gz", 1),
        ("web/a.jsonl.gz", 2),
        ("web/b.jsonl", 1),
        ("web/c.jsonl.gz", 1),
        ("web/c.jsonl.gz", 2),
    ]
    assert puller.report.file_count == 3


@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_of_a_broken_gzip_file_everything_before_the_break_lands(puller, damage):
    lines = [json.dumps({"time": "2024-01-01", "name": f"e{i}", "user": f"u{i * 7919 % 997}"}) for i in range(5_000)]
    packed = gzip.compress("\n".join(lines).encode())
    broken = packed[: len(packed) // 2] if damage == "cut" else packed + b"more"
    puller.write("a.jsonl.gz", broken)
    *rows, last = puller.pull(path="a.jsonl.gz", columns=WITH_IDS)
    assert [row["properties"] for row in rows] == lines[: len(rows)]
    assert [row["line"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) > 1_000
    assert last["unreadable"].startswith("a.jsonl.gz: ")
    assert f"line {last['line']}" in last["unreadable"]
    expected = lines[len(rows)] if damage == "cut" else lines[-1]
    assert expected.startswith(last["raw"])


def test_a_line_of_ten_megabytes_is_one_row(puller):
    long = "x" * 10_000_000
    line = json.dumps({"time": "2024-01-01", "name": "view", "user": "u", "long": long})
    puller.write("a.jsonl", f"{line}\n{GOOD.decode()}\n")
    rows = puller.pull(path="a.jsonl", columns={"occurred_at": "time", "event": "name", "user_id": "long"})
    assert [row["line"] for row in rows] == [1, 2]
    assert rows[0]["user_id"] == long


def test_nested_values_are_reached_by_path_and_a_key_of_that_very_name_comes_first(land):
    line = '{"user": {"id": 7, "a.b": 1}, "items": [{"sku": "s1"}], "x.y": "flat", "x": {"y": "deep"}}'
    row = land(line, {"user_id": "user.id", "event": "items[0].sku", "device_id": "x.y", "campaign": "user"})
    assert (row["user_id"], row["event"], row["device_id"]) == ("7", "s1", "flat")
    assert json.loads(row["campaign"]) == {"id": 7, "a.b": 1}


@pytest.mark.parametrize(
    ("line", "user"),
    [
        ('{"user": 123}', "123"),
        ('{"user": "123"}', "123"),
        ('{"user": 12345678901234567890123}', "12345678901234567890123"),
        ('{"user": "first", "user": "second"}', "first"),
        ('{"user": "a", "User": "b"}', "a"),
        ('{"user": "a", "bad": NaN}', "a"),
        ('{"user": null}', None),
        ("{}", None),
        ('{"user": "Jānis \\u4f60\\ud83d\\ude00"}', "Jānis 你😀"),
    ],
)
def test_values_are_text(land, line, user):
    row = land(line, {"event_id": "id"})
    assert (row["user_id"], row["unreadable"], row["properties"]) == (user, None, line)


def test_without_ids_the_same_content_is_the_same_text_whatever_the_order_of_its_keys(land):
    one = land('{"user": "a", "n": {"z": 1}, "time": null, "k\\"q": [1,2]}')["properties"]
    other = land('{ "k\\"q":[1,2],"time":null,"n":{"z":1} , "user":"a" }')["properties"]
    assert one == other
    assert json.loads(one) == {"user": "a", "n": {"z": 1}, "time": None, 'k"q': [1, 2]}
    assert land('{"user": "a", "user": "b"}')["properties"] == '{"user": "a", "user": "b"}'


def test_sql_mappings_see_the_objects_keys_and_a_failing_row_is_null(puller):
    puller.write("a.jsonl", '{"price": "2.5", "n": 3, "line": "L"}\n{"price": "x", "n": 1, "line": "M"}\n')
    mapping = {"sql": "CAST(price AS DOUBLE) * CAST(n AS INTEGER)"}
    columns = {"occurred_at": "t", "user_id": "line", "event": {"sql": "lower(line)"}, "value_amount": mapping}
    rows = puller.pull(path="a.jsonl", columns=columns)
    assert [(row["event"], row["value_amount"], row["line"]) for row in rows] == [("l", 7.5, 1), ("m", None, 2)]


def test_sql_that_is_none_is_a_source_error_and_leaves_no_file(puller):
    puller.write("a.jsonl", GOOD)
    for sql in ("CAST(price AS", "no_such_function(name)"):
        columns = {"occurred_at": "time", "event": {"sql": sql}, "user_id": "user"}
        with pytest.raises(SourceError, match="web"):
            puller.pull(path="a.jsonl", columns=columns)
    assert list(puller.landed.iterdir()) == []


def test_a_failed_pull_leaves_the_older_file_alone(puller):
    puller.write("a.jsonl", GOOD)
    puller.pull(path="a.jsonl")
    before = (puller.landed / "web.parquet").read_bytes()
    with pytest.raises(SourceError):
        puller.pull(path="a.jsonl", columns={"occurred_at": "t", "event": {"sql": "nothing("}, "user_id": "u"})
    assert [path.name for path in puller.landed.iterdir()] == ["web.parquet"]
    assert (puller.landed / "web.parquet").read_bytes() == before


def test_no_file_is_an_error_that_names_pattern_and_folder(puller):
    with pytest.raises(SourceError) as caught:
        puller.pull(path="web/*.jsonl")
    assert "'web/*.jsonl'" in str(caught.value)
    assert str(puller.folder) in str(caught.value)


def test_an_unknown_ending_is_an_error_that_names_it(puller):
    puller.write("a.txt", GOOD)
    with pytest.raises(SourceError, match=r"'\.txt'"):
        puller.pull(path="a.txt")
    assert len(puller.pull(path="a.txt", format="jsonl")) == 1


def test_empty_files_land_nothing(puller):
    puller.write("a.jsonl", b"")
    puller.write("b.jsonl", b"\xef\xbb\xbf\n\n")
    assert puller.pull(path="*.jsonl") == []


@given(
    content=st.binary(max_size=200)
    | st.lists(st.sampled_from([GOOD, b"\r", b" ", b"\n", b"\xef\xbb\xbf", b"{}", b"\0"])).map(b"".join)
)
def test_every_line_that_is_not_blank_lands_once(new_puller, content):
    puller = new_puller()
    # The two first bytes of gzip make a file gzip; what is broken in it is told apart in another test.
    content = content.removeprefix(b"\x1f")
    puller.write("a.jsonl", content)
    rows = puller.pull(path="a.jsonl", columns=WITH_IDS)
    lines = enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
    filled = {number: line.removesuffix(b"\r") for number, line in lines if line.strip(b" \t\r\x0b\x0c")}
    assert {row["line"]: row["raw"] if row["unreadable"] else row["properties"] for row in rows} == {
        number: line.decode("utf-8", "replace") for number, line in filled.items()
    }
    assert len(rows) == len(filled)


@given(cut=st.integers(0, 20), count=st.integers(1, 20))
def test_splitting_a_file_changes_only_file_and_line(new_puller, cut, count):
    puller = new_puller()
    lines = [
        b'{"time": "2024-01-%02d", "name": "e%d", "user": "u"}' % (1 + i, i % 3) if i % 5 else b"bad"
        for i in range(count)
    ]
    puller.write("one.jsonl", b"\n".join(lines))
    puller.write("two/a.jsonl", b"\n".join(lines[:cut]))
    puller.write("two/b.jsonl", b"\n".join(lines[cut:]) + b"\n")
    assert _contents(puller.pull(path="one.jsonl")) == _contents(puller.pull(path="two/*.jsonl"))


def _contents(rows):
    return sorted(str({name: value for name, value in row.items() if name not in ("file", "line")}) for row in rows)
