"""CSV without a header: the configuration names the columns; and CSV without quotes."""

from __future__ import annotations

import json

import pytest

from journeys.errors import SourceError

NAMES = ("time", "name", "user")


def test_every_record_is_a_row_of_the_columns_named(puller):
    puller.write("a.csv", b"\xef\xbb\xbft,n,u1\n\nt,,u3\n")
    rows = puller.pull(path="a.csv", header=NAMES)
    assert [(row["line"], row["event"], row["user_id"]) for row in rows] == [(1, "n", "u1"), (3, None, "u3")]
    assert json.loads(rows[0]["properties"]) == {"time": "t", "name": "n", "user": "u1"}


def test_a_record_with_another_number_of_values_is_kept_as_text(puller):
    puller.write("a.csv", "t,n\nt,n,u2\nt,n,u,more\n")
    rows = puller.pull(path="a.csv", header=NAMES)
    assert [row["unreadable"] for row in rows] == ["2 values instead of 3", None, "4 values instead of 3"]
    assert rows[0]["raw"] == "t,n"


def test_a_column_that_is_not_named_is_an_error(puller):
    puller.write("a.csv", "t,n,u1\n")
    with pytest.raises(SourceError, match="nearest 'users'"):
        puller.pull(path="a.csv", header=("time", "name", "users"))


def test_all_files_have_the_columns_named(puller):
    puller.write("a.csv", "t,a,u1\n")
    puller.write("b.csv", "t,b,u1\n")
    puller.write("c.csv", "")
    assert [row["event"] for row in puller.pull(path="*.csv", header=NAMES)] == ["a", "b"]


def test_without_quotes_a_quote_is_plain_text(puller):
    content = 't\t"a\tu1\nt\t"b" c\tu2\nt\t""\tu3\nt\tsay "d"\tu4\n'
    puller.write("a.tsv", content)
    rows = puller.pull(path="a.tsv", header=NAMES, quotes=False)
    assert [row["event"] for row in rows] == ['"a', '"b" c', '""', 'say "d"']
    assert [row["line"] for row in rows] == [1, 2, 3, 4]
    assert puller.pull(path="a.tsv", header=NAMES)[0]["event"] != '"a'


def test_without_quotes_odd_bytes_cost_no_other_row(puller):
    puller.write("a.csv", b'time,"name",user\nt,"n,u2\nt,\xff,u3\nt,"n\rm",u4\nt,n"\n')
    rows = puller.pull(
        path="a.csv", quotes=False, columns={"occurred_at": "time", "event": '"name"', "user_id": "user"}
    )
    assert [(row["line"], row["unreadable"] or row["event"]) for row in rows][:2] == [(2, '"n'), (3, "not UTF-8")]
    assert [row["line"] for row in rows] == [2, 3, 4, 5]
    assert rows[-1]["unreadable"] == "2 values instead of 3"
