"""Steps of a period: which events they are, in funnels and as the start, goal and end of paths."""

from __future__ import annotations

import pandas as pd
import pytest

import journeys as jn

# Two customers look before and in February; only the second buys in it, at its last moment.
ROWS = [
    ("ann", "2026-01-31 23:59:59", "view"),
    ("ann", "2026-02-01 00:00:00", "view"),
    ("ann", "2026-03-01 00:00:00", "buy"),
    ("bob", "2026-01-20 08:00:00", "view"),
    ("bob", "2026-02-10 08:00:00", "cart"),
    ("bob", "2026-02-28 23:59:59", "buy"),
    ("cat", "2026-03-05 08:00:00", "view"),
]
FEBRUARY = jn.Period("2026-02-01", "2026-03-01")


def open_log(timezone: str = "UTC") -> jn.Journeys:
    frame = pd.DataFrame(ROWS, columns=["who", "at", "what"])
    return jn.from_events(frame, person="who", occurred_at="at", event="what", timezone=timezone)


@pytest.mark.parametrize("timezone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_the_first_moment_is_in_it_and_the_end_is_not_in_the_zone_of_the_log(timezone: str) -> None:
    log = open_log(timezone)
    looked = log.funnel([jn.step("view", during=FEBRUARY)]).persons
    assert looked["person_id"].tolist() == ["ann"]
    assert log.funnel([jn.step("buy", during=FEBRUARY)]).persons["person_id"].tolist() == ["bob"]


def test_each_step_may_have_a_period_of_its_own() -> None:
    log = open_log()
    steps = [jn.step("view", during="2026-01-01..2026-02-01"), jn.step("buy", during=FEBRUARY)]
    assert log.funnel(steps).frame["reached_count"].tolist() == [2, 1]
    assert log.funnel([steps[0], "buy"]).frame["reached_count"].tolist() == [2, 2]


def test_a_condition_on_columns_may_have_one() -> None:
    log = open_log()
    persons = log.funnel([jn.step({"what": ["view", "cart"]}, during=FEBRUARY), "buy"]).persons
    assert dict(zip(persons["person_id"], persons["furthest_step"], strict=True)) == {"ann": 2, "bob": 2}


def test_excluded_events_may_have_one() -> None:
    log = open_log()
    for period, reached in ((FEBRUARY, [3, 1]), (("2026-01-01", "2026-02-01"), [3, 2])):
        frame = log.funnel(["view", "buy"], exclude=[(jn.step("cart", during=period), 1, 2)]).frame
        assert frame["reached_count"].tolist() == reached


def test_paths_begin_convert_and_end_in_it() -> None:
    log = open_log()
    started = log.variants(start=jn.step(["view", "cart"], during=FEBRUARY)).frame
    assert sorted(map(tuple, started["path"])) == [("cart", "buy"), ("view", "buy")]
    won = log.variants(goal=jn.step("buy", during=FEBRUARY)).frame
    assert won.loc[won["converted_count"] > 0, "path"].tolist() == [["view", "cart", "buy"]]
    ended = log.paths(end=jn.step("view", during=FEBRUARY), collapse=False).frame
    assert ended.loc[ended["to_step"] == "(end)", "count"].sum() == 1


def test_the_rule_says_so() -> None:
    definition = open_log().funnel([jn.step("view", "Look", during=FEBRUARY), "buy"]).definition
    assert "'Look' counts from 2026-02-01 on, before 2026-03-01." in definition["rule"]
    assert definition["parameters"]["during"] == {"Look": "2026-02-01..2026-03-01"}
    assert jn.step("view", during=FEBRUARY).name == "view in 2026-02-01..2026-03-01"


def test_a_step_of_a_step_keeps_its_period_unless_another_is_given() -> None:
    one = jn.step("view", during=FEBRUARY)
    assert jn.step(one) == one
    assert jn.step(one, "Look", optional=True).during == FEBRUARY
    other = jn.step(jn.step("view"), during=("2026-01-01", "2026-02-01"))
    assert other.during == jn.Period("2026-01-01", "2026-02-01")


@pytest.mark.parametrize("wrong", [3, "February", ("2026-02-01",), ["a", "b", "c"], b"2026-02-01..2026-03-01", True])
def test_what_is_no_period_is_refused_at_once(wrong: object) -> None:
    with pytest.raises(jn.CallError, match="during= is no period"):
        jn.step("view", during=wrong)


@pytest.mark.parametrize("wrong", [("2026-03-01", "2026-02-01"), ("2026-02-01", "2026-02-01"), ("x", "2026-02-01"),
                                   (None, "2026-02-01"), ("2026-02-01", 7)])  # fmt: skip
def test_a_period_that_cannot_be_read_is_refused_by_the_call(wrong: object) -> None:
    with pytest.raises(jn.CallError, match="during"):
        open_log().funnel([jn.step("view", during=wrong)])
