"""Predicates in rules: mistakes are told by the rule's name, harm is not done."""

from __future__ import annotations

import pytest
from shop_script import RULES, Script

TOUCHPOINT = 'match = { event = "land" }'
GOAL = 'match = { event = "buy" }'


def with_predicate(where: str, predicate: str) -> str:
    """The shop's rules with one of them given by a predicate."""
    return RULES.replace(where, f"sql = '''{predicate}'''")


@pytest.mark.parametrize(
    "predicate",
    [
        "event = ", "nosuch = 1", "eventt = 'x'", "TRUE; SELECT 1", "count(*) > 1",
        "row_number() OVER () = 1", "nosuchfunction(event)", "event IN (", "'unclosed",
    ],
)  # fmt: skip
@pytest.mark.parametrize(("where", "rule"), [(TOUCHPOINT, '[[touchpoint]] "Home"'), (GOAL, '[[goal]] "bought"')])
def test_a_predicate_that_is_none_names_its_rule(script: Script, predicate: str, where: str, rule: str) -> None:
    script.write(rules=with_predicate(where, predicate))
    script("refresh").fails(2, rule)
    # The events table is known without loading, so `check` can say it before the night.
    script("check").fails(2, rule)
    assert not (script.warehouse / "current").exists()


@pytest.mark.parametrize("predicate", ["CAST(event AS INTEGER) = 1", "error('boom')"])
def test_a_predicate_that_fails_on_the_data_names_its_rule(script: Script, predicate: str) -> None:
    script.write(rules=with_predicate(TOUCHPOINT, predicate))
    ended = script("refresh")
    assert ended.code in (1, 2)
    assert '"Home"' in ended.err
    assert not (script.warehouse / "current").exists()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """A published shop beside a file that no rule may read."""
    made = Script(tmp_path_factory.mktemp("guarded")).write()
    (made.folder / "secret.txt").write_text("secret")
    made("refresh").succeeds()
    return made


@pytest.mark.parametrize("where", [TOUCHPOINT, GOAL])
@pytest.mark.parametrize(
    "predicate",
    [
        "1=1); DROP TABLE events; --",
        "event = 'buy'); DELETE FROM events; --",
        "event = 'buy'); COPY (SELECT 42) TO '{folder}/harm.csv'; --",
        "event = 'buy'; COPY (SELECT 42) TO '{folder}/harm.csv'; --",
        "1=1) UNION SELECT 1 --",
        "event = (SELECT content FROM read_text('{folder}/secret.txt'))",
    ],
)
def test_a_predicate_cannot_do_harm(guarded: Script, where: str, predicate: str) -> None:
    before = guarded.current()
    rules = with_predicate(where, predicate.replace("{folder}", str(guarded.folder)))
    guarded.write(rules=rules)("refresh").fails(2, "Home" if where == TOUCHPOINT else "bought")
    assert not (guarded.folder / "harm.csv").exists()
    assert guarded.current() == before
    assert guarded.rows("SELECT count(*) FROM events") == [(9,)]


def test_a_predicate_over_columns_and_own_fields_works(script: Script) -> None:
    predicate = "event = 'land' AND (url LIKE '%/' OR value_amount > 5) AND lower(device_id) IN ('a', 'd')"
    script.write(rules=with_predicate(TOUCHPOINT, predicate))("refresh").succeeds()
    found = script.rows("SELECT count(*) FROM person_events WHERE touchpoint = 'Home'")
    assert found == [(2,)]
