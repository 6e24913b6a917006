"""Checking a source: what is wrong is named before anything is loaded."""

from __future__ import annotations

import pytest

from journeys.config import Identity, KindSettings, Project, merge_kinds
from journeys.sources import check_source

GOOD = '{"time": "2024-01-01T10:00:00Z", "name": "view", "user": "u1"}\n'


@pytest.fixture
def check(puller):
    """Check a JSON lines source of one text."""

    def check_text(content, *, identity=None, **settings):
        puller.write("a.jsonl", content)
        source = puller.source(**({"path": "a.jsonl"} | settings))
        problems = check_source(source, Project(name="Acme"), puller.folder, identity=identity or Identity())
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
    assert "none of the first rows has an identifier of a person; user_id is mapped to 'user'" in problems[1]
    assert "found user_id 'null', which never identifies anybody: blocked value" in problems[1]


def test_what_the_configuration_blocks_is_named(check):
    assert check(GOOD, identity=Identity(blocked=("x", "device_id:u1"))) == []
    (problem,) = check(GOOD, identity=Identity(blocked=("U*",)))
    assert "found user_id 'u1', which never identifies anybody: blocked value" in problem


def test_an_identifier_of_another_kind_is_enough(check):
    line = '{"time": "2024-01-01", "name": "view", "mail": "anna@a.example"}\n'
    columns = {"occurred_at": "time", "event": "name"}
    assert check(line, columns=columns, identifiers={"email": "mail"}) == []
    (problem,) = check(line.replace("anna", "info"), columns=columns, identifiers={"email": "mail"})
    assert "email is mapped to 'mail'; found email 'info@a.example', which never identifies anybody: role" in problem


def test_a_kind_of_the_configurations_own_is_judged_by_its_format(check):
    badge = Identity(kinds=merge_kinds({"badge": KindSettings(strength="weak", format="phone")}))
    line = '{"time": "2024-01-01", "name": "view", "badge": "none here"}\n'
    columns = {"occurred_at": "time", "event": "name"}
    (problem,) = check(line, columns=columns, identifiers={"badge": "badge"}, identity=badge)
    assert "no digits" in problem


def test_accounts_alone_are_no_persons(check):
    columns = {"occurred_at": "time", "event": "name", "account_id": "user"}
    (problem,) = check(GOOD, columns=columns)
    assert "none of the first rows has an identifier of a person; account_id is mapped to 'user'" in problem
    assert "found account_id only" in problem


def test_a_misspelt_identifier_is_named_with_the_one_that_looks_like_it(check):
    (problem,) = check(GOOD.replace("}", ', "email": "a@a.example"}'), identifiers={"email": "emial"})
    assert "no object has the key 'emial'; nearest 'email'" in problem


BOOK = {"holds": "contacts", "columns": {"occurred_at": "time", "user_id": "user"}, "identifiers": {"email": "mail"}}


def test_a_good_address_book_needs_no_event(check):
    assert check('{"time": "2024-01-01", "user": "u1", "mail": "a@a.example"}\n{}\n', **BOOK) == []


def test_an_address_book_whose_rows_link_nothing_is_told(check):
    one = '{"time": "2024-01-01", "user": "u1"}\n{"time": "2024-01-01", "user": "0", "mail": "a@a.example"}\n'
    (problem,) = check(one, **BOOK)
    assert "none of the first rows has two identifiers, so that they link nothing" in problem
    assert "user_id is mapped to 'user', email is mapped to 'mail'; found email only" in problem
    (problem,) = check('{"time": "2024-01-01"}\n', **BOOK)
    assert "each is empty" in problem


def test_a_device_of_several_columns_links_nothing_in_an_address_book(check):
    columns = {"occurred_at": "time", "device_id": ["ip", "agent"], "user_id": "user"}
    line = '{"time": "2024-01-01", "ip": "1.2.3.4", "agent": "x", "user": "u1"}\n'
    (problem,) = check(line, holds="contacts", columns=columns)
    assert "found user_id only" in problem


def test_an_address_book_without_times_is_told(check):
    (problem,) = check('{"user": "u1", "mail": "a@a.example"}\n', **BOOK)
    assert "none of the first rows has a time" in problem


def test_rows_of_an_address_book_of_which_each_lacks_another_thing_are_told(check):
    (problem,) = check('{"user": "u1", "mail": "a@a.example"}\n{"time": "2024-01-01", "user": "u1"}\n', **BOOK)
    assert "each of the first 2 rows lacks something: a time since 2000-01-01 or two identifiers" in problem


def test_a_missing_column_of_an_identifier_is_named_with_the_nearest(puller):
    puller.write("a.csv", "time,name,email\n2024-01-01,view,a@a.example\n")
    columns = {"occurred_at": "time", "event": "name"}
    source = puller.source(path="a.csv", columns=columns, identifiers={"email": "emial"})
    (problem,) = check_source(source, Project(name="Acme"), puller.folder, identity=Identity())
    assert "nearest 'email'" in problem
    assert "[source.identifiers]" in problem


def test_csv_headers_of_all_files_are_read(puller):
    puller.write("a.csv", "time,name,user\n2024-01-01,view,u1\n")
    puller.write("b.csv", "time,name,users\n2024-01-01,view,u1\n")
    (problem,) = check_source(puller.source(path="*.csv"), Project(name="Acme"), puller.folder, identity=Identity())
    assert "'b.csv'" in problem
    assert "nearest 'users'" in problem
