"""Accounts through a whole refresh: a web log names devices and users, an address book names companies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pipelines_direct import refresh_plainly

import journeys as jn

CONFIG = """
[project]
name = "World"
[warehouse]
path = "warehouse"
[[source]]
name = "web"
kind = "file"
path = "web.csv"
[source.columns]
occurred_at = "at"
device_id = "device"
user_id = "user"
event = "what"
[[source]]
name = "contacts"
kind = "file"
holds = "contacts"
path = "contacts.csv"
required = false
[source.columns]
occurred_at = "updated"
user_id = "user"
account_id = "company"
[source.identifiers]
email = "mail"
[journey]
goal = "buy"
[[touchpoint]]
name = "research"
match = { event = "research" }
[[goal]]
name = "buy"
match = { event = "buy" }
"""
# d1 is ann's before her log-in; d9 is never known; gil's mailbox is private.
WEB = """\
at,device,user,what
2026-03-01T10:00:00Z,d1,,research
2026-03-02T10:00:00Z,d1,ann,research
2026-03-03T10:00:00Z,d2,bob,buy
2026-03-04T10:00:00Z,d3,cid,research
2026-03-05T10:00:00Z,d9,,research
2026-03-06T10:00:00Z,d4,gil,research
2026-03-07T10:00:00Z,d5,eve,research
2026-03-09T10:00:00Z,d5,eve,research
"""
# eve worked for beta and then for acme.
CONTACTS = """\
updated,user,company,mail
2026-03-05T10:00:00Z,ann,Acme Ltd,Ann@Acme.com
2026-03-05T10:00:00Z,bob,Acme Ltd,bob@acme.com
2026-03-05T10:00:00Z,cid,,cid@ACME.com
2026-03-05T10:00:00Z,gil,,gil@gmail.com
2026-03-06T10:00:00Z,eve,Beta,
2026-03-08T10:00:00Z,eve,Acme Ltd,
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[jn.Journeys]:
    folder = tmp_path_factory.mktemp("accounts")
    for name, text in {"journeys.toml": CONFIG, "web.csv": WEB, "contacts.csv": CONTACTS}.items():
        (folder / name).write_text(text, encoding="utf-8")
    refresh_plainly(folder / "journeys.toml")
    with jn.open(folder / "journeys.toml") as opened:
        yield opened


def test_events_count_for_the_companies_of_the_address_book(log: jn.Journeys) -> None:
    rows = log.table("accounts").set_index("account_id")
    # acme: two of ann (one before her log-in), bob's, cid's by the domain, eve's second; beta: eve's first.
    assert rows["event_count"].to_dict() == {"Acme Ltd": 5, "Beta": 1}
    assert rows["person_count"].to_dict() == {"Acme Ltd": 4, "Beta": 1}
    assert set(rows["origin"]) == {"source"}
    assert sorted(log.table("person_accounts")["origin"]) == ["domain", "source", "source", "source", "source"]
    assert len(log.table("events")) == 8
    assert log.table("person_events")["account_id"].notna().sum() == rows["event_count"].sum()
    # Colleagues and eve's two companies leave persons as they are: ann, bob, cid, gil, eve and the unknown device.
    assert log.table("person_events")["person_id"].nunique() == 6


def test_the_account_converts_and_the_persons_separately_do_not(log: jn.Journeys) -> None:
    steps = ["research", "buy"]
    accounts = log.funnel(steps, unit="account")
    assert dict(zip(accounts.persons["account_id"], accounts.persons["furthest_step"], strict=True)) == {
        "Acme Ltd": 2,
        "Beta": 1,
    }
    assert list(log.funnel(steps).frame["reached_count"]) == [5, 0]
    # With cid two of acme have researched; only bob buys.
    assert list(log.funnel(steps, unit="account", contacts=2).frame["reached_count"]) == [1, 0]


def test_answers_of_one_population_reconcile(log: jn.Journeys) -> None:
    bought = log.funnel(["buy"], unit="account").frame["reached_count"].iloc[0]
    paths = log.paths(goal="buy", unit="account")
    touchpoints = log.touchpoints("buy", unit="account")
    assert bought == paths.balance["converted_count"].sum() == touchpoints.definition["converted_count"] == 1
    assert paths.balance["entrant_count"].iloc[0] == touchpoints.definition["population_count"] == 2
    row = touchpoints.frame.iloc[0]
    assert (row["touchpoint"], row["person_count"], row["converted_count"]) == ("research", 2, 1)
    journeys = log.table("account_journeys").merge(log.table("account_outcomes"), on=["journey_id", "account_id"])
    columns = ["account_id", "journey_index", "step_count", "contact_count", "outcome"]
    assert sorted(journeys[columns].itertuples(index=False, name=None)) == [
        ("Acme Ltd", 1, 3, 2, "converted"),
        ("Acme Ltd", 2, 2, 2, "open"),
        ("Beta", 1, 1, 1, "open"),
    ]
