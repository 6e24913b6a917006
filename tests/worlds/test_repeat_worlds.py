"""Small logs whose patterns and needless steps one can work out on paper."""

from __future__ import annotations

import pytest
from world import read_world

import journeys as jn

# as_of is 20/10:00.
SHOP = """
    ann 2/10:00 home
    ann 2/10:05 cart
    ann 2/10:10 pay
    ann 2/10:15 home
    ann 2/10:20 help
    bob 2/10:00 home
    bob 2/10:01 home
    bob 2/10:02 cart
    bob 2/10:12 home
    bob 2/10:13 terms
    cid 20/10:00 home
    dan 2/10:00 pay
"""


def groups(count: int, *paths: str) -> jn.Journeys:
    """`count` persons for each path `a b c`, a minute apart."""
    lines = [
        f"p{path}_{number} 2/{10 + place // 60:02d}:{place % 60:02d} {name}"
        for path, text in enumerate(paths)
        for number in range(count)
        for place, name in enumerate(text.split())
    ]
    return read_world("\n".join(lines))


def test_patterns_before_the_first_goal() -> None:
    answer = read_world(SHOP).patterns("pay", min_persons=1, min_share=0, inactive_days=5)
    # Before pay, repeats one: ann home cart; bob home cart home terms; cid home. dan has nothing before it.
    assert answer.definition["population_count"] == 3
    assert answer.definition["without_contact_count"] == 1
    rows = answer.frame.set_index("pattern")
    # home is had by all three; cart, home > cart by ann and bob: cart is not closed. All else is bob's: only the
    # longest is closed.
    assert set(rows.index) == {"home", "home > cart", "home > cart > home > terms"}
    assert list(rows["person_count"].loc[["home", "home > cart"]]) == [3, 2]
    assert list(rows["converted_count"].loc[["home", "home > cart"]]) == [1, 1]
    assert list(rows["open_count"].loc[["home", "home > cart"]]) == [1, 0]
    assert (rows.loc["home > cart", "other_count"], rows.loc["home > cart", "other_converted_count"]) == (1, 0)
    assert rows["is_too_few"].all()
    assert rows["q_value"].isna().all()
    assert set(rows["verdict"]) == {"too few"}
    # home and help after the goal count nowhere.
    assert not [name for name in rows.index if "help" in name or name.endswith("cart > pay")]


def test_repeats_may_be_kept_apart() -> None:
    rows = read_world(SHOP).patterns("pay", min_persons=1, min_share=0, collapse=False, length=2).frame
    assert "home > home" in set(rows["pattern"])


def test_a_pattern_that_marks_converters() -> None:
    # 40 persons each way: a b buys, a c buys not, d buys not.
    log = groups(40, "a b pay", "a c z", "d z")
    rows = log.patterns("pay").frame.set_index("pattern")
    row = rows.loc["a > b"]
    assert (row["person_count"], row["converted_count"], row["other_count"], row["other_converted_count"]) == (
        40, 40, 80, 0)  # fmt: skip
    assert row["conversion_share"] == 1
    # Nobody else converted: no ratio can be given, but the difference is told, among equally long journeys, too.
    assert row[["risk_ratio", "risk_ratio_low", "adjusted_ratio"]].isna().all()
    assert row["q_value"] < 1e-9
    # Of two steps: 40 of 40 with it, 0 of 40 (d z) without. z = 20 / sqrt(40 * 40 * 40 * 40 / (80^2 * 79)) = 8.9.
    assert row["adjusted_p_value"] < 1e-15
    assert row["verdict"] == "marks converters"


def test_a_ratio_worked_out_by_hand() -> None:
    # All have two steps before the end: a b 30 of 40 convert, a c 10 of 40.
    log = read_world("\n".join(
        f"p{way}{number} 2/10:{place:02d} {name}"
        for way, wins in (("b", 30), ("c", 10))
        for number in range(40)
        for place, name in enumerate(["a", way, "pay"] if number < wins else ["a", way])
    ))  # fmt: skip
    row = log.patterns("pay").frame.set_index("pattern").loc["a > b"]
    assert row["risk_ratio"] == pytest.approx(3)
    # Katz: exp(log 3 +- 1.96 * sqrt(1/30 - 1/40 + 1/10 - 1/40)) = exp(1.0986 +- .5658).
    assert (row["risk_ratio_low"], row["risk_ratio_high"]) == pytest.approx((1.7037, 5.2825), abs=1e-3)
    # z = (.75 - .25) / sqrt(.5 * .5 * 2 / 40) = 4.472.
    assert row["p_value"] == pytest.approx(7.744e-6, rel=1e-3)
    assert row["adjusted_ratio"] == pytest.approx(3)
    assert row["verdict"] == "marks converters"
    assert log.patterns("pay").frame["verdict"].tolist() == ["marks converters", "marks others", "too few"]


def test_the_least_support_is_thirty_and_one_per_cent() -> None:
    log = groups(29, "a x", "b x", "c x")
    # 87 persons have x, 29 each of the others.
    with pytest.raises(jn.JourneysError):
        log.patterns("pay")
    assert groups(29, "a x pay", "b x").patterns("pay").frame["pattern"].tolist() == ["x"]
    assert groups(30, "a x pay", "b x").patterns("pay").definition["least_person_count"] == 30
    assert groups(30, "a x pay", "b x").patterns("pay", min_share=0.51).definition["least_person_count"] == 31


def test_repeats_and_detours_with_their_extra_time() -> None:
    frame = read_world(SHOP).needless("pay").frame
    rows = {(row.kind, row.step, row.detour_step): row for row in frame.itertuples()}
    assert [key[:2] for key in rows] == [("detour", "home"), ("repeat", "home")]
    repeat = next(row for row in frame.itertuples() if row.kind == "repeat")
    # bob's home, home: 1 minute. Of home's persons ann converted, bob and cid did not.
    assert (repeat.repeat_count, repeat.person_count, repeat.extra_seconds) == (1, 1, 60)
    assert (repeat.converted_count, repeat.other_count, repeat.other_converted_count) == (0, 2, 1)
    assert repeat.difference == -0.5
    # home > cart > home: from 10:01, the last home before, to 10:12.
    assert list(read_world(SHOP).needless("pay", within="1m").frame["kind"]) == ["repeat"]
    assert read_world(SHOP).needless("pay", within="59s").frame.empty
    assert len(read_world(SHOP).needless("pay", within="11m").frame) == 2
    detour = next(row for row in frame.itertuples() if row.kind == "detour")
    assert (detour.detour_step, detour.repeat_count, detour.extra_seconds) == ("cart", 1, 660)
    assert set(frame["verdict"]) == {"too few"}


def test_a_repeat_without_effect_is_needless_by_the_rule() -> None:
    # a a: 500 of 1000 convert; a alone: 500 of 1000. Newcombe: 0 +- .0438, inside +-.05.
    log = groups(500, "a a pay", "a a z", "a pay", "a z")
    [row] = log.needless("pay").frame.itertuples()
    assert (row.person_count, row.converted_count, row.other_count, row.other_converted_count) == (1000, 500, 1000, 500)
    assert (row.difference_low, row.difference_high) == pytest.approx((-0.0437, 0.0437), abs=2e-4)
    assert row.verdict == "needless"
    assert log.needless("pay", minimal_effect=0.04).frame["verdict"][0] == "unclear"
    # Where a tenth converts, 2.5 % matter: a quarter of the share of all.
    rare = groups(40, "a a pay", *["a a z"] * 9, "a pay", *["a z"] * 9)
    answer = rare.needless("pay")
    assert answer.definition["parameters"]["minimal_effect"] == pytest.approx(0.025)
    assert answer.frame["verdict"][0] == "unclear"
    assert rare.needless("pay", minimal_effect=0.06).frame["verdict"][0] == "needless"


def test_a_repeat_with_effect_is_not_needless() -> None:
    log = groups(60, "a a pay", "a z", "b c b z", "b pay")
    rows = {row.kind: row for row in log.needless("pay").frame.itertuples()}
    assert (rows["repeat"].verdict, rows["detour"].verdict) == ("converts more", "converts less")
    assert (rows["repeat"].difference, rows["detour"].difference) == (1, -1)


@pytest.mark.parametrize("keywords", [{"length": 0}, {"length": 11}, {"length": True}, {"min_persons": 0},
                                      {"min_share": 2}, {"min_share": "1 %"}, {"goal": None}, {"goal": "basket"},
                                      {"unit": "team"}, {"collapse": 5}, {"min_share": float("nan")}])  # fmt: skip
def test_a_wrong_call_for_patterns_is_told(keywords: dict[str, object]) -> None:
    with pytest.raises(jn.JourneysError):
        read_world(SHOP).patterns(**({"goal": "pay"} | keywords))


@pytest.mark.parametrize("keywords", [{"minimal_effect": 0}, {"minimal_effect": 1.5}, {"minimal_effect": "5 %"},
                                      {"minimal_effect": True}, {"within": "30"}, {"within": 30},
                                      {"goal": None}, {"goal": "basket"}])  # fmt: skip
def test_a_wrong_call_for_needless_steps_is_told(keywords: dict[str, object]) -> None:
    with pytest.raises(jn.JourneysError):
        read_world(SHOP).needless(**({"goal": "pay"} | keywords))


def test_before_the_first_event_there_is_nothing() -> None:
    log = read_world(SHOP)
    for answer in (log.patterns("pay", as_of="2020-01-01"), log.needless("pay", as_of="2020-01-01")):
        assert answer.frame.empty
        assert [note.text for note in answer.figure().layout.annotations] == ["no data"]
