"""CSV: every record is one row with its physical line, also after line breaks in quotes; odd ones are kept as text."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.errors import SourceError
from journeys.sources.files import BLOCK_BYTES

HEADER = "time,name,user\n"


def by_line(rows, column="user_id"):
    return [(row["line"], row["unreadable"] or row[column]) for row in rows]


def test_all_columns_are_properties_and_empty_values_null(puller):
    puller.write("a.csv", 'time,name,user,"Odd ""name"""\n2024-01-01,view,u1,"1,5"\n2024-01-02,view,,\n')
    first, second = puller.pull(path="a.csv")
    assert (first["line"], first["user_id"], first["occurred_at_us"]) == (2, "u1", 1_704_067_200_000_000)
    assert json.loads(first["properties"]) == {"time": "2024-01-01", "name": "view", "user": "u1", 'Odd "name"': "1,5"}
    assert (second["user_id"], second["note"]) == (None, None)
    assert json.loads(second["properties"])["user"] is None


def test_lines_are_physical_after_line_breaks_in_quotes_and_blank_lines(puller):
    content = HEADER + 't,"a\nb\n",u3\n\nt,n,u7\r\n  \nt,"x\r\ny",u9\nt,n,u11'
    puller.write("a.csv", content)
    rows = puller.pull(path="a.csv")
    assert by_line(rows) == [(2, "u3"), (6, "u7"), (8, "u9"), (10, "u11")]
    assert [row["event"] for row in rows] == ["a\nb", "n", "x\r\ny", "n"]


def test_rows_with_too_few_or_too_many_values_are_kept_as_text(puller):
    puller.write("a.csv", HEADER + 't,n\nt,n,u,more,"x"\nt,n,u\njust text\n')
    rows = puller.pull(path="a.csv")
    assert by_line(rows) == [
        (2, "2 values instead of 3"),
        (3, "5 values instead of 3"),
        (4, "u"),
        (5, "1 value instead of 3"),
    ]
    assert [row["raw"] for row in rows] == ["t,n", 't,n,u,more,"x"', None, "just text"]


def test_rows_that_are_not_utf8_are_kept_the_others_read(puller):
    puller.write("a.csv", HEADER.encode() + b"t,n,u2\nt,n,\xff\xfe\nt,\xc4\x81,u4\n")
    rows = puller.pull(path="a.csv")
    assert by_line(rows) == [(2, "u2"), (3, "not UTF-8"), (4, "u4")]
    assert rows[1]["raw"] == "t,n,\ufffd\ufffd"
    assert rows[2]["event"] == "ā"


def test_quotes_at_odd_places_cost_no_row(puller):
    puller.write("a.csv", HEADER + 't,5" pipe,u2\nt,n,u3\nt,say ""hi"",u4\nt,"a\nb",u5\nt,n,u7\n')
    rows = puller.pull(path="a.csv")
    assert by_line(rows) == [(2, "u2"), (3, "u3"), (4, "u4"), (5, "u5"), (7, "u7")]
    assert [row["event"] for row in rows] == ['5" pipe', "n", 'say ""hi""', "a\nb", "n"]


def test_a_quote_that_is_never_closed_takes_the_rest_and_says_so(puller):
    puller.write("a.csv", HEADER + 't,n,u2\nt,n,"u3\nt,n,u4\n')
    rows = puller.pull(path="a.csv")
    assert by_line(rows) == [(2, "u2"), (3, "a quote is never closed")]
    assert rows[1]["raw"] == 't,n,"u3\nt,n,u4'


def test_nul_bytes_and_very_long_values_are_kept(puller):
    long = "x" * (BLOCK_BYTES + 10)
    puller.write("a.csv", HEADER + f't,n,a\0b\nt,"{long}\n{long}",u3\nt,n,u5\n')
    rows = puller.pull(path="a.csv")
    assert by_line(rows) == [(2, "a\0b"), (3, "u3"), (5, "u5")]
    assert rows[1]["event"] == f"{long}\n{long}"


def test_a_byte_order_mark_is_no_part_of_the_first_name(puller):
    puller.write("a.csv", b"\xef\xbb\xbf" + HEADER.encode() + b"t,n,u2")
    assert by_line(puller.pull(path="a.csv")) == [(2, "u2")]


def test_columns_are_found_whatever_their_case_and_order_by_file(puller):
    puller.write("a.csv", "Time,NAME,user\nt,n,u2\n")
    puller.write("b.csv", '"user",time,name,more\n"u2",t,n,m\n')
    rows = puller.pull(path="*.csv")
    assert [(row["file"], row["user_id"], row["event"]) for row in rows] == [("a.csv", "u2", "n"), ("b.csv", "u2", "n")]
    assert json.loads(rows[1]["properties"]) == {"user": "u2", "time": "t", "name": "n", "more": "m"}


def test_a_missing_column_is_an_error_with_the_nearest_name(puller):
    puller.write("a.csv", "time,name,users\nt,n,u\n")
    with pytest.raises(SourceError) as caught:
        puller.pull(path="a.csv")
    assert "'user'" in str(caught.value)
    assert "nearest 'users'" in str(caught.value)
    assert "'a.csv'" in str(caught.value)


def test_a_name_that_stands_twice_is_an_error(puller):
    puller.write("a.csv", "time,name,user,name\nt,n,u,m\n")
    with pytest.raises(SourceError, match="'name'"):
        puller.pull(path="a.csv")


def test_another_delimiter_is_told(puller):
    puller.write("a.csv", "time;name;user\nt;n;u\n")
    with pytest.raises(SourceError) as caught:
        puller.pull(path="a.csv")
    assert "delimiter = ';'" in str(caught.value)
    assert by_line(puller.pull(path="a.csv", delimiter=";")) == [(2, "u")]


def test_tabs_separate_in_tsv_files(puller):
    puller.write("a.tsv", "time\tname\tuser\nt\tn\tu\n")
    assert by_line(puller.pull(path="a.tsv")) == [(2, "u")]


@pytest.mark.parametrize("content", ["", "\n\n", HEADER, HEADER + "\n \n"])
def test_a_file_without_rows_lands_none(puller, content):
    puller.write("a.csv", content)
    assert puller.pull(path="a.csv") == []


def test_of_a_broken_gzip_file_everything_before_the_break_lands(puller):
    lines = [f"2024-01-01,e{i},u{i * 7919 % 997}" for i in range(5_000)]
    packed = gzip.compress((HEADER + "\n".join(lines)).encode())
    puller.write("a.csv.gz", packed[: len(packed) // 2])
    *rows, last = puller.pull(path="a.csv.gz")
    assert len(rows) > 1_000
    assert [row["event"] for row in rows] == [f"e{i}" for i in range(len(rows))]
    assert last["line"] == len(rows) + 2
    assert last["unreadable"].startswith("a.csv.gz: gzip data ends early")
    assert lines[len(rows)].startswith(last["raw"])


def test_a_large_file_is_read_as_a_small_one(puller):
    count = 150_000
    rows = (f't,"na""me, {i}\n",u{i}\n' if i % 3 == 0 else f"t,n,u{i}\n" for i in range(count))
    content = HEADER + "".join(rows)
    assert len(content) > BLOCK_BYTES / 2
    puller.write("a.csv", content)
    landed = puller.pull(path="a.csv")
    assert [row["user_id"] for row in landed] == [f"u{i}" for i in range(count)]
    # Two lines for each third record before it, one for the others, after the header.
    assert [row["line"] for row in landed] == [2 + i + (i + 2) // 3 for i in range(count)]


VALUES = st.text(st.sampled_from('a",\n\r;é '), max_size=5)


@given(rows=st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=8), line_end=st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_wrote_is_read_back(new_puller, rows, line_end):
    puller = new_puller()
    text = io.StringIO(newline="")
    # Python's writer leaves a lone carriage return without quotes, which no reader can tell from a line end.
    has_returns = any("\r" in value for row in rows for value in row)
    quoting = csv.QUOTE_ALL if has_returns else csv.QUOTE_MINIMAL
    writer = csv.writer(text, lineterminator=line_end, quoting=quoting)
    lines = []
    writer.writerow(("time", "name", "user"))
    for row in rows:
        lines.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    puller.write("a.csv", text.getvalue())
    landed = puller.pull(path="a.csv")
    assert [row["line"] for row in landed] == lines
    found = [tuple(json.loads(row["properties"])[name] for name in ("time", "name", "user")) for row in landed]
    assert found == [tuple(value or None for value in row) for row in rows]


@given(content=st.binary(max_size=120) | st.text(st.sampled_from('a,"\n\r\0'), max_size=60).map(str.encode))
def test_no_byte_of_any_file_is_lost(new_puller, content):
    puller = new_puller()
    puller.write("a.csv", HEADER.encode() + content)
    rows = puller.pull(path="a.csv")
    lines = [line for line, text in enumerate(content.split(b"\n"), start=2) if text.strip(b" \t\r\x0b\x0c")]
    starts = [row["line"] for row in rows]
    # A record starts at a line that is not blank, and every other such line lies inside a record with quotes.
    assert len(set(starts)) == len(starts)
    if b'"' not in content:
        assert starts == lines
