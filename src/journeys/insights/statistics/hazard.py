"""A discrete-time hazard: how exposure moves the odds that it happens next, among rows that are alike otherwise.

Rows are put together by their distinct values before anything is fitted, so that the cost follows the number of
different situations and hardly the number of rows. Errors are robust and clustered by person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
_Z = 1.959963984540054
_MOST_STEPS = 60
_CLOSE = 1e-11
_LARGEST_TABLE = 5_000_000
# In log-odds; nothing real is farther, a coefficient that runs away is.
_FARTHEST = 12.0


@dataclass(frozen=True)
class HazardRows:
    """Person-period rows, one entry each.

    Attributes:
        cluster: number of the person, from 0.
        happened: whether it happened in this period.
        covariates: a code per row for each thing that is held alike; codes are levels without order.
    """

    cluster: Codes
    happened: Flags
    covariates: Sequence[Codes]


@dataclass(frozen=True)
class HazardEffect:
    """What exposure goes with, other things alike; NaN where the rows cannot tell.

    Attributes:
        odds_ratio: odds of happening next, exposed against unexposed, with its 95 % interval.
        odds_ratio_low, odds_ratio_high: ends of that interval.
        difference: share of the periods in which it happens if all were exposed minus if none were (g-computation).
        difference_low, difference_high: ends of its 95 % interval, by the delta method.
        p_value: Wald test of no effect.
        is_penalised: the exposed or the unexposed had it always or never, so Firth's penalty made the estimate finite.
        pattern_count: different situations the rows were put together to.
    """

    odds_ratio: float = float("nan")
    odds_ratio_low: float = float("nan")
    odds_ratio_high: float = float("nan")
    difference: float = float("nan")
    difference_low: float = float("nan")
    difference_high: float = float("nan")
    p_value: float = float("nan")
    is_penalised: bool = False
    pattern_count: int = 0


@dataclass(frozen=True)
class _Patterns:
    """Distinct situations: design matrix (constant, exposed, levels), rows and events of each, and each row's place."""

    design: Numbers
    row_counts: Numbers
    event_counts: Numbers
    place: Codes


def estimate_effect(rows: HazardRows, exposed: Flags, kept: Flags | None = None) -> HazardEffect:
    """Fit `logit(happens) = exposed + covariates` and return what exposure does to it.

    Args:
        rows: the person-period rows.
        exposed: whether the person was exposed by then, one entry per row.
        kept: as `find_informative` returns it, when it is known already.

    Returns:
        HazardEffect: rows in a level of a covariate where it happens never (or always) say nothing about exposure and
        count for the difference only; standard errors have statsmodels' small-sample factor.
    """
    kept = find_informative(rows) if kept is None else kept
    if not kept.any() or exposed[kept].all() or not exposed[kept].any():
        return HazardEffect()
    patterns = _group_rows(rows, exposed, kept)
    if patterns is None:
        return HazardEffect(pattern_count=0)
    must_penalise = _is_separated(rows.happened[kept], exposed[kept])
    fitted = None if must_penalise else _maximise(patterns, is_penalised=False)
    is_penalised = fitted is None or bool(abs(fitted[1]) > _FARTHEST)
    if is_penalised:
        fitted = _maximise(patterns, is_penalised=True)
        if fitted is None:
            return HazardEffect(pattern_count=len(patterns.design))
    assert fitted is not None
    spread = _spread(patterns, fitted, None if is_penalised else rows.cluster[kept], rows.happened[kept])
    if not spread[1, 1] > 0:
        return HazardEffect(pattern_count=len(patterns.design))
    return _describe(patterns, fitted, spread, len(rows.happened), is_penalised=is_penalised)


def find_informative(rows: HazardRows) -> Flags:
    """Say which rows lie in levels where it happens sometimes, and sometimes not, for every covariate."""
    kept = np.ones(len(rows.happened), dtype=np.bool_)
    while True:
        before = int(kept.sum())
        for codes in rows.covariates:
            size = int(codes.max(initial=-1)) + 1
            count = np.bincount(codes[kept], minlength=size)
            events = np.bincount(codes[kept], weights=rows.happened[kept], minlength=size)
            kept &= ((events > 0) & (events < count))[codes]
        if int(kept.sum()) == before:
            return kept


def renumber(codes: Codes) -> tuple[Codes, Codes]:
    """Return the codes that occur, rising, and each entry's place among them; without sorting where codes are small."""
    largest = int(codes.max(initial=-1)) + 1
    if largest > _LARGEST_TABLE:
        present, place = np.unique(codes, return_inverse=True)
        return present, place.astype(np.int64)
    occurs = np.bincount(codes, minlength=largest) > 0
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[codes]


def _is_separated(happened: Flags, exposed: Flags) -> bool:
    return any(not group.any() or bool(group.all()) for group in (happened[exposed], happened[~exposed]))


def _group_rows(rows: HazardRows, exposed: Flags, kept: Flags) -> _Patterns | None:
    """Group equal rows, and write the design of the groups; None when exposure is told by the covariates."""
    columns, sizes = [exposed[kept].astype(np.int64)], [2]
    for codes in rows.covariates:
        present, level = renumber(codes[kept])
        columns.append(level)
        sizes.append(len(present))
    situations, place = renumber(np.ravel_multi_index(tuple(columns), tuple(sizes)))
    exposure, *levels = np.unravel_index(situations, tuple(sizes))
    size = len(situations)
    dummies = [np.equal.outer(level, np.arange(1, level.max() + 1)).astype(float) for level in levels]
    candidates = np.column_stack([np.ones(size), *dummies, exposure.astype(float)])
    counts = np.bincount(place, minlength=size).astype(float)
    chosen = _independent(candidates, counts)
    if chosen[-1] != candidates.shape[1] - 1:
        return None
    order = [chosen[0], chosen[-1], *chosen[1:-1]]
    events = np.bincount(place, weights=rows.happened[kept], minlength=size).astype(float)
    return _Patterns(candidates[:, order], counts, events, place)


def _independent(candidates: Numbers, counts: Numbers) -> list[int]:
    """Return the columns that are no sum of those before them, in order (Gram-Schmidt on weighted columns)."""
    weighted = candidates * np.sqrt(counts)[:, None]
    basis = np.empty(weighted.shape)
    chosen: list[int] = []
    for place in range(candidates.shape[1]):
        column, found = weighted[:, place], basis[:, : len(chosen)]
        rest = column - found @ (found.T @ column)
        rest -= found @ (found.T @ rest)  # a second time, for what rounding left
        length = np.linalg.norm(rest)
        if length > 1e-7 * max(1.0, float(np.linalg.norm(column))):
            basis[:, len(chosen)] = rest / length
            chosen.append(place)
    return chosen


def _maximise(patterns: _Patterns, *, is_penalised: bool) -> Numbers | None:
    """Return the coefficients by Newton steps; None when they run away."""
    x, n, events = patterns.design, patterns.row_counts, patterns.event_counts
    guess = np.zeros(x.shape[1])
    share = min(max(events.sum() / n.sum(), 1e-9), 1 - 1e-9)
    guess[0] = np.log(share / (1 - share))
    for _ in range(_MOST_STEPS):
        fitted = _logistic(x @ guess)
        weight = n * fitted * (1 - fitted)
        information = x.T @ (weight[:, None] * x)
        score = events - n * fitted
        try:
            if is_penalised:
                inverse = np.linalg.inv(information)
                score = score + weight * np.einsum("ij,jk,ik->i", x, inverse, x) * (0.5 - fitted)
            step = np.linalg.solve(information, x.T @ score)
        except np.linalg.LinAlgError:
            return None
        longest = float(np.abs(step).max())
        guess = guess + step * min(1.0, 2.0 / longest if longest else 1.0)
        if longest < _CLOSE:
            return guess
        if np.abs(guess).max() > 40:
            return None
    return guess if longest < 1e-6 else None


def _spread(patterns: _Patterns, fitted: Numbers, cluster: Codes | None, happened: Flags) -> Numbers:
    """Return the covariance of the coefficients: clustered and robust, or the model's own where there is no cluster."""
    from scipy.sparse import csr_matrix

    x, n = patterns.design, patterns.row_counts
    chance = _logistic(x @ fitted)
    inverse = np.linalg.pinv(x.T @ ((n * chance * (1 - chance))[:, None] * x))
    if cluster is None:
        return np.asarray(inverse, dtype=np.float64)
    present, person = renumber(cluster)
    count = len(present)
    residual = happened - chance[patterns.place]
    scores = csr_matrix((residual, (person, patterns.place)), shape=(count, len(n))) @ x
    rows, columns = len(happened), x.shape[1]
    factor = count / max(count - 1, 1) * (rows - 1) / max(rows - columns, 1)
    return np.asarray(factor * inverse @ (scores.T @ scores) @ inverse)


def _describe(
    patterns: _Patterns, fitted: Numbers, spread: Numbers, all_rows: int, *, is_penalised: bool
) -> HazardEffect:
    from scipy.stats import norm

    log_odds, error = float(fitted[1]), float(np.sqrt(spread[1, 1]))
    share = patterns.row_counts / all_rows
    chance_if, slope_if = _standardise(patterns, fitted, share, 1.0)
    chance_else, slope_else = _standardise(patterns, fitted, share, 0.0)
    difference, slope = chance_if - chance_else, slope_if - slope_else
    half = _Z * float(np.sqrt(max(float(slope @ spread @ slope), 0.0)))
    return HazardEffect(
        odds_ratio=float(np.exp(log_odds)),
        odds_ratio_low=float(np.exp(log_odds - _Z * error)),
        odds_ratio_high=float(np.exp(log_odds + _Z * error)),
        difference=difference,
        difference_low=difference - half,
        difference_high=difference + half,
        p_value=float(2 * norm.sf(abs(log_odds) / error)),
        is_penalised=is_penalised,
        pattern_count=len(patterns.design),
    )


def _standardise(patterns: _Patterns, fitted: Numbers, share: Numbers, exposed: float) -> tuple[float, Numbers]:
    """Return the chance if all rows were exposed (1) or none (0), and its slope in each coefficient."""
    design = patterns.design.copy()
    design[:, 1] = exposed
    chance = _logistic(design @ fitted)
    return float(share @ chance), np.asarray((share * chance * (1 - chance)) @ design)


def _logistic(values: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-values)))
