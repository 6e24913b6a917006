"""A difference split into its factors: against all orders of changing them, one after the other."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from journeys.insights.statistics.split import split_mean, split_product


def over_all_orders(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    found = np.zeros(len(before))
    orders = list(permutations(range(len(before))))
    for order in orders:
        now = before.copy()
        for factor in order:
            was = now.prod()
            now[factor] = after[factor]
            found[factor] += (now.prod() - was) / len(orders)
    return found


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_parts_are_the_means_over_all_orders(count: int) -> None:
    before, after = np.random.default_rng(count).random((2, count))
    assert split_product(before, after) == pytest.approx(over_all_orders(before, after), abs=1e-14)


def test_parts_sum_to_the_difference_for_many_products_at_once() -> None:
    before, after = np.random.default_rng(9).random((2, 50, 7, 32))
    before[0, 0, :4] = 0
    parts = split_product(before, after)
    assert parts.sum(axis=-1) == pytest.approx(after.prod(axis=-1) - before.prod(axis=-1), abs=1e-14)


def test_what_does_not_change_brings_nothing() -> None:
    assert split_product([0.5, 0.3, 0.2], [0.5, 0.6, 0.2]).tolist() == pytest.approx([0, 0.5 * 0.3 * 0.2, 0])


def test_a_mean_is_split_by_the_midpoint() -> None:
    # Half and half at 10 and 20 % becomes 1/4 and 3/4 at 10 and 30 %: 15 to 25 %.
    weights, values = split_mean([0.5, 0.5], [0.1, 0.2], [0.25, 0.75], [0.1, 0.3])
    assert float(weights) == pytest.approx(-0.25 * 0.1 + 0.25 * 0.25)
    assert float(values) == pytest.approx(0.1 * 0.625)
    assert float(weights + values) == pytest.approx(0.1)
