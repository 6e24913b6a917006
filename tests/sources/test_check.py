"""Checking a source: what is wrong is named before anything is loaded."""

from __future__ import annotations

import pytest

from journeys.config import Project
from journeys.sources import check_source

GOOD = '{"time": "2024-01-01T10:00:00Z", "name": "view", "user": "u1"}\n'


@pytest.fixture
def check(puller):
    """Check a JSON lines source of one text."""

    def check_text(content, **settings):
        puller.write("a.jsonl", content)
        source = puller.source(**({"path": "a.jsonl"} | settings))
        problems = check_source(source, Project(name="Acme"), puller.folder)
        assert not puller.landed.exists()
        return problems

    return check_text


def test_a_good_source_has_no_problem(check):
    assert check(GOOD * 3) == []


def test_a_source_without_rows_is_told(check):
    for nothing in ("", "\n\n"):
        (problem,) = check(nothing)
        assert "no rows" in problem


def test_rows_of_which_each_lacks_another_thing_are_told(check):
    rows = [
        '{"time": "2024-01-01", "name": "view"}',
        '{"time": "2024-01-01", "user": "u"}',
        '{"name": "view", "user": "u"}',
    ]
    (problem,) = check("\n".join(rows))
    assert "each of the first 3 rows lacks something" in problem


def test_one_bad_line_is_no_problem_but_nothing_else_is_one(check):
    assert check("nonsense\n" + GOOD) == []
    (problem,) = check("nonsense\n[1]\n")
    assert "not JSON" in problem
    assert "a.jsonl" in problem


def test_missing_files_are_named(check):
    (problem,) = check(GOOD, path="b/*.jsonl")
    assert "'b/*.jsonl'" in problem


def test_numbers_without_a_unit_are_named(check):
    numbers = GOOD.replace('"2024-01-01T10:00:00Z"', "1704103200")
    (problem,) = check(numbers)
    assert "1704103200" in problem
    assert "unit" in problem
    assert check(numbers, unit="s") == []


def test_a_time_of_another_shape_is_shown(check):
    (problem,) = check(GOOD.replace("2024-01-01T10:00:00Z", "1.1.2024"))
    assert "'1.1.2024'" in problem
    assert "time_format" in problem


def test_a_key_that_no_object_has_is_named_with_the_one_that_looks_like_it(check):
    columns = {"occurred_at": "tme", "event": "name", "user_id": "user"}
    problems = check(GOOD, columns=columns)
    assert len(problems) == 2
    assert "no object has the key 'tme'; nearest 'time'" in problems[1]


def test_a_rare_key_is_no_problem(check):
    assert (
        check(GOOD, columns={"occurred_at": "time", "event": "name", "user_id": "user", "value_amount": "revenue"})
        == []
    )


def test_blocked_identifiers_and_missing_events_are_named(check):
    problems = check('{"time": "2024-01-01", "user": "null"}\n')
    assert len(problems) == 2
    assert "event is mapped to 'name'" in problems[0]
    assert "blocked user_id" in problems[1]


def test_csv_headers_of_all_files_are_read(puller):
    puller.write("a.csv", "time,name,user\n2024-01-01,view,u1\n")
    puller.write("b.csv", "time,name,users\n2024-01-01,view,u1\n")
    (problem,) = check_source(puller.source(path="*.csv"), Project(name="Acme"), puller.folder)
    assert "'b.csv'" in problem
    assert "nearest 'users'" in problem
