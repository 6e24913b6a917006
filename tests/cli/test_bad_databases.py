"""Databases that are not there, not right, or all a company has."""

from __future__ import annotations

import sqlite3
import time

import pytest
from shop_script import CRM, RULES, Script

CRM_RULES = RULES[RULES.index("[[goal]]") :].replace('["Product", "Cart", "bought"]', '["lead", "bought"]')


def make_crm(script: Script, *statements: str) -> None:
    """Write a CRM of a table `deals`, and what else is asked for."""
    with sqlite3.connect(script.folder / "crm.sqlite") as database:
        for statement in ("CREATE TABLE deals (changed_at, stage, contact)", *statements):
            database.execute(statement)
    database.close()


def count_deals(script: Script) -> int:
    """Rows of the CRM itself."""
    with sqlite3.connect(script.folder / "crm.sqlite") as database:
        [[found]] = database.execute("SELECT count(*) FROM deals").fetchall()
    database.close()
    return int(found)


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ("crm.sqlite", "none.sqlite", "none.sqlite"),
        ("crm.sqlite", "text.sqlite", "not a database"),
        ('"deals"', '"dels"', "'deals'"),
        ('"contact"', '"contct"', "nearest 'contact'"),
        ('table = "deals"', 'query = "SELEC * FROM deals"', "SELEC"),
        ("sqlite:///crm.sqlite", "nosuch://crm", "nosuch"),
    ],
)
def test_a_database_that_is_not_right_is_told(script: Script, wrong: str, right: str, named: str) -> None:
    script.write(source=CRM.replace(wrong, right), rules=CRM_RULES)
    (script.folder / "text.sqlite").write_text("hello " * 1000)
    make_crm(script)
    for command in ("check", "refresh"):
        ended = script(command)
        assert ended.code in (1, 2)
        assert "[unexpected]" not in ended.err
        assert "crm" in ended.err
        assert named in ended.err
    assert not (script.folder / "none.sqlite").exists()


@pytest.mark.parametrize("statement", ["DROP TABLE deals", "DELETE FROM deals", "UPDATE deals SET stage = 'x'",
                                       "SELECT * FROM deals; DROP TABLE deals"])  # fmt: skip
def test_a_query_cannot_change_the_companys_database(script: Script, statement: str) -> None:
    script.write(source=CRM.replace('table = "deals"', f'query = "{statement}"'), rules=CRM_RULES)
    make_crm(script, "INSERT INTO deals VALUES ('2026-03-01', 'lead', 'c1')")
    for command in ("check", "refresh"):
        assert script(command).code in (1, 2)
        assert count_deals(script) == 1


def test_a_company_with_only_a_crm_gets_all_answers(script: Script) -> None:
    script.write(source=CRM, rules=CRM_RULES.replace('"buy"', '"won"'))
    make_crm(script, "INSERT INTO deals VALUES ('2026-03-01', 'lead', 'c1'), ('2026-03-02', 'won', 'c1')")
    script("refresh").succeeds()
    for command in ("check", "sessions", "transitions", "paths", "touchpoints", "report"):
        script(command).succeeds()
    script("funnel").succeeds()
    assert script("sessions", "--format", "csv").succeeds().count("\n") == 1


def test_an_empty_table_is_no_usable_event(script: Script) -> None:
    script.write(source=CRM, rules=CRM_RULES)
    make_crm(script)
    script("refresh").fails(1, "no source gave a usable event")
    script("check").fails(1, "'crm'")


@pytest.mark.prove  # SQLite itself waits for seconds
def test_a_database_that_is_locked_is_told_soon_and_works_later(script: Script) -> None:
    script.write(source=CRM, rules=CRM_RULES)
    make_crm(script, "INSERT INTO deals VALUES ('2026-03-01', 'lead', 'c1')")
    holder = sqlite3.connect(script.folder / "crm.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    started = time.perf_counter()
    script("refresh").fails(1, "'crm'", "locked")
    assert time.perf_counter() - started < 30
    holder.execute("ROLLBACK")
    holder.close()
    script("refresh").succeeds()


def test_the_password_of_a_url_is_in_no_message(script: Script) -> None:
    script.write(source=CRM.replace("sqlite:///crm.sqlite", "postgresql://u:hush-hush@127.0.0.1:1/x"), rules=CRM_RULES)
    for command in ("check", "refresh"):
        ended = script(command)
        assert ended.code == 1
        assert "hush-hush" not in ended.out + ended.err
