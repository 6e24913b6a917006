"""A difference split exactly into its factors, without an order in which they are changed."""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def split_product(before: ArrayLike, after: ArrayLike) -> Numbers:
    """Split the difference of two products into what each factor's change brings.

    The factors are changed one after the other in every order, and each factor's share is the mean over the orders
    (Shapley 1953; for two factors the midpoint formula), worked out from sums of products and not order by order.

    Args:
        before: factors along the last axis.
        after: the same factors later, in the same shape.

    Returns:
        In the same shape; along the last axis they sum to product(after) - product(before).

    >>> split_product([2.0, 3.0], [4.0, 5.0]).tolist()
    [8.0, 6.0]
    """
    a, b = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    count = a.shape[-1]
    found = np.empty_like(a)
    for place in range(count):
        others = [other for other in range(count) if other != place]
        # sums[s]: over all sets of s other factors, those changed and the rest not, the product.
        sums = np.zeros((count, *a.shape[:-1]))
        sums[0] = 1.0
        for used, other in enumerate(others, start=1):
            for size in range(used, 0, -1):
                sums[size] = sums[size] * a[..., other] + sums[size - 1] * b[..., other]
            sums[0] = sums[0] * a[..., other]
        weights = [factorial(size) * factorial(count - 1 - size) / factorial(count) for size in range(count)]
        found[..., place] = (b[..., place] - a[..., place]) * np.tensordot(weights, sums, axes=1)
    return found


def split_mean(
    weights_before: ArrayLike, values_before: ArrayLike, weights_after: ArrayLike, values_after: ArrayLike
) -> tuple[Numbers, Numbers]:
    """Split the difference of two weighted means into changed weights and changed values, by the midpoint formula.

    Args:
        weights_before: weights along the last axis, summing to 1.
        values_before: values in the same shape.
        weights_after: the weights later.
        values_after: the values later.

    Returns:
        What the weights bring and what the values bring; together the difference.
    """
    w0, v0, w1, v1 = (np.asarray(each, dtype=float) for each in (weights_before, values_before, weights_after,
                                                                 values_after))  # fmt: skip
    by_weights = ((w1 - w0) * (v0 + v1) / 2).sum(axis=-1)
    return np.asarray(by_weights), np.asarray(((v1 - v0) * (w0 + w1) / 2).sum(axis=-1))
