"""Visits that are bots', on small worlds with known answers and against plain Python."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeys.config import Bots
from journeys.sources.bots import bot_parameters, bot_reasons
from journeys.warehouse import Engine, build

SECOND = 1_000_000


class Seen(NamedTuple):
    """An event of a visit; its visit is a number."""

    at_us: int
    url: str | None = None
    is_agent: bool = False
    visit: int = 1
    sequence: int | None = None
    event_id: str = ""


def judge(events: list[Seen], rules: Bots | None = None, *, order: list[int] | None = None) -> dict[int, str]:
    """Build `visit_bots` on these events, stored in the order given: visit -> reason."""
    stored = [(event.event_id or f"e{place:06d}", event) for place, event in enumerate(events)]
    stored = [stored[place] for place in order] if order else stored
    types = {"event_id": pa.string(), "stream_id": pa.string(), "occurred_at_us": pa.int64(),
             "source_index": pa.int32(), "sequence": pa.decimal128(38, 6), "visit_index": pa.int64()}  # fmt: skip
    columns: dict[str, list[Any]] = {
        "event_id": [event_id for event_id, _ in stored],
        "stream_id": ["d\x1fphone" for _ in stored],
        "occurred_at_us": [event.at_us for _, event in stored],
        "source_index": [1 for _ in stored],
        "sequence": [event.sequence for _, event in stored],
        "visit_index": [event.visit for _, event in stored],
    }
    with Engine() as engine:
        engine.load("visit_events", pa.table({name: pa.array(columns[name], type_) for name, type_ in types.items()}))
        engine.load("accepted_rows", pa.table({
            "event_id": columns["event_id"],
            "url": pa.array([event.url for _, event in stored], pa.string()),
            "is_bot_agent": pa.array([event.is_agent for _, event in stored], pa.bool_()),
        }))  # fmt: skip
        build(engine, ["visit_bots"], parameters=bot_parameters(rules or Bots()))
        return dict(engine.rows("SELECT visit_index, bot_reason FROM visit_bots"))


def walk(gaps: list[float], *, start: int = 0) -> list[Seen]:
    """Another page after each of these gaps in seconds, the first page at the start."""
    at = start
    pages = [Seen(at, "/page/0")]
    for number, gap in enumerate(gaps, start=1):
        at += round(gap * SECOND)
        pages.append(Seen(at, f"/page/{number}"))
    return pages


def test_one_event_with_a_bots_agent_makes_the_whole_visit_a_bots() -> None:
    crawl = [Seen(0, "/"), Seen(70 * SECOND, "/robots.txt", is_agent=True), Seen(95 * SECOND, "/a")]
    person = [Seen(0, "/", visit=2), Seen(5 * SECOND, "/a", visit=2)]
    assert judge(crawl + person) == {1: "user agent"}
    assert judge(crawl + person, Bots(user_agents=False)) == {}


@pytest.mark.parametrize(("count", "expected"), [(200, {}), (201, {1: "too many events"})])
def test_a_burst_of_exactly_the_allowed_number_is_none(count: int, expected: dict[int, str]) -> None:
    burst = [Seen(number * SECOND) for number in range(count)]
    assert judge(burst) == expected
    assert judge(burst, Bots(most_events=0)) == {}


def test_the_time_of_a_burst_ends_with_its_last_microsecond() -> None:
    """201 events 1.5 s apart last 300 s; the same with the last one a microsecond later do not lie within 5 minutes."""
    burst = [Seen(number * 1_500_000) for number in range(201)]
    assert judge(burst) == {1: "too many events"}
    assert judge([*burst[:-1], Seen(burst[-1].at_us + 1)]) == {}
    # In a longer visit some 201 events must be that close, not the first ones.
    slow = [Seen(-number * 20 * SECOND) for number in range(1, 50)]
    assert judge(slow + burst) == {1: "too many events"}


def test_a_burst_over_two_visits_is_in_neither() -> None:
    assert judge([Seen(number * SECOND, visit=1 + number // 120) for number in range(240)]) == {}


def test_an_even_paced_crawler_is_one_from_the_twentieth_page_on() -> None:
    assert judge(walk([8.0] * 19)) == {1: "steady pace"}
    assert judge(walk([8.0] * 18)) == {}
    assert judge(walk([8.0] * 19), Bots(steady_pages=0)) == {}
    assert judge(walk([8.0] * 4), Bots(steady_pages=5)) == {1: "steady pace"}


def test_two_pages_in_turn_are_page_changes() -> None:
    assert judge([Seen(number * SECOND, "/a" if number % 2 else "/b") for number in range(20)]) == {1: "steady pace"}


def test_gaps_that_vary_by_a_twentieth_are_a_persons() -> None:
    """9.5 and 10.5 s in turn: mean 10, standard deviation 0.5, which is exactly 5 % and no longer less."""
    assert judge(walk([9.5, 10.5] * 10)) == {}
    assert judge(walk([9.5, 10.5] * 5_000)) == {}
    assert judge(walk([9.500001, 10.499999] * 10)) == {1: "steady pace"}
    assert judge(walk([9.499999, 10.500001] * 10)) == {}


def test_a_reader_whose_open_page_pings_is_a_person() -> None:
    """Pings every 10 s, and 24 pages read for as many pings as it takes: nothing is uneven but the pages."""
    read = random.Random(5)
    lengths = [read.choice((1, 2, 3, 7, 12)) for _ in range(24)]
    pages = [f"/article/{number}" for number, length in enumerate(lengths) for _ in range(length)]
    pings = [Seen(number * 10 * SECOND, page) for number, page in enumerate(pages)]
    assert len(set(pages)) == 24
    assert judge(pings) == {}
    # The same where pings carry no address: the page before them stays open.
    bare = [event if event.url != before else event._replace(url=None) for event, before in
            zip(pings, [None, *pages[:-1]], strict=True)]  # fmt: skip
    assert sum(event.url is None for event in bare) == len(pages) - 24
    assert judge(bare) == {}
    # One page that pings all day has changed once.
    assert judge([Seen(number * 10 * SECOND, "/live") for number in range(500)]) == {}


def test_events_without_address_between_pages_change_nothing() -> None:
    crawl = walk([8.0] * 19)
    clicks = [Seen(event.at_us + 3 * SECOND + number, None) for number, event in enumerate(crawl)]
    assert judge(crawl + clicks) == {1: "steady pace"}
    again = [Seen(event.at_us + 5 * SECOND, event.url) for event in crawl]
    assert judge(crawl + clicks + again) == {1: "steady pace"}


def test_events_of_one_moment_stand_in_the_order_of_their_source() -> None:
    """At each moment the page before is left and the next one opened: one change, whatever the ids say."""
    opened = [
        event._replace(sequence=2 * place, event_id=f"a{place:02d}") for place, event in enumerate(walk([8.0] * 19))
    ]
    left = [
        Seen(after.at_us, before.url, sequence=2 * place + 1, event_id=f"b{place:02d}")
        for place, (before, after) in enumerate(pairwise(opened))
    ]
    assert judge(opened + left) == {1: "steady pace"}
    without_order = [event._replace(sequence=None) for event in opened + left]
    assert judge(without_order) == {}


def test_events_of_one_moment_have_no_pace() -> None:
    assert judge([Seen(5, f"/page/{number}") for number in range(150)]) == {}
    assert judge([Seen(5, f"/page/{number}") for number in range(150)] + [Seen(6, "/last")]) == {}


def test_an_import_at_midnight_without_addresses_has_no_pace() -> None:
    assert judge([Seen(0) for _ in range(200)]) == {}
    days = [Seen(day * 86_400 * SECOND) for day in range(400)]
    assert judge(days) == {}
    # So many rows of one moment are more events than a person makes, whatever their times mean: the rule says so, and
    # can be switched off.
    assert judge([Seen(0) for _ in range(201)]) == {1: "too many events"}
    assert judge([Seen(0) for _ in range(201)], Bots(most_events=0)) == {}


def test_the_first_reason_that_holds_is_told() -> None:
    fast = walk([1.0] * 240)
    assert judge([*fast, Seen(0, "/", is_agent=True)]) == {1: "user agent"}
    assert judge(fast) == {1: "too many events"}
    assert judge(fast, Bots(most_events=0)) == {1: "steady pace"}
    assert judge([*fast, Seen(0, "/", is_agent=True)], Bots(user_agents=False)) == {1: "too many events"}


def test_gaps_too_large_to_multiply_are_no_error() -> None:
    """A gap of fifty years among 200,000 page changes: their squares times their number leave 38 digits."""
    pages = [Seen(number, f"/{number % 7}") for number in range(200_000)]
    rules = Bots(most_events=0)
    assert judge([*pages, Seen(50 * 365 * 86_400 * SECOND, "/late")], rules) == {}
    assert judge(pages, rules) == {1: "steady pace"}


def test_the_rules_are_told_in_words() -> None:
    assert bot_reasons(Bots(most_events=0)) == {
        "user agent": "an event comes from a browser that calls itself a bot",
        "too many events": "switched off",
        "steady pace": "at least 20 page changes at an even pace",
    }
    assert bot_reasons(Bots())["too many events"] == "more than 200 events within 5m"


# ---- against plain Python


def judge_plainly(events: list[Seen], rules: Bots) -> dict[int, str]:
    """The rules of the header of visit_bots.sql, word by word."""
    found = {}
    for visit, members in groupby(sorted(events, key=lambda event: event.visit), key=lambda event: event.visit):
        ordered = sorted(members, key=lambda event: (event.at_us, event.sequence is None, event.sequence or 0,
                                                     event.event_id))  # fmt: skip
        if rules.user_agents and any(event.is_agent for event in ordered):
            found[visit] = "user agent"
        elif rules.most_events and any(
            sum(event.at_us <= other.at_us <= event.at_us + rules.within_us for other in ordered) > rules.most_events
            for event in ordered
        ):
            found[visit] = "too many events"
        elif rules.steady_pages and is_steady(ordered, rules.steady_pages):
            found[visit] = "steady pace"
    return found


def is_steady(ordered: list[Seen], fewest: int) -> bool:
    seen, changes = None, []
    for event in ordered:
        if event.url is not None and event.url != seen:
            changes.append(event.at_us)
            seen = event.url
    gaps = [Fraction(after - before) for before, after in pairwise(changes)]
    if len(changes) < fewest or sum(gaps) == 0:
        return False
    mean = sum(gaps) / len(gaps)
    variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
    return variance < (mean * Fraction(5, 100)) ** 2


@st.composite
def visits(draw: st.DrawFn) -> list[Seen]:
    """Visits near the limits: gaps about 100 s apart, some events of one moment, few pages, some agents."""
    events = []
    for visit in range(1, draw(st.integers(1, 3)) + 1):
        at = draw(st.integers(0, 3))
        gaps = st.sampled_from(draw(st.sampled_from([(95, 105), (96, 104), (100,), (0, 1), (0, 100, 150)])))
        for _ in range(draw(st.integers(1, 9))):
            url = draw(st.sampled_from(["/a", "/b", "/b", "/c", None]))
            sequence = draw(st.sampled_from([None, None, 1, 2]))
            is_agent = draw(st.integers(0, 40)) == 0
            events.append(Seen(at, url, is_agent=is_agent, visit=visit, sequence=sequence))
            at += draw(gaps)
    names = draw(st.permutations(range(len(events))))
    return [event._replace(event_id=f"e{name:03d}") for event, name in zip(events, names, strict=True)]


rules_near = st.builds(
    Bots,
    user_agents=st.booleans(),
    most_events=st.integers(0, 6),
    within=st.sampled_from(["1s", "0.0001s", "0.0003s"]),
    steady_pages=st.sampled_from([0, 3, 4, 5]),
)
ALTERNATING = [Seen(at, f"/{at}", event_id=f"e{at:03d}") for at in (0, 95, 200, 295, 400)]


@given(visits(), rules_near, st.randoms(use_true_random=False))
@example(ALTERNATING, Bots(steady_pages=5), random.Random(1))
def test_visits_are_judged_as_by_plain_python_in_any_order_of_rows(
    events: list[Seen], rules: Bots, chance: random.Random
) -> None:
    expected = judge_plainly(events, rules)
    assert judge(events, rules) == expected
    order = list(range(len(events)))
    chance.shuffle(order)
    assert judge(events, rules, order=order) == expected


def test_plain_python_meets_every_reason_on_such_visits() -> None:
    """The comparison above has something to compare: seeded logs of the same shape hold each reason."""
    chance, events = random.Random(3), []
    for visit in range(300):
        at = 0
        for number in range(6):
            agent = chance.random() < 0.02
            events.append(Seen(at, chance.choice("abc"), agent, visit, event_id=f"{visit}-{number}"))
            at += chance.choice((100, 100, 100, 101, 1))
    rules = Bots(most_events=4, within="0.0003s", steady_pages=4)
    expected = judge_plainly(events, rules)
    assert judge(events, rules) == expected
    assert set(expected.values()) == {"user agent", "too many events", "steady pace"}
    assert len(expected) < 300
