"""Who is who in the sample company, against the truth planted in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from judgement import HEADER, Judgement, judge, read_persons
from source_rows import drop_nobody

from journeys.identity import RULES

SMALL = pytest.param(2_000, id="2,000 persons")
LARGE = pytest.param(20_000, id="20,000 persons", marks=pytest.mark.prove)


@pytest.fixture(scope="module", params=[SMALL, LARGE])
def judgement(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, refresh: Callable[..., Any]
) -> Judgement:
    return judge(tmp_path_factory.mktemp("company"), refresh, person_count=request.param)


def test_every_identifier_has_one_person_but_mailboxes_of_whole_companies(judgement: Judgement) -> None:
    identifiers, _ = read_persons(judgement.engine)
    assert identifiers.keys() == {key for key, note in judgement.notes.items() if note != "role"}


def test_every_event_with_an_identifier_has_a_person(judgement: Judgement) -> None:
    _, events = read_persons(judgement.engine)
    with_identifier = {event for event, row in judgement.web_events.items() if drop_nobody(row)}
    future = {event for event in with_identifier if event not in events}
    assert len(future) == 1, "the event of the year 2099"
    assert not future & judgement.true_events.keys()


def test_nobody_is_merged_and_what_the_evidence_allows_is_found(judgement: Judgement) -> None:
    score = judgement.score_published()
    assert len(judgement.allowed_pairs) > 1_000
    assert score.precision == 1.0
    assert score.recall >= 0.99


def test_devices_of_nobody_stand_alone(judgement: Judgement) -> None:
    identifiers, _ = read_persons(judgement.engine)
    sizes = Counter(identifiers.values())
    strangers = [key for key, note in judgement.notes.items() if note in ("kiosk", "bot")]
    assert len(strangers) > 5
    assert [key for key in strangers if sizes[identifiers[key]] != 1] == []


def test_the_guards_name_what_was_planted(judgement: Judgement) -> None:
    dirt = json.loads((judgement.folder / "truth" / "dirt.json").read_text("utf-8"))
    guarded = judgement.engine.rows("SELECT guard, identifier_kind, identifier_value FROM guarded_identifiers")
    kiosk = next(key for key, note in judgement.notes.items() if note == "kiosk")
    assert dirt["kiosk_user_count"] > 5
    assert dirt["shared_device_count"] == len(judgement.shared_devices) - 1 > 5
    assert {row for row in guarded if row[0] == "hub"} == {("hub", *kiosk)}
    assert {row[1:] for row in guarded if row[0] == "shared"} == judgement.shared_devices - {kiosk}
    blocked = judgement.engine.rows(
        "SELECT DISTINCT identifier_value FROM identity_refusals WHERE guard = 'blocked' AND identifier_kind = 'email'"
    )
    mailboxes = {value for (_, value), note in judgement.notes.items() if note == "role"}
    assert {value for (value,) in blocked} == mailboxes != set()


def test_no_other_rule_is_right_about_more_events(
    judgement: Judgement, record_property: Callable[[str, object], None]
) -> None:
    scores = judgement.score_rules()
    title = f"{len(judgement.notes):,} identifiers, {len(judgement.true_events):,} events against the planted truth"
    record_property("shown", "\n".join([title, HEADER, *map(str, scores.values())]))
    published = judgement.score_published()
    assert list(scores) == [*RULES, "no guards"]
    assert vars(scores["device_split"]) | {"name": ""} == vars(published) | {"name": ""}
    for name, score in scores.items():
        assert published.accuracy >= score.accuracy, name
        assert published.majority >= score.majority, name
    assert scores["no guards"].precision < 0.5, "the kiosk would merge all who logged in there"
    assert scores["last_known"].precision < 1.0, "a family's device with all its users would be one person's"
