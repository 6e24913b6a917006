"""A funnel that people enter at any step, in logs small enough for paper."""

from __future__ import annotations

import pandas as pd
import pytest
from world import counts, levels, read_world

import journeys as jn
from journeys.errors import CallError

FLOW = ("reached_count", "entered_count", "continued_count", "dropped_count", "open_count")
# ann goes all the way; bob comes in at B and never goes on; cid starts at C, and his A comes too late for anything;
# dan's first A leads nowhere, his second is followed by a B whose window is still open at 13:10.
SHOP = """
    ann 10:00 A via=mail
    ann 10:10 B via=web
    ann 10:40 C via=web
    bob 10:00 B via=web
    bob 10:05 A via=mail
    cid 10:00 C via=web
    cid 10:20 A via=app
    dan 11:00 A via=mail
    dan 13:00 A via=mail
    dan 13:05 B via=app
"""
AS_OF = "2026-03-02 13:10"


@pytest.fixture
def shop() -> jn.Journeys:
    return read_world(SHOP)


def ask(log: jn.Journeys, *steps: str, window: str | None = "30m", **settings: object) -> jn.FunnelResult:
    return log.funnel(list(steps or ("A", "B", "C")), window, **({"entry": "open", "as_of": AS_OF} | settings))


def test_people_enter_at_any_step_and_go_on_step_by_step(shop: jn.Journeys) -> None:
    answer = ask(shop)
    # A: all four; ann and dan go on to B. B: ann, bob, dan; bob has entered there. ann goes on to C, exactly 30 minutes
    # later; cid has entered at C.
    assert counts(answer, *FLOW) == [(4, 4, 2, 2, 0), (3, 1, 1, 1, 1), (2, 1, 0, 0, 0)]
    rows = list(answer.persons.itertuples(index=False, name=None))
    assert [(row[0], row[1], row[2], f"{row[3]:%H:%M}", row[4]) for row in rows] == [
        ("ann", 3, "converted", "10:00", 1),
        ("bob", 2, "dropped", "10:00", 2),
        ("cid", 3, "converted", "10:00", 3),
        ("dan", 2, "open", "11:00", 1),
    ]


def test_shares_are_of_those_whose_first_window_is_over(shop: jn.Journeys) -> None:
    log = read_world(SHOP + "    eve 12:50 A via=web\n    eve 12:55 B via=web\n")
    answer = ask(log)
    # eve's window is over at 13:20: she is reached, and in no share.
    assert counts(answer, "reached_count", "mature_count", "mature_entrant_count") == [(5, 4, 4), (4, 3, 4), (2, 2, 4)]
    # Of the four mature at A ann and dan came on to B; of the three at B ann to C.
    assert counts(answer, "step_share") == [(1.0,), (2 / 4,), (1 / 3,)]
    assert counts(answer, "overall_share") == [(4 / 4,), (3 / 4,), (2 / 4,)]
    # First event to first A: ann 0, bob 5, cid 20, dan 0, eve 0 minutes. To B: 10, 0, 125, 5. To C: 40, 0.
    assert counts(answer, "median_seconds_from_first") == [(0.0,), (450.0,), (1200.0,)]


def test_the_columns_of_a_closed_funnel_are_there_with_three_more(shop: jn.Journeys) -> None:
    closed, opened = ask(shop, entry="best"), ask(shop)
    more = ["entered_count", "continued_count", "mature_entrant_count"]
    assert [name for name in opened.frame.columns if name not in more] == list(closed.frame.columns)
    assert [*closed.persons.columns, "entry_step"] == list(opened.persons.columns)


def test_without_a_window_nobody_is_open_and_all_are_mature(shop: jn.Journeys) -> None:
    # Now bob, whose A comes after his B, is dropped at both.
    assert counts(ask(shop, window=None), *FLOW) == [(4, 4, 2, 2, 0), (3, 1, 1, 2, 0), (2, 1, 0, 0, 0)]
    assert counts(ask(shop, window=None), "mature_entrant_count") == [(4,), (4,), (4,)]


def test_the_latest_event_of_a_step_decides_who_is_open_there() -> None:
    log = read_world("ann 10:00 A\nann 12:00 A\nbob 10:00 A\ncid 12:10 B")
    # At 12:30 exactly ann's second window is over, a second before it is not.
    assert counts(ask(log, "A", "B", as_of="2026-03-02 12:29:59"), *FLOW)[0] == (2, 2, 0, 1, 1)
    assert counts(ask(log, "A", "B", as_of="2026-03-02 12:30"), *FLOW)[0] == (2, 2, 0, 2, 0)


def test_one_step_is_reached_by_whoever_has_it(shop: jn.Journeys) -> None:
    assert counts(ask(shop, "B"), *FLOW) == [(3, 3, 0, 0, 0)]
    assert set(ask(shop, "B").persons["status"]) == {"converted"}


def test_split_counts_are_the_whole_wherever_the_value_is_read(shop: jn.Journeys) -> None:
    def reached(by_at: object) -> dict[str, list[int]]:
        frame = ask(shop, by="via", by_at=by_at).frame
        return {value: list(part["reached_count"]) for value, part in frame.groupby("via")}

    # Of the first event at any step: ann mail, bob web, cid web, dan mail.
    assert reached("first") == {"mail": [2, 2, 1], "web": [2, 1, 1]}
    # Of the furthest step: ann web (C), bob web (B), cid web (C), dan app (B).
    assert reached("last") == {"app": [1, 1, 0], "web": [3, 2, 2]}
    # Of step 2: ann web, bob web, dan app, cid has none.
    assert reached(2) == {"(none)": [1, 0, 1], "app": [1, 1, 0], "web": [2, 2, 1]}
    split = ask(shop, by="via").frame.set_index("via")["mature_entrant_count"]
    assert split.groupby("via").first().to_dict() == {"mail": 2, "web": 2}


def test_of_tied_first_events_the_lowest_id_is_the_entry_or_the_sources_own_order_decides() -> None:
    # Both stand at 10:00; the ids follow the lines, the source's own sequence does not.
    text = "ann 10:00 B via=first nr=2\nann 10:00 A via=second nr=1"
    log = read_world(text, sequence="nr")
    assert list(ask(log, "A", "B").persons["entry_step"]) == [2]
    assert set(ask(log, "A", "B", by="via").frame["via"]) == {"first"}
    assert list(ask(log, "A", "B", ties="sequence").persons["entry_step"]) == [1]
    assert set(ask(log, "A", "B", ties="sequence", by="via").frame["via"]) == {"second"}
    # Tied events may stand in funnel order, in that of the source A comes first, and strictly later is neither.
    went_on = {ties: counts(ask(log, "A", "B", ties=ties), "continued_count")[0] for ties in
               ("together", "sequence", "increasing")}  # fmt: skip
    assert went_on == {"together": (1,), "sequence": (1,), "increasing": (0,)}


def test_an_event_that_meets_two_steps_goes_on_only_with_another() -> None:
    log = read_world("ann 10:00 A\nbob 10:00 A\nbob 10:01 A")
    answer = ask(log, "A", "A")
    assert counts(answer, *FLOW) == [(2, 2, 1, 1, 0), (2, 1, 0, 0, 0)]
    # As ClickHouse counts, one event may serve both.
    assert counts(ask(log, "A", "A", preset="clickhouse"), "continued_count") == [(2,), (0,)]


def test_strict_within_exclude_and_hold_bind_each_link() -> None:
    log = read_world("""
        ann 10:00 A order=1
        ann 10:05 X order=1
        ann 10:10 B order=1
        bob 10:00 A order=1
        bob 10:10 B order=2
        cid 10:00 A order=3
        cid 10:20 B order=3
    """)

    def went_on(**settings: object) -> int:
        steps = settings.pop("steps", ["A", "B"])
        return int(log.funnel(steps, entry="open", **settings).frame["continued_count"][0])

    assert went_on() == 3
    assert went_on(order="strict") == 2  # not ann
    assert went_on(exclude=[("X", 1, 2)]) == 2  # not ann
    assert went_on(hold="order") == 2  # not bob
    assert went_on(steps=["A", jn.step("B", within="15m")]) == 2  # not cid
    held = log.funnel(["A", "B"], entry="open", hold="order")
    assert counts(held, "reached_count", "entered_count") == [(3, 3), (3, 1)]


def test_ga4s_open_funnel_has_no_window(shop: jn.Journeys) -> None:
    answer = ask(shop, window=None, preset="ga4")
    pd.testing.assert_frame_equal(answer.frame, ask(shop, window=None).frame)
    assert answer.definition["parameters"]["entry"] == "open"


def test_accounts_enter_with_so_many_contacts() -> None:
    log = read_world("""
        ann 10:00 A firm=x
        bob 10:05 A firm=x
        ann 10:10 B firm=x
        cid 10:00 B firm=y
        dan 10:01 B firm=y
    """, account="firm")  # fmt: skip
    assert counts(ask(log, "A", "B", unit="account"), *FLOW) == [(1, 1, 1, 0, 0), (2, 1, 0, 0, 0)]
    # Two contacts: x has A at 10:05, and only one contact at B; y has B at 10:01.
    assert counts(ask(log, "A", "B", unit="account", contacts=2), *FLOW) == [(1, 1, 0, 1, 0), (1, 1, 0, 0, 0)]
    assert ask(log, "A", "B", unit="account").persons.columns[0] == "account_id"


def test_the_rule_says_what_it_does(shop: jn.Journeys) -> None:
    words = ask(shop, by="via", by_at="last").definition["rule"]
    for part in ("at most 30m later (the end included), counted from any event of step k", "has entered there",
                 "Split by 'via' of the first event at the furthest step"):  # fmt: skip
        assert part in words


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"order": "any"}, "needs an order"),
        ({"steps": ["A", jn.step("B", optional=True), "C"]}, "optional"),
        ({"exclude": [("B", 1, 3)]}, "neighbouring"),
        ({"exclude": [("B", 1, 2)], "preset": "posthog"}, "takes nobody out"),
        ({"by": "entered_count"}, "of this name already"),
    ],
)
def test_what_does_not_go_with_it_is_refused(shop: jn.Journeys, settings: dict, words: str) -> None:
    steps = settings.get("steps", ["A", "B", "C"])
    given = {name: value for name, value in settings.items() if name != "steps"}
    with pytest.raises(CallError) as caught:
        shop.funnel(steps, "30m", entry="open", **given)
    assert words in str(caught.value)
    assert caught.value.code in {"funnel-setting", "by"}


ONE_CHAIN = {
    "explain": lambda log, **how: log.explain("ann", ["A", "B"], "30m", **how),
    "compare_presets": lambda log, **how: log.compare_presets(["A", "B"], "30m", **how),
    "funnel_times": lambda log, **how: log.funnel_times(["A", "B"], "30m", **how),
    "funnel_trend": lambda log, **how: log.funnel_trend(["A", "B"], "30m", **how),
    "compare_groups": lambda log, **how: log.compare_groups(["A", "B"], "30m", by="via", **how),
    "separators": lambda log, **how: log.separators(["A", "B"], "30m", **how),
    "funnel_change": lambda log, **how: log.funnel_change(
        ["A", "B"], "30m", before="2026-03-01..2026-03-02", after="2026-03-02..2026-03-03", **how
    ),
}


@pytest.mark.parametrize("verb", ONE_CHAIN)
def test_questions_that_follow_one_chain_say_what_to_ask_instead(shop: jn.Journeys, verb: str) -> None:
    with pytest.raises(CallError) as caught:
        ONE_CHAIN[verb](shop, entry="open")
    assert caught.value.code == "open-entry"
    assert "entry='best'" in str(caught.value)


def test_a_posthog_funnel_without_exclusions_may_be_open(shop: jn.Journeys) -> None:
    assert levels(ask(shop, preset="posthog")) == levels(ask(shop))
