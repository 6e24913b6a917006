"""Small logs whose variants, loops, step matrices and complexity one can work out on paper."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from world import read_world

import journeys as jn

# as_of is 20/10:00 (the last event); with 5 days, who was last seen by 15/10:00 is dropped.
SHOP = """
    ann 2/10:00 home
    ann 2/10:10 product
    ann 2/10:10 product
    ann 2/10:30 pay
    ann 3/10:00 help
    bob 2/10:00 home
    bob 15/10:00 product
    cid 2/10:00 product
    cid 15/10:01 home
    dan 20/10:00 pay
    eve 2/11:00 home
    eve 2/11:05 product
"""


def rows(frame: object, *columns: str) -> dict[str, tuple]:
    """Rows of some columns by the first."""
    return {row[0]: row[1:] for row in frame[list(columns)].itertuples(index=False, name=None)}  # type: ignore[index]


def test_variants_are_paths_with_repeats_as_one_up_to_the_goal() -> None:
    answer = read_world(SHOP).variants("pay", inactive_days=5)
    assert list(answer.frame.columns) == ["path", "count", "share", "cumulative_share", "converted_count"]
    assert list(answer.frame.itertuples(index=False, name=None)) == [
        (["home", "product"], 2, 2 / 5, 2 / 5, 0),  # bob, eve
        (["home", "product", "pay"], 1, 1 / 5, 3 / 5, 1),  # ann; equal counts stand by path
        (["pay"], 1, 1 / 5, 4 / 5, 1),
        (["product", "home"], 1, 1 / 5, 1.0, 0),
    ]
    # bob 15/10:00 + 5 days = as_of: dropped, as is eve; cid is open by a minute.
    details = answer.tables["intervals"]
    assert details["dropped_count"].tolist() == [2, 0, 0, 0]
    assert details["open_count"].tolist() == [0, 0, 0, 1]
    assert details["base_count"].tolist() == [5] * 4
    assert details["is_too_few"].all()


def test_coverage_says_how_many_variants_hold_four_fifths() -> None:
    answer = read_world(SHOP).variants("pay")
    # Of 5 persons 3 are one half rounded up, 4 are 80 %, all 5 are 90 and 95 %.
    assert rows(answer.tables["coverage"], "covered_share", "variant_count") == {
        0.5: (2,), 0.8: (3,), 0.9: (4,), 0.95: (4,), 1.0: (4,)}  # fmt: skip
    words = ("entrant_count", "variant_count", "variants_for_80_percent", "singleton_count", "singleton_share")
    assert [answer.definition[word] for word in words] == [5, 4, 3, 3, 3 / 5]


def test_kept_repeats_make_other_variants_and_without_a_goal_nobody_converts() -> None:
    frame = read_world(SHOP).variants(collapse=False).frame
    assert ["home", "product", "product", "pay", "help"] in frame["path"].tolist()
    assert frame["converted_count"].sum() == 0


def test_the_others_are_one_row_and_the_sum_stays() -> None:
    frame = read_world(SHOP).variants("pay", top=1).frame
    assert list(frame.itertuples(index=False, name=None)) == [
        (["home", "product"], 2, 2 / 5, 2 / 5, 0),
        (["(other)"], 3, 3 / 5, 1.0, 2),
    ]
    whole = read_world(SHOP).variants("pay", top=4).frame
    assert ["(other)"] not in whole["path"].tolist()


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 7, 8, 9, 31])
def test_paths_of_any_length_are_told_apart(length: int) -> None:
    # p walks a b a b ..., q the same with another last step, r one step more, s the same as p.
    walk = ["ab"[place % 2] for place in range(length)]
    lines = []
    for person, names in (("p", walk), ("q", [*walk[:-1], "z"]), ("r", [*walk, "y"]), ("s", walk)):
        lines += [f"{person} 10:{minute:02d} {name}" for minute, name in enumerate(names)]
    frame = read_world("\n".join(lines)).variants().frame
    found = {tuple(path): count for path, count in zip(frame["path"], frame["count"], strict=True)}
    assert found == {tuple(walk): 2, (*walk[:-1], "z"): 1, (*walk, "y"): 1}


# ann: a a b a a c a: pairs a,a twice; a again after b and after c. bob: b c b. cid: a b.
LOOPS = """
    ann 10:00 a
    ann 10:01 a
    ann 10:02 b
    ann 10:03 a
    ann 10:04 a
    ann 10:05 c
    ann 10:06 a
    bob 10:00 b
    bob 10:01 c
    bob 10:02 b
    cid 10:00 a
    cid 10:01 b
"""


def test_loops_are_repeats_and_returns() -> None:
    frame = read_world(LOOPS).loops().frame
    assert list(frame.columns) == ["step", "repeat_count", "return_count", "person_count", "share"]
    assert rows(frame, *frame.columns) == {
        "a": (2, 2, 1, 1 / 2),  # ann; met by ann and cid
        "b": (0, 1, 1, 1 / 3),  # bob; met by all three
        "c": (0, 0, 0, 0.0),
    }


def test_rework_counts_the_same_persons_with_base_and_interval() -> None:
    log = read_world(LOOPS)
    frame = log.rework().frame.set_index("step")
    assert frame.loc["a", ["met_count", "rework_count", "visit_count"]].tolist() == [2, 1, 6]
    # Wilson for 1 of 2, with z squared = 3.8415: (0.5 + 3.8415 / 4) / (1 + 3.8415 / 2) = 0.5, half its width 0.4055.
    assert frame.loc["a", ["share", "share_low", "share_high"]].tolist() == pytest.approx(
        [0.5, 0.0945, 0.9055], abs=1e-4
    )
    assert frame["mean_extra_visits"].to_dict() == {"a": 2.0, "b": pytest.approx(1 / 3), "c": 0.0}
    assert frame["is_too_few"].all()
    assert log.loops().tables["rework"].equals(log.rework().frame)


def test_expected_visits_are_those_of_a_walk_without_memory() -> None:
    # From a: half to a again, half away. Visits to a once there: 1 + 1/2 + 1/4 + ... = 2, so 1 more is expected.
    frame = read_world("""
        ann 10:00 a
        ann 10:01 a
        ann 10:02 b
        bob 10:00 a
        bob 10:01 a
    """).rework().frame.set_index("step")  # fmt: skip
    assert frame["expected_extra_visits"].to_dict() == {"a": pytest.approx(1.0), "b": pytest.approx(0.0)}


# Hand-walked: position 1 has home 3, product 1, pay 1; ann's two products stand at 2 and 3, her goal at 4.
def test_a_step_matrix_keeps_who_has_ended_in_the_end() -> None:
    frame = read_world(SHOP).step_matrix(depth=5, goal="pay", inactive_days=5).frame
    assert list(frame.columns) == ["step", "1", "2", "3", "4", "5"]
    assert rows(frame, *frame.columns) == {
        "home": (3 / 5, 1 / 5, 0.0, 0.0, 0.0),
        "product": (1 / 5, 3 / 5, 1 / 5, 0.0, 0.0),
        "pay": (1 / 5, 0.0, 0.0, 1 / 5, 0.0),
        "(converted)": (0.0, 1 / 5, 1 / 5, 1 / 5, 2 / 5),  # dan from 2 on, ann from 5 on
        "(open)": (0.0, 0.0, 1 / 5, 1 / 5, 1 / 5),  # cid
        "(dropped)": (0.0, 0.0, 2 / 5, 2 / 5, 2 / 5),  # bob, eve
    }
    assert frame.drop(columns="step").sum().tolist() == pytest.approx([1.0] * 5)


def test_rarer_steps_of_a_position_are_other() -> None:
    answer = read_world(SHOP).step_matrix(depth=2, top=1, goal="pay", inactive_days=5)
    assert rows(answer.frame, *answer.frame.columns) == {
        "home": (3 / 5, 0.0),
        "product": (0.0, 3 / 5),
        "(other)": (2 / 5, 1 / 5),
        "(converted)": (0.0, 1 / 5),
    }
    assert rows(answer.tables["cells"].query("step_index == 2"), "step", "count", "base_count") == {
        "product": (3, 5), "(other)": (1, 5), "(converted)": (1, 5)}  # fmt: skip


def test_a_named_end_is_an_end_of_the_matrix() -> None:
    frame = read_world(SHOP).step_matrix(depth=3, end="product").frame
    assert frame.set_index("step").loc["(end)"].tolist() == [0.0, 1 / 4, 1.0]


def test_complexity_of_four_ways() -> None:
    answer = read_world(SHOP).complexity("pay")
    value = {name: each for name, (each,) in rows(answer.frame, "measure", "value").items()}
    # Shares 2/5 and three times 1/5.
    entropy = -(2 / 5 * math.log2(2 / 5) + 3 * 1 / 5 * math.log2(1 / 5))
    assert value["entrants"] == 5
    assert value["variants"] == 4
    assert value["variants for 80 %"] == 3
    assert value["commonest variant"] == 2 / 5
    assert value["taken once"] == 3 / 5
    assert value["variant entropy"] == pytest.approx(entropy)
    assert value["normalised entropy"] == pytest.approx(entropy / 2)
    assert value["effective variants"] == pytest.approx(2**entropy)
    # Moves: home > product 3; product > pay 1, product > home 1. Only leaving product is open: one bit, 2 of 5 moves.
    assert value["transition entropy"] == pytest.approx(2 / 5)
    taken = answer.frame.set_index("measure").loc["taken once"]
    assert (taken["count"], taken["base_count"]) == (3, 5)
    assert taken["low"] < 3 / 5 < taken["high"]


def test_one_way_for_all_is_no_complexity() -> None:
    frame = read_world("ann 10:00 a\nann 10:01 b\nbob 10:00 a\nbob 10:01 b").complexity().frame
    value = {name: each for name, (each,) in rows(frame, "measure", "value").items()}
    assert [value[name] for name in ("variant entropy", "normalised entropy", "transition entropy")] == [0, 0, 0]
    assert value["effective variants"] == 1


# The published figures of the process-mining log running-example: 6 cases, 42 events, 16 pairs, 6 variants, rework
# check ticket 2, decide 2, examine casually 1, reinitiate request 1. Written anew as six requests that have them.
REQUESTS = {
    "1": "register examine_thoroughly check decide reject",
    "2": "register check examine_casually decide pay",
    "3": "register examine_casually check decide reinitiate examine_thoroughly check decide pay",
    "4": "register check examine_thoroughly decide reject",
    "5": "register examine_casually check decide reinitiate check examine_casually decide reinitiate "
    "examine_casually check decide reject",
    "6": "register examine_casually check decide pay",
}


def test_requests_have_the_published_figures() -> None:
    lines = [
        f"{case} 10:{minute:02d} {name}"
        for case, names in REQUESTS.items()
        for minute, name in enumerate(names.split())
    ]
    log = read_world("\n".join(lines))
    assert len(lines) == 42
    assert (
        len(log.transitions().frame)
        == 16
        == len({pair for names in REQUESTS.values() for pair in pairwise(names.split())})
    )
    assert len(log.variants().frame) == 6
    frame = log.rework().frame
    assert {step: n for step, (n,) in rows(frame, "step", "rework_count").items() if n} == {
        "check": 2, "decide": 2, "examine_casually": 1, "reinitiate": 1}  # fmt: skip


def test_sessions_and_accounts_have_ways_too() -> None:
    log = read_world("""
        ann 10:00 a company=x
        ann 10:10 b company=x
        ann 12:00 a company=x
        bob 12:10 a company=x
        cid 12:20 a company=y
    """, account="company")  # fmt: skip
    by_session = log.variants(unit="session").frame
    assert by_session[["path", "count"]].values.tolist() == [[["a"], 3], [["a", "b"], 1]]
    by_account = log.variants(unit="account").frame
    assert by_account[["path", "count"]].values.tolist() == [[["a"], 1], [["a", "b", "a"], 1]]
    loops = log.loops(unit="account").frame.set_index("step")
    assert loops.loc["a", ["repeat_count", "return_count", "person_count", "share"]].tolist() == [1, 1, 1, 0.5]
    matrix = log.step_matrix(depth=2, unit="session").frame.set_index("step")
    assert matrix.loc["a"].tolist() == [1.0, 0.0]


def test_nobody_by_then_is_an_empty_answer() -> None:
    log = read_world(SHOP)
    early = "2020-01-01"
    assert log.variants(as_of=early).frame.empty
    assert log.variants(as_of=early).definition["singleton_share"] is None
    assert log.loops(as_of=early).frame.empty
    assert log.step_matrix(as_of=early).frame.empty
    assert log.complexity(as_of=early).frame["value"].isna().sum() == 2  # shares of nobody
    for answer in (log.variants(as_of=early), log.rework(as_of=early), log.step_matrix(as_of=early),
                   log.complexity(as_of=early)):  # fmt: skip
        assert [note.text for note in answer.figure().layout.annotations] == ["no data"]


@pytest.mark.parametrize(
    ("ask", "found"),
    [
        (lambda log: log.step_matrix(depth=0), "0"),
        (lambda log: log.step_matrix(depth=501), "501"),
        (lambda log: log.step_matrix(depth=True), "True"),
        (lambda log: log.step_matrix(top=0), "0"),
        (lambda log: log.variants(top=-1), "-1"),
        (lambda log: log.variants(top="3"), "'3'"),
        (lambda log: log.variants("nothing"), "nothing"),
        (lambda log: log.variants(collapse="no"), "'no'"),
        (lambda log: log.loops(unit="cat"), "'cat'"),
        (lambda log: log.rework(start="nothing"), "nothing"),
        (lambda log: log.complexity(as_of="soon"), "'soon'"),
        (lambda log: log.step_matrix(inactive_days=0), "0"),
        (lambda log: log.backtracks(), "stages"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_by_name(ask: object, found: str) -> None:
    with pytest.raises(jn.CallError, match=found):
        ask(read_world(SHOP))  # type: ignore[operator]
