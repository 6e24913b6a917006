"""Companies whose accounts, journeys and funnels one can work out on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from account_world import AccountWorld, read_settings

from journeys.config import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(tmp_path, 'free_mail = ["mail.example"]\n')


def reached(world: AccountWorld, steps: list[str], unit: str, **more: object) -> list[int]:
    return list(world.log.funnel(steps, unit=unit, missing="zero", **more).frame["reached_count"])


def test_one_contact_researches_and_a_colleague_buys(settings: Settings) -> None:
    # ann looks around before anybody knows her; the address book of day 9 says that she is at acme. bob buys for acme.
    world = AccountWorld(
        """
        1/10:00 ann research
        2/10:00 ann research
        3/10:00 bob buy account=acme
        4/10:00 dan research
        9/10:00 ann (contact) account=acme
        """,
        settings,
    )
    assert world.account_of_events() == {"e1": "acme", "e2": "acme", "e3": "acme"}
    # Three events, two persons: what the address book says is no event.
    assert world.table("SELECT account_id, event_count, person_count, origin FROM accounts") == {
        ("acme", 3, 2, "source")
    }
    assert world.table("SELECT person_id, account_id, event_count FROM person_accounts") == {
        ("ann", "acme", 2),
        ("bob", "acme", 1),
    }
    # The account converts; of the persons ann never buys and bob never researches.
    assert reached(world, ["research", "buy"], "account") == [1, 1]
    assert reached(world, ["research", "buy"], "person") == [2, 0]
    assert world.table(
        "SELECT account_id, step_count, contact_count, converted_at IS NOT NULL FROM account_journeys"
    ) == {("acme", 3, 2, True)}
    assert world.table("SELECT account_id, outcome FROM account_outcomes") == {("acme", "converted")}


def test_colleagues_stay_persons_of_their_own(settings: Settings) -> None:
    world = AccountWorld(
        """
        1/10:00 ann research account=acme email=ann@acme.com
        1/11:00 bob research account=acme email=bob@acme.com
        1/12:00 cid buy email=cid@acme.com
        """,
        settings,
    )
    assert world.engine.value("SELECT COUNT(DISTINCT person_id) FROM person_events") == 3
    assert world.table("SELECT person_id, account_id, origin FROM person_accounts") == {
        ("ann", "acme", "source"),
        ("bob", "acme", "source"),
        ("cid", "acme", "domain"),
    }
    assert world.table("SELECT account_id, origin, person_count FROM accounts") == {("acme", "source", 3)}


def test_a_consultant_with_two_accounts(settings: Settings) -> None:
    # What names an account counts for it; what names none counts for the account last seen at that time.
    world = AccountWorld(
        """
        1/10:00 con research
        2/10:00 con research account=acme
        3/10:00 con research
        4/10:00 con research account=beta
        5/10:00 con buy
        6/10:00 con offer account=acme
        7/10:00 con offer
        """,
        settings,
    )
    assert world.account_of_events() == {
        "e1": "acme", "e2": "acme", "e3": "acme", "e4": "beta", "e5": "beta", "e6": "acme", "e7": "acme"
    }  # fmt: skip
    days = "CAST((first_seen_us - 1772323200000000) / 86400000000 AS INTEGER) + 1"
    assert world.table(f"SELECT account_id, {days}, event_count FROM person_accounts") == {
        ("acme", 2, 5),
        ("beta", 4, 2),
    }
    assert world.table("SELECT person_id, change_index, account_id FROM account_changes") == {
        ("con", 1, "acme"), ("con", 2, "beta"), ("con", 3, "acme")
    }  # fmt: skip
    # beta researched and bought by one consultant; acme never bought, though the same person did.
    assert dict(
        world.log.funnel(["research", "buy"], unit="account").persons[["account_id", "furthest_step"]].to_numpy()
    ) == {"acme": 1, "beta": 2}


def test_a_contact_who_changes_company(settings: Settings) -> None:
    # Events of the very time of a sighting are after it; of two sightings at one time the smaller account_id counts.
    world = AccountWorld(
        """
        1/10:00 eve research
        2/10:00 eve (contact) account=acme
        2/10:00 eve research
        5/10:00 eve (contact) account=beta
        4/23:59 eve research
        5/10:00 eve research
        8/10:00 eve (contact) account=zeta
        8/10:00 eve (contact) account=gamma
        9/10:00 eve buy
        """,
        settings,
    )
    assert world.account_of_events() == {"e1": "acme", "e3": "acme", "e5": "acme", "e6": "beta", "e9": "gamma"}
    # zeta is on record, though no event counts for it.
    assert world.table("SELECT account_id, event_count FROM accounts") == {
        ("acme", 3), ("beta", 1), ("gamma", 1), ("zeta", 0)
    }  # fmt: skip


def test_the_domain_of_an_address_names_the_account_where_no_source_does(settings: Settings) -> None:
    world = AccountWorld(
        """
        1/10:00 ann (contact) account=acme email=ann@acme.com
        2/10:00 bob research email=bob@acme.com
        3/10:00 cid research email=cid@delta.example
        3/11:00 eve buy email=eve@delta.example
        4/10:00 gil research email=gil@gmail.com
        4/11:00 hal research email=hal@mail.example
        5/10:00 ian research account=beta email=ian@gmail.com
        6/10:00 jim research email=jim@localhost
        """,
        settings,
    )
    assert world.account_of_events() == {
        "e2": "acme", "e3": "domain:delta.example", "e4": "domain:delta.example", "e7": "beta"
    }  # fmt: skip
    assert world.table("SELECT domain, account_id FROM account_domains") == {
        ("acme.com", "acme"),
        ("delta.example", "domain:delta.example"),
    }
    assert world.table("SELECT account_id, origin FROM accounts") == {
        ("acme", "source"), ("beta", "source"), ("domain:delta.example", "domain")
    }  # fmt: skip
    # The company without a name converted by two persons.
    assert reached(world, ["research", "buy"], "account") == [3, 1]


def test_a_domain_of_several_accounts_names_none(settings: Settings) -> None:
    world = AccountWorld(
        """
        1/10:00 ann research account=acme-latvia email=ann@acme.com
        1/10:00 bob research account=acme-estonia email=bob@acme.com
        2/10:00 cid research email=cid@acme.com
        """,
        settings,
    )
    assert world.account_of_events() == {"e1": "acme-latvia", "e2": "acme-estonia"}
    assert world.table("SELECT domain, account_id, account_count, person_count FROM account_domains") == {
        ("acme.com", None, 2, 3)
    }


def test_a_source_is_believed_before_the_domain(settings: Settings) -> None:
    # bob writes from acme.com, and on day 5 a source says beta: nothing of his counts for acme. The only row with an
    # account and an address of acme.com still says acme, so that is what it stands for.
    world = AccountWorld(
        """
        1/10:00 ann (contact) account=acme email=ann@acme.com
        2/10:00 bob research email=bob@acme.com
        5/10:00 bob (contact) account=beta
        6/10:00 cid research email=cid@acme.com
        """,
        settings,
    )
    assert world.account_of_events() == {"e2": "beta", "e4": "acme"}


def test_who_changes_company_leaves_the_domain_to_the_colleagues(settings: Settings) -> None:
    world = AccountWorld(
        """
        1/10:00 dan (contact) account=old email=dan@old.example
        9/10:00 dan (contact) account=new email=dan@new.example
        2/10:00 eve research email=eve@old.example
        3/10:00 fay research email=fay@new.example
        """,
        settings,
    )
    assert world.account_of_events() == {"e3": "old", "e4": "new"}


def test_a_person_known_by_addresses_changes_company(settings: Settings) -> None:
    world = AccountWorld(
        """
        1/10:00 ann (contact) account=acme email=ann@acme.com
        5/10:00 cid research
        6/10:00 cid research email=cid@acme.com
        7/10:00 cid (contact) email=cid@delta.example
        8/10:00 cid research
        9/10:00 cid buy email=cid@gmail.com
        """,
        settings,
    )
    assert world.account_of_events() == {
        "e2": "acme", "e3": "acme", "e5": "domain:delta.example", "e6": "domain:delta.example"
    }  # fmt: skip
    assert world.table("SELECT person_id, account_id, origin, event_count FROM person_accounts") == {
        ("ann", "acme", "source", 0),
        ("cid", "acme", "domain", 2),
        ("cid", "domain:delta.example", "domain", 2),
    }


def test_domains_can_be_switched_off(tmp_path: Path) -> None:
    world = AccountWorld(
        """
        1/10:00 ann research account=acme email=ann@acme.com
        2/10:00 bob buy email=bob@acme.com
        """,
        read_settings(tmp_path, "account_domains = false\n"),
    )
    assert world.account_of_events() == {"e1": "acme"}
    assert world.table("SELECT * FROM account_domains") == set()


def test_a_log_without_any_account(settings: Settings) -> None:
    world = AccountWorld("1/10:00 ann buy", settings)
    for table in ("accounts", "person_accounts", "event_accounts", "account_journeys", "account_outcomes"):
        assert world.engine.row_count(table) == 0


def test_journeys_of_an_account_run_on_after_the_goal_and_end_by_silence(settings: Settings) -> None:
    world = AccountWorld(
        """
        1/10:00 ann research account=acme
        3/10:00 bob buy account=acme
        4/10:00 bob research account=acme
        40/10:00 ann research account=acme
        2/10:00 cid research account=beta
        """,
        settings,
    )
    found = world.table(
        """
        SELECT account_id, journey_index, step_count, contact_count, value_amount, outcome
        FROM account_journeys INNER JOIN account_outcomes USING (journey_id, account_id)
        """
    )
    # acme: research and buy by two; the day after; 36 days later (30 are silence). beta: open until day 32.
    assert found == {
        ("acme", 1, 2, 2, 1.5, "converted"),
        ("acme", 2, 1, 1, None, "lost"),
        ("acme", 3, 1, 1, None, "lost"),
        ("beta", 1, 1, 1, None, "lost"),
    }
    # The persons' own journeys are others: ann never bought.
    assert world.table("SELECT person_id, journey_index, converted_at_us IS NOT NULL FROM journeys") == {
        ("ann", 1, False), ("ann", 2, False), ("bob", 1, True), ("bob", 2, False), ("cid", 1, False)
    }  # fmt: skip
