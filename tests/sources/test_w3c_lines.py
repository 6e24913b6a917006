"""Web server logs whose #Fields lines name the columns, and may change within a file."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.errors import SourceError
from journeys.sources.stored_cells import write_stored_cells
from journeys.sources.streams import connect

FIELDS = "#Fields: date time c-ip cs-uri-stem cs(User-Agent) cs(Referer)\n"
COLUMNS = {"occurred_at": {"sql": "date || ' ' || \"time\""}, "event": "cs-uri-stem", "device_id": "c-ip",
           "user_agent": "cs(User-Agent)", "referrer": "cs(Referer)"}  # fmt: skip
MIDNIGHT = 1_772_323_200_000_000  # 2026-03-01, UTC


def pull(puller, content, **keys):
    puller.write("w3c.log", content)
    return puller.pull(**({"path": "w3c.log", "format": "w3c", "columns": COLUMNS} | keys))


def test_values_are_named_by_the_line_above(puller):
    (row,) = pull(
        puller, f"#Version: 1.0\n{FIELDS}2026-03-01 00:00:01 1.2.3.4 /a Mozilla/5.0+(X) http://b.example/?c+d\n"
    )
    assert (row["line"], row["occurred_at_us"], row["event"]) == (3, MIDNIGHT + 1_000_000, "/a")
    assert (row["user_agent"], row["referrer"]) == ("Mozilla/5.0 (X)", "http://b.example/?c+d")
    assert json.loads(row["properties"]) == {
        "date": "2026-03-01", "time": "00:00:01", "c-ip": "1.2.3.4", "cs-uri-stem": "/a",
        "cs(User-Agent)": "Mozilla/5.0 (X)", "cs(Referer)": "http://b.example/?c+d",
    }  # fmt: skip


def test_fields_may_change_within_a_file_and_begin_anew_in_the_next(puller):
    puller.write("b.w3c", "d t 1.1.1.1 /lost - -\n")
    changed = "#Fields:\tcs-uri-stem\tc-ip\tdate\ttime\n/b 2.2.2.2 2026-03-01 00:00:00\n"
    puller.write("a.w3c", f"{FIELDS}2026-03-01 00:00:00 1.1.1.1 /a - -\r\n#Date: 2026-03-02\n{changed}")
    rows = puller.pull(path="*.w3c", format="w3c", columns=COLUMNS)
    assert [(row["file"], row["line"], row["event"], row["device_id"]) for row in rows] == [
        ("a.w3c", 2, "/a", "1.1.1.1"),
        ("a.w3c", 5, "/b", "2.2.2.2"),
        ("b.w3c", 1, None, None),
    ]
    assert rows[2]["unreadable"] == "no #Fields line above it"
    assert rows[2]["raw"] == "d t 1.1.1.1 /lost - -"


def test_lines_that_do_not_fit_their_fields_are_kept_as_text(puller):
    rows = pull(puller, f"{FIELDS}d t i /a -\nd t i /b - - more\nd t i /c - -\n#Fields: a a\nx y\n")
    assert [(row["line"], row["unreadable"]) for row in rows] == [
        (2, "5 values instead of 6"),
        (3, "7 values instead of 6"),
        (4, None),
        (6, "a field stands twice in the #Fields line above it"),
    ]
    assert [row["raw"] for row in rows] == ["d t i /a -", "d t i /b - - more", None, "x y"]


def test_tabs_and_quotes_divide_values_too(puller):
    rows = pull(puller, f'{FIELDS}d\tt\ti\t/a b\t"A ""1"" B"\t-\nd t i  /b "A ""1"" B" ""\nd t i /c "a b\n')
    assert [(row["event"], row["user_agent"], row["referrer"]) for row in rows[:2]] == [
        ("/a b", 'A "1" B', None),
        ("/b", 'A "1" B', None),
    ]
    assert (rows[2]["event"], rows[2]["user_agent"], rows[2]["referrer"]) == ("/c", '"a', "b")


def test_the_same_row_in_another_order_of_fields_is_the_same_content(puller):
    first, second = pull(puller, "#Fields: b a\n2 1\n#Fields: a b\n1 2\n", columns={"occurred_at": "a", "event": "b",
                                                                                   "user_id": "a"})  # fmt: skip
    assert first["properties"] == second["properties"] == '{"a":"1","b":"2"}'


def test_a_mapped_field_that_the_first_line_lacks_is_an_error_unless_it_may_be_missing(puller):
    content = "#Fields: date time c-ip cs-uri-stem\n2026-03-01 00:00:00 1.1.1.1 /a\n"
    with pytest.raises(SourceError, match=r"'w3c.log'.*'cs\(User-Agent\)'"):
        pull(puller, content)
    (row,) = pull(puller, content, optional_columns=("cs(User-Agent)", "cs(Referer)"))
    assert (row["event"], row["user_agent"]) == ("/a", None)


@pytest.mark.parametrize("content", ["", "\n", FIELDS, "#Software: x\n#Fields:\n"])
def test_a_file_without_rows_lands_none(puller, content):
    assert pull(puller, content) == []


def test_of_broken_gzip_and_bytes_that_are_no_text_everything_else_lands(puller):
    lines = b"".join(b"d t 10.0.%d.%d /%d - -\n" % (i // 250, i % 250, i * 7919 % 9973) for i in range(20_000))
    packed = gzip.compress(FIELDS.encode() + b"d t i /\xff - -\n" + lines)
    odd, *rows, last = pull(puller, packed[: len(packed) // 2])
    assert (odd["line"], odd["unreadable"]) == (2, "not UTF-8")
    assert len(rows) > 1_000
    assert [row["event"] for row in rows] == [f"/{i * 7919 % 9973}" for i in range(len(rows))]
    assert "gzip data ends early" in last["unreadable"]


def test_stored_rows_may_lack_a_field_of_the_mapping(puller):
    source = puller.source(path="w3c.log", format="w3c", columns=COLUMNS)
    (cell,) = write_stored_cells(source, ["cs(Referer)"], ["date", "time"])
    with connect() as connection:
        stored = """(VALUES ('{"cs(Referer)":"http://b.example/"}'), ('{"date":"2026-03-01"}')) AS stored(properties)"""
        assert connection.execute(f"SELECT {cell} FROM {stored}").fetchall() == [("http://b.example/",), (None,)]


LINES = [FIELDS.strip(), "#Fields: c-ip", "#x", "a", "d t i /a - -", '"', "", "- -"]


@given(lines=st.lists(st.sampled_from(LINES), max_size=8))
@settings(max_examples=25, deadline=None)
def test_each_line_that_is_no_directive_is_one_row(new_puller, lines):
    optional = ("date", "time", "c-ip", "cs-uri-stem", "cs(User-Agent)", "cs(Referer)")
    rows = pull(new_puller(), "\n".join(lines), optional_columns=optional)
    wanted = [number for number, line in enumerate(lines, start=1) if line and not line.startswith("#")]
    assert [row["line"] for row in rows] == wanted
