"""Effects of touchpoints: small logs with answers worked out, and what the table promises."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import journeys as jn

START = 1_772_323_200
# Charig et al. 1986: (operation, size of the stone): healed, operated.
STONES = {("open", "small"): (81, 87), ("open", "large"): (192, 263), ("new", "small"): (234, 270),
          ("new", "large"): (55, 80)}  # fmt: skip


def read(paths: list[list[str]], **columns: list[str]) -> jn.Journeys:
    """A log of persons with a contact a minute; seen long ago, so that whoever has not converted is dropped."""
    rows = [
        {"person": f"p{number:05d}", "at": START + 60 * place, "event": event}
        | {name: values[number] for name, values in columns.items()}
        for number, path in enumerate(paths)
        for place, event in enumerate(path)
    ]
    frame = pd.DataFrame(rows)
    return jn.from_events(frame, person="person", occurred_at="at", event="event", unit="s", as_of="2027-01-01")


def stones(times: int) -> jn.Journeys:
    """Each person is promised an operation, then the stone is measured, then it heals or not."""
    paths = []
    for (operation, size), (healed, operated) in STONES.items():
        paths += [[operation, size, "healed"]] * (healed * times) + [[operation, size]] * ((operated - healed) * times)
    return read(paths)


def row(answer: jn.EffectResult, name: str) -> pd.Series:
    return answer.frame.set_index("touchpoint").loc[name]


def test_kidney_stones_turn_their_sign_within_strata() -> None:
    answer = stones(4).effects("healed")
    found = row(answer, "open")
    assert (found["person_count"], found["converted_count"]) == (1400, 4 * 273)
    assert (found["other_count"], found["other_converted_count"]) == (1400, 4 * 289)
    # At the first contact no one of both groups stands at the same place, so that all that is compared is the second.
    assert found["crude_difference"] == pytest.approx((273 - 289) / 350)
    # Published for these strata.
    assert found["stratified_difference"] == pytest.approx(0.05383557024347475)
    assert found["confounding"] == "reversed"
    assert found["lift"] == pytest.approx(273 / 289)
    tables = answer.strata[answer.strata["touchpoint"] == "open"].set_index("place")
    counts = tables[["met_goal_count", "met_count", "other_goal_count", "other_count"]]
    assert counts.loc["small"].tolist() == [4 * 81, 4 * 87, 4 * 234, 4 * 270]
    assert counts.loc["large"].tolist() == [4 * 192, 4 * 263, 4 * 55, 4 * 80]
    assert len(tables) == 2


def test_the_odds_ratio_is_that_of_a_logit_with_the_strata() -> None:
    found = row(stones(4).effects("healed"), "open")
    # Only rows after the size is known can be followed by the goal.
    cells = np.array([(healed, operated - healed, operation == "open", size == "small")
                      for (operation, size), (healed, operated) in STONES.items()], dtype=float)  # fmt: skip
    design = np.column_stack([np.ones(4), cells[:, 2:]])
    fitted = sm.GLM(4 * cells[:, :2], design, family=sm.families.Binomial()).fit()
    assert found["odds_ratio"] == pytest.approx(np.exp(fitted.params[1]), rel=1e-6)
    assert found["q_value"] >= found["p_value"] > 0
    assert found["verdict"] == "higher"
    other = row(stones(4).effects("healed"), "new")
    assert other["odds_ratio"] == pytest.approx(1 / found["odds_ratio"], rel=1e-6)
    assert other["verdict"] == "lower"


def test_a_step_that_all_converters_met_is_on_the_way_and_not_judged() -> None:
    paths = [["home", "pay", "bought"]] * 60 + [["home", "pay"]] * 40 + [["home", "help"]] * 60
    answer = read(paths).effects("bought")
    assert answer.frame.set_index("touchpoint")["verdict"].to_dict() == {
        "home": "on the way", "pay": "on the way", "help": "insufficient"}  # fmt: skip
    assert answer.frame[["odds_ratio", "p_value", "q_value"]].isna().all(axis=None)
    assert list(answer.frame["touchpoint"]) == ["home", "pay", "help"], "the most met first"


def test_too_few_are_said_and_leave_the_family_alone() -> None:
    source = random.Random(1)
    paths = [
        [source.choice("AB"), source.choice("CD"), *(["bought"] if source.random() < 0.4 else [])] for _ in range(400)
    ]
    with_rare = paths + [["E", "C", "bought"]] * 10 + [["E", "D"]] * 10
    answer = read(with_rare).effects("bought")
    assert row(answer, "E")["verdict"] == "insufficient"
    assert row(answer, "E")["is_too_few"]
    # C and D are where people stand when the goal comes; nobody who stands there after as many contacts lacks them.
    tested = answer.frame[answer.frame["q_value"].notna()]
    assert set(tested["touchpoint"]) == {"A", "B"}
    assert not tested["is_too_few"].any()
    low, high = sorted(tested["p_value"])
    assert sorted(tested["q_value"]) == pytest.approx(sorted([min(2 * low, high), high]))


def test_a_place_that_nearly_all_leave_for_the_goal_tells_little() -> None:
    # 40 of 40 who had met A buy at the till, and 380 of 400 others: 2 were to be expected who do not.
    paths = [["A", "till", "bought"]] * 40 + [["B", "till", "bought"]] * 380 + [["B", "till"]] * 20
    assert row(read(paths).effects("bought"), "A")["verdict"] == "insufficient"
    # The same people, and 40 more who had met A and did not buy: now there is something to tell.
    assert row(read(paths + [["A", "till"]] * 40).effects("bought"), "A")["verdict"] == "lower"


def test_what_comes_after_the_goal_does_not_count() -> None:
    paths = [["A", "bought", "thanks", "thanks"]] * 80 + [["B", "bought"]] * 20 + [["A"]] * 50 + [["B"]] * 50
    answer = read(paths).effects("bought")
    assert set(answer.frame["touchpoint"]) == {"A", "B"}
    assert row(answer, "A")["person_count"] == 130
    assert row(answer, "A")["converted_count"] == 80


def test_conditions_can_be_asked_about_instead_of_touchpoints() -> None:
    source = random.Random(5)
    devices = [source.choice(["phone", "desk"]) for _ in range(600)]
    paths = [
        ["home", "card", *(["bought"] if source.random() < (0.1 if device == "phone" else 0.6) else [])]
        for device in devices
    ]
    log = read(paths, device_type=devices)
    asked = [jn.step({"event": "card", "device_type": "phone"}, "card on a phone")]
    # The device itself is held alike unless told otherwise, and then nothing is left to compare.
    assert row(log.effects("bought", among=asked), "card on a phone")["verdict"] == "insufficient"
    found = row(log.effects("bought", among=asked, adjust_for=[]), "card on a phone")
    assert found["person_count"] == devices.count("phone")
    assert log.effects("bought").definition["parameters"]["held_alike"][-1] == "device_type"


def test_the_answer_says_that_it_is_adjusted_and_claims_no_cause() -> None:
    answer = stones(1).effects("healed")
    assert answer.definition["label"] == "adjusted"
    words = answer.definition["rule"].lower()
    assert "no cause is claimed" in words
    assert "uplift" not in words
    assert "because of" not in words
    assert set(answer.to_dict()) == {"frame", "definition"}


def random_log(seed: int) -> pd.DataFrame:
    source = random.Random(seed)
    rows = [(f"p{source.randrange(300)}", START + source.randrange(4000) * 60, source.choice("ABCDG"), f"e{n}",
             source.choice(["x", "y", None])) for n in range(1500)]  # fmt: skip
    return pd.DataFrame(rows, columns=["who", "at", "what", "id", "company"])


def open_random(frame: pd.DataFrame) -> jn.Journeys:
    return jn.from_events(frame, person="who", occurred_at="at", event="what", event_id="id", unit="s",
                          account="company")  # fmt: skip


@pytest.mark.parametrize("unit", ["person", "session", "account"])
def test_the_counts_are_those_of_the_touchpoint_table(unit: str) -> None:
    log = open_random(random_log(3))
    columns = ["touchpoint", "person_count", "converted_count", "conversion_share", "lift"]
    effects = log.effects("G", unit=unit).frame[columns].sort_values("touchpoint", ignore_index=True)
    touchpoints = log.touchpoints("G", unit=unit).frame[columns].sort_values("touchpoint", ignore_index=True)
    pd.testing.assert_frame_equal(effects, touchpoints, check_dtype=False)


def test_the_order_of_rows_is_immaterial() -> None:
    frame = random_log(4)
    first = open_random(frame).effects("G").frame
    second = open_random(frame.sample(frac=1, random_state=1)).effects("G").frame
    pd.testing.assert_frame_equal(first, second)


def test_before_anybody_came_the_table_is_empty() -> None:
    answer = open_random(random_log(5)).effects("G", as_of="2020-01-01")
    assert len(answer.frame) == 0
    assert len(answer.strata) == 0
    assert answer.figure() is not None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"goal": None}, "goal"),
        ({"goal": "pya"}, "unknown-step"),
        ({"among": "A"}, "effects"),
        ({"among": ["Z"]}, "unknown-step"),
        ({"among": [7]}, "step"),
        ({"adjust_for": "what"}, "effects"),
        ({"adjust_for": ["colour"]}, "adjust-for"),
        ({"adjust_for": ["x'; DROP TABLE events; --"]}, "adjust-for"),
        ({"unit": "planet"}, "unit"),
        ({"inactive_days": 0}, "inactive-days"),
    ],
    ids=str,
)
def test_a_wrong_call_is_refused_with_its_reason(options: dict, code: str) -> None:
    with pytest.raises(jn.JourneysError) as error:
        open_random(random_log(6)).effects(**({"goal": "G"} | options))
    assert error.value.code == code
