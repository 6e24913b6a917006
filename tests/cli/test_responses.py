"""Surveys and tickets: each answer once, with its person, on a scale from worst to best."""

from __future__ import annotations

import csv
import json

import pytest
from shop_script import RULES, SOURCE, Script

SURVEYS = """
[[source]]
name = "surveys"
kind = "file"
holds = "surveys"
path = "surveys.csv"
[source.columns]
event_id = "id"
occurred_at = "at"
user_id = "customer"
[source.answer]
score = "score"
scale_min = { sql = "CASE question WHEN 'NPS' THEN 0 ELSE 1 END" }
scale_max = { sql = "CASE question WHEN 'NPS' THEN 10 ELSE 7 END" }
direction = "better"
text = "comment"
touchpoint = "about"
"""
TICKETS = """
[[source]]
name = "tickets"
kind = "file"
holds = "tickets"
path = "tickets.jsonl"
[source.columns]
event_id = "id"
occurred_at = "opened"
user_id = "requester.id"
[source.answer]
text = "text"
language = { value = "lv" }
"""
COLUMNS = ("id", "at", "customer", "question", "score", "better", "comment", "about")
ROWS = [
    ("1", "2026-03-01T12:00Z", "ann", "NPS", "9", "up", "Fine.", "Cart"),
    ("2", "2026-03-01T12:01Z", "ann", "CES", "7", "down", "", ""),
    ("3", "2026-03-01T12:02Z", "bob", "CES", "3", "Down", " ", "Product"),
    ("4", "2026-03-01T12:03Z", "bob", "NPS", "11", "up", "More!", ""),
    ("5", "2026-03-01T12:04Z", "bob", "NPS", "nine", "up", "", ""),
    ("6", "2026-03-01T12:05Z", "bob", "NPS", "", "up", "No idea", ""),
    ("7", "2026-03-01T12:06Z", "bob", "NPS", "0", "sideways", "", ""),
    ("7", "2026-03-01T12:06Z", "bob", "NPS", "0", "sideways", "", ""),
    ("8", "2026-03-01T12:07Z", "", "NPS", "5", "up", "Nobody", ""),
]
# Event, score, share of the best, note; worked by hand.
ANSWERS = [
    ("1", 9.0, 0.9, None),
    ("2", 7.0, 0.0, None),
    ("3", 3.0, 4 / 6, None),
    ("4", 11.0, None, "score outside of its scale"),
    ("5", None, None, "unreadable score"),
    ("6", None, None, None),
    ("7", 0.0, None, "unknown direction"),
]


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Script:
    made = Script(tmp_path_factory.mktemp("voices")).write(rules=SURVEYS + TICKETS + RULES)
    with (made.folder / "surveys.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *ROWS])
    ticket = {"id": "t1", "opened": "2026-03-02T08:00Z", "requester": {"id": "ann"}, "text": "Kur ir paciņa?"}
    (made.folder / "tickets.jsonl").write_text(json.dumps(ticket) + "\n", encoding="utf-8")
    made("refresh").succeeds()
    return made


def test_answers_stand_on_a_scale_from_worst_to_best(voices: Script) -> None:
    found = voices.rows(
        "SELECT event_id, score, score_share, note FROM responses WHERE kind = 'survey' ORDER BY event_id"
    )
    assert [row[0] for row in found] == [f"surveys:{row[0]}" for row in ANSWERS]
    for (_, *values), (_, *expected) in zip(found, ANSWERS, strict=True):
        assert values == [pytest.approx(each) if isinstance(each, float) else each for each in expected]


def test_what_was_said_of_what_and_by_whom(voices: Script) -> None:
    assert voices.rows(
        "SELECT user_id, text, language, responses.touchpoint, responses.event "
        "FROM responses INNER JOIN events USING (event_id) WHERE text IS NOT NULL ORDER BY events.occurred_at_us"
    ) == [
        ("ann", "Fine.", None, "Cart", "survey answer"),
        ("bob", "More!", None, None, "survey answer"),
        ("bob", "No idea", None, None, "survey answer"),
        ("ann", "Kur ir paciņa?", "lv", None, "ticket"),
    ]
    assert voices.rows("SELECT count(DISTINCT person_id) FROM responses") == [(2,)]


def test_answers_are_events_in_no_session(voices: Script) -> None:
    assert voices.rows("SELECT count(*) FROM events WHERE source <> 'web' AND is_interaction") == [(0,)]
    assert voices.rows("SELECT source, reason FROM rejected_events") == [("surveys", "no identifier")]


def test_what_cannot_be_read_is_told(voices: Script) -> None:
    told = [row[0] for row in voices.rows("SELECT warning FROM run_warnings")]
    assert "Source 'surveys': answers with score outside of its scale: 1." in told
    assert "Source 'surveys': answers with unreadable score: 1." in told
    assert "Source 'surveys': answers with unknown direction: 1." in told


def test_a_changed_scale_needs_no_rows_again(voices: Script) -> None:
    (voices.folder / "surveys.csv").unlink()
    try:
        changed = (
            (SOURCE + SURVEYS + TICKETS + RULES).replace("THEN 10", "THEN 20").replace('"surveys.csv"', '"surveys*"')
        )
        voices.config.write_text('[project]\nname = "Test shop"\n' + changed, encoding="utf-8")
        (voices.folder / "surveys2.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
        voices("refresh").succeeds()
        shares = voices.rows("SELECT score_share FROM responses WHERE score IN (9, 11) ORDER BY score")
        assert [share for (share,) in shares] == [pytest.approx(0.45), pytest.approx(0.55)]
    finally:
        voices("rollback").succeeds()


def test_a_column_that_came_later_is_read_where_it_is_there(script: Script) -> None:
    answer = '[source.answer]\nscore = "id"\nscale_min = { value = "0" }\nscale_max = { value = "4" }\ntext = "said"\n'
    columns = '[source.columns]\nevent_id = "id"\noccurred_at = "at"\nuser_id = "who"\n'
    head = '[[source]]\nname = "s"\nkind = "file"\nholds = "surveys"\npath = "s*.csv"\n'
    head += 'optional_columns = "said"\n'
    script.write(rules=head + columns + answer + RULES)
    (script.folder / "s1.csv").write_text("id,at,who\n1,2026-03-01,ann\n", encoding="utf-8")
    (script.folder / "s2.csv").write_text("id,at,who,said\n3,2026-03-02,ann,Fine\n", encoding="utf-8")
    script("refresh").succeeds()
    assert script.rows("SELECT score_share, text FROM responses ORDER BY score") == [(0.25, None), (0.75, "Fine")]


def test_a_misspelt_column_is_told_before_anything_is_stored(script: Script) -> None:
    script.write(rules=SURVEYS.replace('text = "comment"', 'text = "coment"') + RULES)
    (script.folder / "surveys.csv").write_text(",".join(COLUMNS) + "\n" + ",".join(ROWS[0]) + "\n", encoding="utf-8")
    assert "nearest 'comment'" in script("check").err
    script("refresh").fails(1, "missing-column", "'coment'", "nearest 'comment'")


def test_without_surveys_the_table_is_empty(shop: Script) -> None:
    assert shop.rows("SELECT count(*) FROM responses") == [(0,)]
