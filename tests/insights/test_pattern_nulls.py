"""Where nothing marks converters, nothing is found more often than promised; what is planted is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from journeys.insights.paths.patterns import Mining, mine_streams
from journeys.insights.paths.streams import Streams

NAMES = np.array(list("abcde"), dtype=object)
WORLDS = 100
MANY_WORLDS = 1_000
MINING = Mining(length=3)


def streams_of(lengths: np.ndarray, source: np.random.Generator, shares: list[float] | None = None) -> Streams:
    """Persons with random steps."""
    total = int(lengths.sum())
    steps = source.choice(len(NAMES), total, p=shares)
    none = np.zeros(total, dtype=np.int64)
    return Streams(NAMES, steps, np.repeat(np.arange(len(lengths)), lengths), none, none, {}, len(lengths))


def mine(streams: Streams, is_converted: np.ndarray) -> pd.DataFrame:
    return mine_streams(streams, is_converted, np.zeros(len(is_converted), dtype=bool), MINING)


def assert_at_most_one_in_twenty(false_count: int, worlds: int) -> None:
    """The Monte Carlo 99 % interval includes or lies below 5 %."""
    assert binomtest(false_count, worlds).proportion_ci(0.99).low <= 0.05, false_count


worlds_counts = pytest.mark.parametrize("worlds", [WORLDS, pytest.param(MANY_WORLDS, marks=pytest.mark.prove)])


@worlds_counts
def test_nothing_is_found_where_chance_decides(worlds: int) -> None:
    source = np.random.default_rng(11)
    by_q = by_verdict = 0
    drawn = []
    for _ in range(worlds):
        streams = streams_of(source.integers(1, 9, 400), source, [0.4, 0.25, 0.15, 0.12, 0.08])
        frame = mine(streams, source.random(400) < 0.3)
        by_q += bool((frame["q_value"] <= 0.05).any())
        by_verdict += bool(frame["verdict"].str.startswith("marks").any())
        drawn.append(frame["p_value"].sample(1, random_state=1).iloc[0])
    assert_at_most_one_in_twenty(by_q, worlds)
    assert_at_most_one_in_twenty(by_verdict, worlds)
    assert_at_most_one_in_twenty(int((np.array(drawn) < 0.05).sum()), worlds)


@worlds_counts
def test_nothing_is_found_where_each_step_may_be_the_last_one_before_the_goal(worlds: int) -> None:
    """Each step converts with 6 % and loses with 14 %, whatever it is: long and short journeys convert alike."""
    source = np.random.default_rng(12)
    found = 0
    for _ in range(worlds):
        streams = streams_of(source.geometric(0.2, 400), source)
        frame = mine(streams, source.random(400) < 0.3)
        found += bool(frame["verdict"].str.startswith("marks").any())
    assert_at_most_one_in_twenty(found, worlds)


def test_a_long_journey_alone_marks_nobody() -> None:
    """Conversion falls with length only. Plain ratios are far off 1; beyond length next to nothing is left."""
    source = np.random.default_rng(13)
    plain = beyond = listed = 0
    for _ in range(40):
        lengths = source.integers(1, 13, 600)
        frame = mine(streams_of(lengths, source), source.random(600) < 0.75 - 0.05 * lengths)
        listed += len(frame)
        plain += int((frame["q_value"] <= 0.05).sum())
        beyond += int(frame["verdict"].str.startswith("marks").sum())
    assert plain > 0.4 * listed
    assert beyond < 0.06 * listed


def test_a_planted_pattern_is_found_and_its_parts_are_weaker() -> None:
    source = np.random.default_rng(14)
    streams = streams_of(np.full(1_500, 6), source)
    steps = streams.steps.reshape(-1, 6)
    has_it = np.array(["cd" in "".join(NAMES[row]) for row in steps])
    frame = mine(streams, source.random(1_500) < np.where(has_it, 0.6, 0.2))
    assert frame["pattern"][0] == "c > d"
    assert frame["verdict"][0] == "marks converters"
    assert frame["risk_ratio_low"][0] < 3 < frame["risk_ratio_high"][0]
    assert frame["adjusted_ratio_low"][0] < 3 < frame["adjusted_ratio_high"][0]
