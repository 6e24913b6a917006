"""Accounts night by night are those of all at once, and a night works out those it touches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dealt_accounts import CONFIG, DealtAccounts, Row, write_rows
from dealt_company import check_equal, read_fingerprints

from journeys.config import load_settings
from journeys.identity import accounts
from journeys.nights.tables import ACCOUNT_TABLES
from journeys.privacy import erase, find_erasure
from journeys.warehouse import find_current

MAIL_USERS = "[identity.kinds.user_id]\nformat = 'email'\nperson_limit = 3\n"


def ask(config: Path, select: str) -> list[tuple[Any, ...]]:
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    with duckdb.connect(snapshot.results, read_only=True) as connection:
        return connection.execute(select).fetchall()


def accounts_of_events(config: Path) -> dict[str, str]:
    return dict(ask(config, "SELECT event_id, account_id FROM event_accounts"))


def check_rebuilt(config: Path, refresh: Callable[..., Any]) -> None:
    """A rebuild of what the nights have stored has the same rows in every kept table."""
    before = read_fingerprints(config)
    refresh(config, full=True)
    assert read_fingerprints(config) == before


@pytest.mark.parametrize(
    ("night_count", "seed", "more"),
    [
        pytest.param(4, 1, "", marks=pytest.mark.prove),
        pytest.param(6, 2, MAIL_USERS, marks=pytest.mark.prove),
        pytest.param(12, 3, 'rule = "last_known"\n', marks=pytest.mark.prove),
        pytest.param(25, 4, "", marks=pytest.mark.prove),
    ],
)
def test_night_by_night_is_all_at_once(
    tmp_path: Path, refresh: Callable[..., Any], night_count: int, seed: int, more: str
) -> None:
    nights, once = (
        DealtAccounts(tmp_path / name, night_count=night_count, seed=seed, more=more) for name in ("nights", "once")
    )
    for night in range(night_count):
        nights.arrive(night)
        refresh(nights.config)
        once.arrive(night)
    refresh(once.config)
    check_equal(nights.config, once.config)
    check_rebuilt(nights.config, refresh)
    # The companies are rich enough to say something.
    counts = {row[0] for row in ask(once.config, "SELECT account_count FROM account_domains")}
    assert {0, 1, 2} <= counts
    assert {row[0] for row in ask(once.config, "SELECT DISTINCT origin FROM person_accounts")} == {"source", "domain"}
    assert ask(once.config, "SELECT COUNT(*) FROM account_journeys")[0][0] > 20


# A night each: the rows that come, and for which account each event counts afterwards, worked out by hand.
HISTORY = [
    # Nobody names acme.example: its domain is an account. Nobody knows whose d1 is.
    (
        [
            Row("web", 0, "e1,2026-03-01T10:00:00Z,d1,,,,research"),
            Row("web", 0, "e2,2026-03-02T10:00:00Z,d2,bob,,bob@acme.example,research"),
            Row("web", 0, "e3,2026-03-03T10:00:00Z,d2,bob,,,offer"),
            Row("web", 0, "e4,2026-03-03T10:00:00Z,d3,gil,,gil@mail.example,offer"),
        ],
        {"e2": "domain:acme.example", "e3": "domain:acme.example"},
    ),
    # An address book names a colleague's company: the domain becomes its, and bob's events count for it.
    (
        [Row("contacts", 1, "2026-03-04T10:00:00Z,cid,Acme,cid@acme.example,")],
        {"e2": "Acme", "e3": "Acme"},
    ),
    # A second company is named by a row with the domain, which stands for none then; dee's own event names it.
    (
        [Row("web", 2, "e5,2026-03-05T10:00:00Z,d4,dee,Acme Estonia,dee@acme.example,look")],
        {"e5": "Acme Estonia"},
    ),
    # The same event was earlier, and of Acme: the domain is Acme's again.
    (
        [Row("web", 3, "e5,2026-03-05T09:00:00Z,d4,dee,Acme,dee@acme.example,look")],
        {"e2": "Acme", "e3": "Acme", "e5": "Acme"},
    ),
    # Late evidence: bob worked for Beta from the second day on. His address counts no more, the domain stays Acme's.
    (
        [Row("contacts", 4, "2026-03-02T12:00:00Z,bob,Beta,,")],
        {"e2": "Beta", "e3": "Beta", "e5": "Acme"},
    ),
    # d1 is dee's: what was done there before anybody knew counts for the first company she was seen with.
    (
        [Row("web", 5, "e6,2026-03-06T10:00:00Z,d1,dee,,,look")],
        {"e1": "Acme", "e2": "Beta", "e3": "Beta", "e5": "Acme", "e6": "Acme"},
    ),
    # bob changes company between his two events: the first counts for the one before.
    (
        [Row("contacts", 6, "2026-03-02T20:00:00Z,bob,Gamma,,")],
        {"e1": "Acme", "e2": "Beta", "e3": "Gamma", "e5": "Acme", "e6": "Acme"},
    ),
]  # fmt: skip


@pytest.mark.prove
def test_each_night_says_what_its_evidence_says(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    config = tmp_path / "journeys.toml"
    config.write_text(CONFIG, encoding="utf-8")
    for night, (rows, expected) in enumerate(HISTORY):
        write_rows(tmp_path, night, rows)
        refresh(config)
        assert accounts_of_events(config) == expected, night
    # Acme: e1, e5 and e6 of dee's, and cid of the address book; Beta and Gamma: one event of bob's each.
    counted = ask(config, "SELECT account_id, event_count, person_count FROM accounts ORDER BY 1")
    assert counted == [("Acme", 3, 2), ("Beta", 1, 1), ("Gamma", 1, 1)]
    # Acme researched (a look is no contact); bob's research and offer are journeys of two companies.
    journeys = ask(config, "SELECT account_id, step_count, contact_count FROM account_journeys ORDER BY 1")
    assert journeys == [("Acme", 1, 1), ("Beta", 1, 1), ("Gamma", 1, 1)]
    check_rebuilt(config, refresh)


def test_a_night_writes_the_accounts_of_those_it_touches(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    config = tmp_path / "journeys.toml"
    config.write_text(CONFIG, encoding="utf-8")
    # Thirty companies of four persons; each person has two events, one of which carries the address.
    rows = []
    for person in range(120):
        for place, mail in enumerate([f"p{person}@c{person % 30}.example", ""]):
            at = f"2026-03-0{place + 1}T10:00:00Z"
            rows.append(Row("web", 0, f"{person}-{place},{at},d{person},p{person},,{mail},research"))
    write_rows(tmp_path, 0, rows)
    refresh(config)
    before = stored_counts(config)
    assert (before["event_accounts"], before["person_accounts"], before["accounts"]) == (240, 120, 30)
    write_rows(tmp_path, 1, [Row("web", 1, "new,2026-03-03T10:00:00Z,d7,p7,,,research")])
    refresh(config)
    written = {name: count - before[name] for name, count in stored_counts(config).items()}
    # p7 with three events; the domain, the account and the journey of c7.
    assert written == {
        "person_domains": 1, "source_accounts": 0, "account_domains": 1, "account_changes": 1, "event_accounts": 3,
        "person_accounts": 1, "accounts": 1, "account_journeys": 1,
    }  # fmt: skip
    # A company is named by one of c7's persons: the other three are worked out, too, and their events count for it.
    write_rows(tmp_path, 2, [Row("contacts", 2, "2026-03-03T10:00:00Z,p37,Seven,p37@c7.example,")])
    refresh(config)
    assert ask(config, "SELECT COUNT(*) FROM event_accounts WHERE account_id = 'Seven'") == [(9,)]
    counts = stored_counts(config)
    assert counts["event_accounts"] - before["event_accounts"] == 3 + 9
    assert counts["accounts"] - before["accounts"] == 1 + 1
    check_rebuilt(config, refresh)


def stored_counts(config: Path) -> dict[str, int]:
    """Rows in the files of the tables of accounts, those that count no more included."""
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    return {table.name: snapshot.manifest.listings[table.name].stored_count for table in ACCOUNT_TABLES}


@pytest.mark.prove
def test_a_forgotten_person_leaves_the_company(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    nights, once = (DealtAccounts(tmp_path / name, night_count=2, seed=6) for name in ("nights", "once"))
    # zed alone says that zed.example is Zed Ltd's, from where yan writes.
    zed = [
        Row("contacts", 0, "2026-03-01T08:00:00Z,zed,Zed Ltd,zed@zed.example,"),
        Row("web", 0, "z1,2026-03-01T09:00:00Z,dz,zed,,,buy"),
        Row("web", 0, "y1,2026-03-01T09:00:00Z,dy,yan,,yan@zed.example,research"),
    ]
    for company in (nights, once):
        company.rows.extend(zed)
    for night in range(2):
        nights.arrive(night)
        once.arrive(night)
        refresh(nights.config)
        assert accounts_of_events(nights.config)["y1"] == ("domain:zed.example" if night else "Zed Ltd")
        if night == 0:
            forget(nights.config, refresh)
    refresh(once.config)
    forget(once.config, refresh)
    check_equal(nights.config, once.config)


def forget(config: Path, refresh: Callable[..., Any]) -> None:
    settings = load_settings(config)
    assert erase(settings, find_erasure(settings, ["user_id:zed"])) == 2
    refresh(config, stored_only=True)


@pytest.mark.parametrize("is_listed", [True, False])
def test_another_list_of_private_mail_makes_accounts_anew(
    tmp_path: Path,
    refresh: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    is_listed: bool,
) -> None:
    config = tmp_path / "journeys.toml"
    config.write_text(CONFIG, encoding="utf-8")
    write_rows(tmp_path, 0, HISTORY[0][0])
    refresh(config)
    if is_listed:
        config.write_text(CONFIG.replace('"mail.example"', '"acme.example"'), encoding="utf-8")
    else:
        monkeypatch.setattr(accounts, "whitelist", ["acme.example"])
    capsys.readouterr()
    write_rows(tmp_path, 1, [Row("web", 1, "e9,2026-03-04T10:00:00Z,d9,,,,look")])
    refresh(config)
    told = capsys.readouterr().err
    assert "the list of private mail domains, which has changed" in told
    assert accounts_of_events(config) == ({"e4": "domain:mail.example"} if is_listed else {})
