"""Funnels of accounts where a step takes several contacts: worlds on paper, and an exhaustive search beside them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import journeys as jn
from journeys.errors import CallError

START = pd.Timestamp("2026-03-01")
GIVEN = {"person": "who", "occurred_at": "at", "event": "what", "event_id": "id", "account": "company"}


@dataclass(frozen=True)
class Row:
    """An event, some seconds after the start."""

    event_id: str
    company: str | None
    who: str
    second: int
    what: str


def open_log(rows: list[Row]) -> jn.Journeys:
    frame = pd.DataFrame(
        [(r.event_id, r.company, r.who, START + pd.Timedelta(seconds=r.second), r.what) for r in rows],
        columns=["id", "company", "who", "at", "what"],
    )
    return jn.from_events(frame, **GIVEN)


def read_rows(text: str) -> list[Row]:
    """Lines of `second company person event`; `-` is no company."""
    rows = []
    for number, line in enumerate(text.strip().splitlines()):
        second, company, who, what = line.split()
        rows.append(Row(f"e{number:03d}", None if company == "-" else company, who, int(second), what))
    return rows


def levels(answer: jn.FunnelResult) -> dict[str, int]:
    return dict(zip(answer.persons["account_id"], answer.persons["furthest_step"], strict=True))


def test_a_step_is_met_when_the_second_contact_has_done_it() -> None:
    rows = read_rows("""
        0 acme ann visit
        1 acme ann visit
        2 acme bob visit
        3 acme ann buy
        4 acme bob buy
        0 beta cid visit
        1 beta cid visit
        2 beta cid buy
        3 beta dan visit
        9 - eve visit
    """)
    log = open_log(rows)
    assert levels(log.funnel(["visit", "buy"], unit="account")) == {"acme": 2, "beta": 2}
    answer = log.funnel(["visit", "buy"], unit="account", contacts=2)
    # beta: dan is the second visitor, and only one person bought, before that.
    assert levels(answer) == {"acme": 2, "beta": 1}
    # acme enters with bob's visit, the first that makes two visitors, and has bought when bob has.
    assert list(answer.persons["entered_at"]) == [START + pd.Timedelta(seconds=2), START + pd.Timedelta(seconds=3)]
    assert list(answer.frame["median_seconds_from_first"]) == [0, 2]
    assert levels(log.funnel(["visit", "buy"], unit="account", contacts=3, missing="zero")) == {}


def test_an_event_after_the_second_contact_counts_whoever_does_it() -> None:
    # ann is the first visitor; her visit of second 5 comes after bob's, so that both are events of the met step.
    rows = read_rows("""
        0 acme ann visit
        1 acme bob visit
        5 acme ann visit
    """)
    log = open_log(rows)
    assert levels(log.funnel(["visit", "visit"], unit="account", contacts=2)) == {"acme": 2}
    assert levels(log.funnel(["visit", "visit", "visit"], unit="account", contacts=2)) == {"acme": 2}
    # Of two visits at one time the later id is the second contact's.
    tied = read_rows("0 acme ann visit\n0 acme bob visit\n0 acme ann buy\n0 acme bob buy")
    assert levels(open_log(tied).funnel(["visit", "buy"], unit="account", contacts=2)) == {"acme": 2}


def test_an_event_that_matches_two_steps_counts_only_for_the_one_that_is_met() -> None:
    # Step 1 is visit or buy, step 2 buy; two persons have visited or bought by second 1, two have bought by second 2.
    rows = read_rows("""
        0 acme ann visit
        1 acme bob buy
        2 acme ann buy
    """)
    answer = open_log(rows).funnel([["visit", "buy"], "buy"], unit="account", contacts=2)
    assert levels(answer) == {"acme": 2}
    assert list(answer.frame["median_seconds_from_first"]) == [0, 1]


def test_contacts_count_up_to_as_of_and_not_from_the_start_of_the_window() -> None:
    rows = read_rows("""
        0 acme ann visit
        100 acme bob visit
        101 acme bob buy
        102 acme ann buy
    """)
    log = open_log(rows)
    assert levels(log.funnel(["visit", "buy"], "3s", unit="account", contacts=2)) == {"acme": 2}
    early = log.funnel(["visit", "buy"], unit="account", contacts=2, as_of=START + pd.Timedelta(seconds=101))
    assert levels(early) == {"acme": 1}


def test_the_definition_says_what_a_step_means() -> None:
    log = open_log(read_rows("0 acme ann visit\n1 acme bob visit"))
    rule = log.funnel(["visit"], unit="account").definition["rule"]
    assert rule.startswith("An account reaches")
    assert rule.endswith("A step is met by any contact.")
    several = log.funnel(["visit"], unit="account", contacts=2).definition
    assert "at least 2 contacts" in several["rule"]
    assert several["parameters"]["contacts"] == 2
    for answer in (log.paths(unit="account"), log.transitions("account"), log.touchpoints("visit", unit="account")):
        assert "any contact" in answer.definition["rule"]
        assert answer.definition["parameters"]["unit"] == "account"
    for answer in (log.funnel(["visit"]), log.paths(), log.transitions(), log.touchpoints("visit")):
        assert "contact." not in answer.definition["rule"]


@pytest.mark.parametrize("contacts", [0, -1, True, 1.0, "2", 2**70])
def test_what_is_no_count_of_contacts_is_refused(contacts: object) -> None:
    log = open_log(read_rows("0 acme ann visit"))
    with pytest.raises(CallError, match=r"(?s)contacts is no count.*whole number from 1"):
        log.funnel(["visit"], unit="account", contacts=contacts)


@pytest.mark.parametrize("unit", ["person", "session"])
def test_contacts_of_another_unit_are_refused(unit: str) -> None:
    log = open_log(read_rows("0 acme ann visit"))
    with pytest.raises(CallError, match="account"):
        log.funnel(["visit"], unit=unit, contacts=1)


rows_of_companies = st.lists(
    st.tuples(
        st.sampled_from(["acme", "beta", None]), st.sampled_from("pqr"), st.integers(0, 6), st.sampled_from("AB")
    ),
    min_size=1,
    max_size=9,
)


def met_events(rows: list[Row], names: set[str], contacts: int) -> list[Row]:
    """The events at which so many different persons have done one of these."""
    done: set[str] = set()
    met = []
    for row in sorted(rows, key=lambda each: (each.second, each.event_id)):
        if row.what in names:
            done.add(row.who)
            met += [row] if len(done) >= contacts else []
    return met


def best_chain(steps: list[list[Row]], window: int | None, *, is_first: bool, is_later: bool) -> tuple[int, int] | None:
    """How deep the deepest chain is and when the counted one starts: of these the first to end, then the latest."""
    entries = steps[0]
    if is_first and entries:
        entries = [row for row in entries if row.second == min(each.second for each in entries)]
    chains = [[row] for row in entries]
    for chain in chains:  # grows while it is walked
        for row in steps[len(chain)] if len(chain) < len(steps) else []:
            wait = row.second - chain[-1].second
            is_inside = window is None or row.second - chain[0].second <= window
            if row not in chain and is_inside and (wait > 0 or (wait == 0 and not is_later)):
                chains.append([*chain, row])
    best = min(chains, key=lambda chain: (-len(chain), chain[-1].second, -chain[0].second), default=None)
    return None if best is None else (len(best), best[0].second)


@settings(max_examples=20)
@given(
    drawn=rows_of_companies,
    order=st.randoms(use_true_random=False),
    steps=st.sampled_from([["A", "B"], ["A", "A"], ["A", "AB", "B"], ["AB", "B", "A"], ["B"]]),
    contacts=st.integers(1, 3),
    window=st.sampled_from([None, 2, 4]),
    entry=st.sampled_from(["best", "first"]),
    ties=st.sampled_from(["together", "increasing"]),
)
def test_the_funnel_of_several_contacts_is_that_of_an_exhaustive_search(
    drawn: list[tuple], order: object, steps: list[str], contacts: int, window: int | None, entry: str, ties: str
) -> None:
    numbers = list(range(len(drawn)))
    order.shuffle(numbers)
    # Somebody of another company has done everything, so that no step is unknown and one unit is always there.
    rows = [Row(f"x{n}", "zeta", "z", 0, name) for n, name in enumerate("AB")]
    rows += [Row(f"e{number:02d}", *each) for number, each in zip(numbers, drawn, strict=True)]
    expected = {}
    companies: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.company:
            companies[row.company].append(row)
    for company, own in companies.items():
        met = [met_events(own, set(names), contacts) for names in steps]
        found = best_chain(met, window, is_first=entry == "first", is_later=ties == "increasing")
        if found:
            expected[company] = found
    with open_log(rows) as log:
        answer = log.funnel([list(names) for names in steps], None if window is None else f"{window}s", entry=entry,
                            ties=ties, unit="account", contacts=contacts)  # fmt: skip
        persons = answer.persons
    entered = [int((at - START).total_seconds()) for at in persons["entered_at"]]
    assert (
        dict(zip(persons["account_id"], zip(persons["furthest_step"], entered, strict=True), strict=True)) == expected
    )
    reached = [sum(depth >= k for depth, _ in expected.values()) for k in range(1, len(steps) + 1)]
    assert list(answer.frame["reached_count"]) == reached


@settings(max_examples=12)
@given(drawn=rows_of_companies)
def test_the_answers_of_accounts_reconcile(drawn: list[tuple]) -> None:
    rows = [Row("x", "zeta", "z", 0, "A"), Row("y", "zeta", "z", 1, "B")]
    rows += [Row(f"e{number:02d}", *each) for number, each in enumerate(drawn)]
    companies = {row.company for row in rows if row.company}
    with open_log(rows) as log:
        bought = int(log.funnel(["B"], unit="account").frame["reached_count"].iloc[0])
        balance = log.paths(goal="B", unit="account", depth=20).balance
        touchpoints = log.touchpoints("B", unit="account")
        transitions = log.transitions("account", boundaries=True).frame
    assert bought == len({row.company for row in rows if row.company and row.what == "B"})
    assert balance["converted_count"].sum() == bought == touchpoints.definition["converted_count"]
    assert balance["entrant_count"].iloc[0] == len(companies) == touchpoints.definition["population_count"]
    # Each account starts and ends once, and every event of an account is one step of its stream.
    assert transitions.loc[transitions["from_step"] == "(start)", "transition_count"].sum() == len(companies)
    assert transitions["transition_count"].sum() == len(companies) + sum(row.company is not None for row in rows)
    before = {}
    for company in companies:
        own = sorted((row for row in rows if row.company == company), key=lambda row: (row.second, row.event_id))
        names = [row.what for row in own]
        before[company] = set(names[: names.index("B")] if "B" in names else names)
    met = touchpoints.frame.set_index("touchpoint")["person_count"].to_dict()
    assert met == {name: n for name in "AB" if (n := sum(name in names for names in before.values()))}
