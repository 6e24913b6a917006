"""Shares by a time under censoring, worked out by hand and against lifelines."""

from __future__ import annotations

import time
import warnings
from fractions import Fraction
from typing import Any

import lifelines
import numpy as np
import pytest

from journeys.insights.statistics.survival import (
    aalen_johansen_share,
    kaplan_meier_curve,
    kaplan_meier_share,
    kaplan_meier_times,
)


def draw(seed: int, size: int, *, longest: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Durations and kinds (0 left unseen, 1 and 2 two ends); with `longest` whole numbers, so that many are tied."""
    source = np.random.default_rng(seed)
    durations = source.integers(0, longest, size).astype(float) if longest else source.exponential(10, size)
    return durations, source.choice([0, 1, 2], size, p=[0.4, 0.4, 0.2])


def test_the_published_example(survival: dict[str, Any]) -> None:
    curve = kaplan_meier_curve(survival["durations"], survival["converted"])
    steps = survival["expected"]
    assert curve.times.tolist() == [step["t"] for step in steps]
    assert curve.at_risk_counts.tolist() == [step["at_risk"] for step in steps]
    assert curve.shares == pytest.approx([step["cum_conversion"] for step in steps], abs=1e-12)


@pytest.mark.parametrize(("seed", "longest"), [(1, None), (2, 15), (3, 4)])
def test_kaplan_meier_equals_lifelines(seed: int, longest: int | None) -> None:
    durations, kinds = draw(seed, 200, longest=longest)
    fitted = lifelines.KaplanMeierFitter().fit(durations, kinds == 1)
    bounds = fitted.confidence_interval_
    for at in np.quantile(durations, [0.1, 0.5, 0.8]):
        found = kaplan_meier_share(durations, kinds == 1, at)
        row = bounds.loc[:at].iloc[-1]
        assert found.share == pytest.approx(1 - float(fitted.predict(at)), abs=1e-9)
        assert (found.low, found.high) == pytest.approx((1 - row.iloc[1], 1 - row.iloc[0]), abs=1e-9)
        assert found.at_risk_count == (durations >= at).sum()
    quartiles = [lifelines.utils.qth_survival_time(1 - share, fitted) for share in (0.25, 0.5, 0.75)]
    assert [np.inf if np.isnan(one) else one for one in kaplan_meier_times(durations, kinds == 1)] == quartiles


def test_aalen_johansen_equals_lifelines_without_ties() -> None:
    durations, kinds = draw(5, 150)
    for wanted in (1, 2):
        fitted = lifelines.AalenJohansenFitter().fit(durations, kinds, event_of_interest=wanted)
        for at in np.quantile(durations, [0.2, 0.5, 0.9]):
            found = aalen_johansen_share(durations, kinds, at, wanted=wanted)
            assert found.share == pytest.approx(float(fitted.cumulative_density_.loc[:at].iloc[-1, 0]), abs=1e-9)
            row = fitted.confidence_interval_.loc[:at].iloc[-1]
            assert (found.low, found.high) == pytest.approx(sorted(row), abs=1e-9)


def test_tied_competing_ends_are_exact_and_always_the_same() -> None:
    # At 1, of six one converts and one leaves for good. At 2, one is seen no longer. At 3, of three two convert.
    durations, kinds = [1, 1, 2, 3, 3, 4], [1, 2, 0, 1, 1, 0]
    by_hand = Fraction(1, 6) + Fraction(4, 6) * Fraction(2, 3)
    found = {aalen_johansen_share(durations, kinds, 3) for _ in range(3)}
    assert len(found) == 1
    assert next(iter(found)).share == pytest.approx(float(by_hand), abs=1e-15)
    left = aalen_johansen_share(durations, kinds, 3, wanted=2)
    assert left.share == pytest.approx(1 / 6, abs=1e-15)
    # With one kind of end it is Kaplan-Meier, ties or not.
    durations, kinds = draw(7, 300, longest=9)
    one_end = (kinds == 1).astype(int)
    for at in (0, 3, 8):
        first, second = aalen_johansen_share(durations, one_end, at), kaplan_meier_share(durations, one_end, at)
        assert first.share == pytest.approx(second.share, abs=1e-12)


def test_competing_ends_and_those_who_stay_make_up_all() -> None:
    durations, kinds = draw(8, 500, longest=20)
    at = 12
    ended = sum(aalen_johansen_share(durations, kinds, at, wanted=wanted).share for wanted in (1, 2))
    assert ended == pytest.approx(kaplan_meier_share(durations, kinds > 0, at).share, abs=1e-12)
    # One minus Kaplan-Meier of one end takes those who left for good as coming back some day.
    alone = kaplan_meier_share(durations, kinds == 1, at).share
    assert alone > aalen_johansen_share(durations, kinds, at).share


def test_nobody_watched_for_so_long_is_unknown_and_nobody_converted_is_none() -> None:
    assert np.isnan(kaplan_meier_share([1, 2], [True, False], 3).share)
    assert kaplan_meier_share([1, 2], [True, True], 3).share == 1.0, "it has happened to all: nothing is unknown"
    none = kaplan_meier_share([5] * 40, [False] * 40, 5)
    # Wilson's upper end of 0 of 40: z2 / (40 + z2).
    assert (none.share, none.low, none.high) == (0.0, 0.0, pytest.approx(3.841459 / 43.841459, abs=1e-6))
    assert aalen_johansen_share([5] * 40, [0] * 40, 5) == none
    assert np.isnan(kaplan_meier_times([1, 2, 3, 4], [True, False, False, False])[1]), "half never converted"
    assert kaplan_meier_times([1, 2, 3, 4], [True] * 4) == [1, 2, 3]


@pytest.mark.parametrize(("durations", "ends"), [([1, 2], [1]), ([-1], [1]), ([np.nan], [1]), ([[1]], [[1]])], ids=str)
def test_what_is_no_list_of_durations_is_refused(durations: list, ends: list) -> None:
    with pytest.raises(ValueError, match=r"duration"):
        kaplan_meier_share(durations, ends, 1)
    with pytest.raises(ValueError, match=r"duration"):
        aalen_johansen_share(durations, ends, 1)


def test_an_empty_list_is_unknown() -> None:
    assert np.isnan(kaplan_meier_share([], [], 1).share)
    assert np.isnan(aalen_johansen_share([], [], 1).share)
    assert np.isnan(kaplan_meier_times([], [])).all()


def test_rows_in_any_order_give_the_same_bytes() -> None:
    durations, kinds = draw(9, 1000, longest=30)
    order = np.random.default_rng(0).permutation(1000)
    assert aalen_johansen_share(durations, kinds, 20) == aalen_johansen_share(durations[order], kinds[order], 20)
    assert kaplan_meier_share(durations, kinds == 1, 20) == kaplan_meier_share(durations[order], kinds[order] == 1, 20)


def test_a_million_persons_take_seconds() -> None:
    durations, kinds = draw(11, 1_000_000)
    started = time.process_time()
    kaplan_meier_share(durations, kinds == 1, 8.0)
    aalen_johansen_share(durations, kinds, 8.0)
    assert time.process_time() - started < 8


def test_many_equal_rows_are_as_good_as_their_weights() -> None:
    durations, kinds = draw(12, 40, longest=6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = lifelines.KaplanMeierFitter().fit(durations, kinds == 1, weights=np.full(40, 25))
    found = kaplan_meier_share(np.repeat(durations, 25), np.repeat(kinds == 1, 25), 4)
    assert found.share == pytest.approx(1 - float(fitted.predict(4)), abs=1e-9)
