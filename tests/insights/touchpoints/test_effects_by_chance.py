"""Effects in worlds whose truth is known: nothing is found where nothing is, and a planted effect is found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from journeys.insights.touchpoints.effects import judge_touchpoints
from journeys.insights.touchpoints.risk_set import COUNT_GROUPS, Levels, RiskSet

PERSONS, LONGEST, STEPS = 500, 12, 6
NAMES = [f"T{step}" for step in range(STEPS)]


def draw(source: np.random.Generator, log_odds_of_first: float = 0.0) -> tuple[RiskSet, int, int]:
    """Persons of three channels, which differ in how often they buy, how long they stay and what they look at.

    After each contact they buy, leave, or go on; having met T0 adds `log_odds_of_first` to buying, nothing else does.
    """
    channel = source.integers(0, 3, PERSONS)
    tastes = source.dirichlet(np.ones(STEPS), 3)
    walks, happened = [], []
    for person in range(PERSONS):
        met = False
        for place in range(LONGEST):
            step = int(source.choice(STEPS, p=tastes[channel[person]]))
            met |= step == 0
            chance = 1 / (1 + np.exp(-(-3.2 + 0.8 * channel[person] + log_odds_of_first * met)))
            buys = source.random() < chance
            walks.append((person, step, place))
            happened.append(buys)
            if buys or source.random() < 0.1 + 0.08 * channel[person]:
                break
    person, step, place = (np.array(column) for column in zip(*walks, strict=True))
    bought = np.array(happened)
    risk = RiskSet(
        unit=person,
        step=Levels(step, NAMES),
        is_visit_start=source.random(len(person)) < 0.3,
        is_at_risk=np.ones(len(person), dtype=bool),
        happened=bought,
        traits={"first channel": Levels(channel[person], ["a", "b", "c"])},
        contact_count=Levels(np.searchsorted(COUNT_GROUPS, place + 1, side="right") - 1, list(map(str, COUNT_GROUPS))),
        contact_month=np.zeros(len(person), dtype=np.int64),
        entry_month=np.zeros(len(person), dtype=np.int64),
        marks={},
    )
    return risk, PERSONS, int(bought.sum())


def tables(worlds: int, seed: int, log_odds_of_first: float = 0.0) -> list[pd.DataFrame]:
    source = np.random.default_rng(seed)
    return [judge_touchpoints(*draw(source, log_odds_of_first))[0] for _ in range(worlds)]


WORLDS = pytest.mark.parametrize(
    "worlds", [pytest.param(40, id="40"), pytest.param(1000, id="1000", marks=pytest.mark.prove)]
)


@WORLDS
def test_where_nothing_is_at_most_five_in_a_hundred_tables_find_something(
    worlds: int, record_property: Callable[[str, object], None]
) -> None:
    found = tables(worlds, 1)
    tested = pd.concat(found)
    tested = tested[tested["q_value"].notna()]
    assert len(tested) > 3 * worlds
    # No effect anywhere: every find is false, and the share of false finds of a table is 1 as soon as there is one.
    false = sum(bool(table["verdict"].isin(["higher", "lower"]).any()) for table in found)
    interval = binomtest(false, worlds).proportion_ci(0.99)
    small = (tested["p_value"] <= 0.05).mean()
    covered = ((tested["odds_ratio_low"] <= 1) & (tested["odds_ratio_high"] >= 1)).mean()
    record_property("shown", f"{false} of {worlds} tables with a false find (99 %: {interval.low:.3f} to "
                    f"{interval.high:.3f}); p up to .05: {small:.3f}; 1 in the interval: {covered:.3f}")  # fmt: skip
    assert interval.low <= 0.05
    assert binomtest(int((tested["p_value"] <= 0.05).sum()), len(tested)).proportion_ci(0.99).low <= 0.07
    assert covered >= 0.92


@pytest.mark.parametrize("log_odds", [0.9, -0.9])
def test_a_planted_effect_is_found_and_covered(log_odds: float) -> None:
    found = [table.set_index("touchpoint").loc["T0"] for table in tables(25, 2, log_odds)]
    tested = [one for one in found if not np.isnan(one["q_value"])]
    assert len(tested) >= 15
    middle = np.median([np.log(one["odds_ratio"]) for one in tested])
    assert middle == pytest.approx(log_odds, abs=0.25)
    covered = [one["odds_ratio_low"] <= np.exp(log_odds) <= one["odds_ratio_high"] for one in tested]
    assert np.mean(covered) >= 0.8
    wrong = "lower" if log_odds > 0 else "higher"
    assert wrong not in {one["verdict"] for one in tested}
