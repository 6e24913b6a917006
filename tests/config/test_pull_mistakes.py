"""Keys of incremental pulls and changed rows: their defaults, and each mistake by its name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Settings

CURSOR = 'cursor = "updated_at"\n'
EVENT_ID = '"event_id" = "history_id"\n'
NO_ID = (EVENT_ID, "")
TRACKED = CURSOR + 'key = "deal_id"\ntracks = "stage"\n'
CRM = '[[source]] "crm" (2nd): '
# (changes, key as shown, words the problem must hold)
MISTAKES = [
    ([NO_ID], "columns.event_id", ["missing, and cursor needs it", "or no cursor"]),
    ([(CURSOR, 'overlap = "1h"\n')], "overlap", ["needs cursor"]),
    ([(CURSOR, CURSOR + 'overlap = "1 fortnight"\n')], "overlap", ["not a duration", "'30m'"]),
    ([(CURSOR, CURSOR + "overlap = -1\n")], "overlap", ["not an overlap", "whole number from 0"]),
    ([(CURSOR, CURSOR + "overlap = 1.5\n")], "overlap", ["not an overlap", "found 1.5"]),
    ([(CURSOR, CURSOR + "overlap = true\n")], "overlap", ["not an overlap"]),
    ([(CURSOR, CURSOR + f"overlap = {2**62}\n")], "overlap", ["not an overlap"]),
    ([NO_ID, (CURSOR, CURSOR + 'tracks = "stage"\n')], "tracks", ["needs key"]),
    ([(CURSOR, CURSOR + 'key = "deal_id"\n')], "key", ["needs tracks"]),
    ([NO_ID, (CURSOR, 'key = "deal_id"\ntracks = "stage"\n')], "tracks", ["needs cursor"]),
    ([(CURSOR, TRACKED)], "columns.event_id", ["made from key, tracks and cursor"]),
    ([NO_ID, (CURSOR, TRACKED.replace('"stage"', "[]"))], "tracks", ["not a column or a list of columns"]),
    ([NO_ID, (CURSOR, TRACKED.replace('"deal_id"', '["a", "a"]'))], "key", ["different ones"]),
    ([NO_ID, (CURSOR, TRACKED.replace('"deal_id"', '["a", 5]'))], "key", ["not a column or a list of columns"]),
    ([NO_ID, (CURSOR, TRACKED.replace('"deal_id"', '" "'))], "key", ["not a column or a list of columns"]),
    ([(CURSOR, CURSOR + 'deleted_event = "deal_deleted"\n')], "deleted_event", ["needs key"]),
    ([NO_ID, (CURSOR, TRACKED + 'deleted_event = ""\n')], "deleted_event", ["empty text"]),
    ([(CURSOR, CURSOR + "connect_timeout = 15\n")], "connect_timeout", ["text in quotes"]),
    ([(CURSOR, CURSOR + 'read_timeout = "0s"\n')], "read_timeout", ["not a duration"]),
    ([(CURSOR, CURSOR + 'on_drift = "fail"\n')], "on_drift", ["'report'", "'refuse'"]),
]


@pytest.mark.parametrize(("changes", "key", "words"), MISTAKES)
def test_a_mistake_in_a_pull_is_the_only_problem(
    problems_of: Callable[..., list[str]], changes: list[tuple[str, str]], key: str, words: list[str]
) -> None:
    (problem,) = problems_of(*changes)
    assert problem.startswith(f"{CRM}{key}: ")
    for word in words:
        assert word in problem


@pytest.mark.parametrize("line", [*TRACKED.splitlines(), 'overlap = "1h"', 'read_timeout = "1m"'])
def test_a_file_has_no_pull_keys(problems_of: Callable[..., list[str]], line: str) -> None:
    problems = problems_of(("required = true", line))
    assert any("web" in problem and 'only for kind = "database"' in problem for problem in problems)


def test_an_address_book_tracks_no_events(problems_of: Callable[..., list[str]]) -> None:
    book = ("event = { sql = \"'deal ' || stage\" }\n", '[source.identifiers]\nemail = "mail"\n')
    (problem,) = problems_of(NO_ID, (CURSOR, TRACKED + 'holds = "contacts"\n'), book)
    assert problem.startswith(f"{CRM}tracks: rows of an address book are no events")


def test_pull_keys_have_defaults_and_take_one_column_or_more(load: Callable[..., Settings]) -> None:
    plain = load().sources[1]
    assert (plain.overlap, plain.key, plain.tracks, plain.deleted_event) == (None, (), (), None)
    assert (plain.connect_timeout, plain.read_timeout, plain.on_drift) == ("15s", "10m", "report")
    lines = 'cursor = "n"\noverlap = 5\nkey = ["a", "b"]\ntracks = "stage"\non_drift = "refuse"\n'
    full = load(NO_ID, (CURSOR, lines)).sources[1]
    assert (full.overlap, full.key, full.tracks, full.on_drift) == (5, ("a", "b"), ("stage",), "refuse")
