"""Two groups compared within strata: Mantel and Haenszel's difference and ratio, and whether the strata agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
_Z = 1.959963984540054
_LEAST_EXPECTED = 5.0


@dataclass(frozen=True)
class StratifiedDifference:
    """The difference of two shares, crude and within strata; NaN where there is nothing to compare.

    Attributes:
        crude: exposed minus unexposed, all strata thrown together.
        difference: the same within strata (Mantel-Haenszel), with its 95 % interval by Sato (1989).
        low, high: ends of that interval.
        odds_ratio: Mantel-Haenszel.
        p_value: Cochran-Mantel-Haenszel, no effect in any stratum.
        homogeneity_p: Breslow-Day, one odds ratio for all strata; over those with at least 5 expected in each cell.
        standard_exposed, standard_unexposed: shares of both groups if each had the strata of all together.
        stratum_count: strata in which both groups are found.
    """

    crude: float
    difference: float
    low: float
    high: float
    odds_ratio: float
    p_value: float
    homogeneity_p: float
    standard_exposed: float
    standard_unexposed: float
    stratum_count: int

    @property
    def confounding(self) -> str:
        """'reversed' when the strata turn the crude sign, 'changed' when they move it by more than half, else ''."""
        if np.isnan(self.low) or np.isnan(self.crude):
            return ""
        is_certain = self.low > 0 or self.high < 0
        if self.crude * self.difference < 0:
            return "reversed" if is_certain else "changed"
        is_far = abs(self.crude - self.difference) > 0.5 * abs(self.crude)
        return "changed" if is_far or not self.low <= self.crude <= self.high else ""


def compare_strata(
    exposed_counts: ArrayLike, exposed_bases: ArrayLike, other_counts: ArrayLike, other_bases: ArrayLike
) -> StratifiedDifference:
    """Compare the shares of two groups within strata.

    Args:
        exposed_counts: events among the exposed, one number per stratum.
        exposed_bases: the exposed.
        other_counts: events among the unexposed.
        other_bases: the unexposed.
    """
    a, m, b, n = (np.atleast_1d(np.asarray(each, dtype=float)) for each in (exposed_counts, exposed_bases,
                                                                            other_counts, other_bases))  # fmt: skip
    crude = _share(a.sum(), m.sum()) - _share(b.sum(), n.sum())
    both = (m > 0) & (n > 0)
    a, m, b, n = a[both], m[both], b[both], n[both]
    if not (a + b).any():
        none = float("nan")
        return StratifiedDifference(crude, none, none, none, none, none, none, none, none, int(both.sum()))
    total = m + n
    weight = (m * n / total).sum()
    difference = float(((a * n - b * m) / total).sum() / weight)
    p = ((m**2 * b - n**2 * a + m * n * (n - m) / 2) / total**2).sum()
    q = ((a * (n - b) + b * (m - a)) / (2 * total)).sum()
    half = _Z * np.sqrt(max(difference * p + q, 0.0)) / weight
    whole = total.sum()
    odds_ratio, p_value, homogeneity_p = _compare_odds(a, m, b, n)
    return StratifiedDifference(
        crude,
        difference,
        float(difference - half),
        float(difference + half),
        odds_ratio,
        p_value,
        homogeneity_p,
        float((a / m * total).sum() / whole),
        float((b / n * total).sum() / whole),
        int(both.sum()),
    )


def stratified_ratio(
    x1: np.ndarray, n1: np.ndarray, x2: np.ndarray, n2: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the ratio of two shares over strata and the ends of its 95 % interval; NaN where a group has no count.

    Source: Mantel and Haenszel (1959) for the ratio, Greenland and Robins (1985) for the interval.

    Args:
        x1: counts of the first group: one row per comparison, one column per stratum.
        n1: their bases.
        x2: counts of the second group.
        n2: their bases.
    """
    x1, n1, x2, n2 = (np.asarray(each, dtype=float) for each in (x1, n1, x2, n2))
    total = np.where(n1 + n2 > 0, n1 + n2, 1.0)
    first, second = (x1 * n2 / total).sum(axis=1), (x2 * n1 / total).sum(axis=1)
    is_usable = (first > 0) & (second > 0)
    first, second = np.where(is_usable, first, np.nan), np.where(is_usable, second, np.nan)
    spread = (((x1 + x2) * n1 * n2 / total - x1 * x2) / total).sum(axis=1)
    width = _Z * np.sqrt(np.maximum(spread / (first * second), 0))
    ratio = first / second
    return ratio, ratio * np.exp(-width), ratio * np.exp(width)


def stratified_p(x1: np.ndarray, n1: np.ndarray, x2: np.ndarray, n2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the first share is larger within strata (1, -1, or 0), and the two-sided p that they are one.

    NaN where no stratum has both groups, a count and a miss. Source: Cochran (1954), Mantel and Haenszel (1959),
    without correction for continuity.

    Args:
        x1: counts of the first group: one row per comparison, one column per stratum.
        n1: their bases.
        x2: counts of the second group.
        n2: their bases.
    """
    from scipy.stats import norm

    x1, n1, x2, n2 = (np.asarray(each, dtype=float) for each in (x1, n1, x2, n2))
    total = np.where(n1 + n2 > 1, n1 + n2, 2.0)
    won = np.where(n1 + n2 > 1, x1 + x2, 0.0)
    excess = np.where(n1 + n2 > 1, x1 - won * n1 / total, 0.0).sum(axis=1)
    spread = (won * (total - won) * n1 * n2 / (total**2 * (total - 1))).sum(axis=1)
    z = excess / np.sqrt(np.where(spread > 0, spread, np.nan))
    return np.sign(np.where(np.isnan(z), 0.0, z)), np.asarray(2 * norm.sf(np.abs(z)), dtype=float)


def _compare_odds(a: Numbers, m: Numbers, b: Numbers, n: Numbers) -> tuple[float, float, float]:
    """Return the pooled odds ratio, its test, and the test that it is the same everywhere."""
    from statsmodels.stats.contingency_tables import StratifiedTable

    events = a + b
    varies = (events > 0) & (events < m + n)
    if not varies.any():
        return float("nan"), float("nan"), float("nan")
    tables = np.array([[a, m - a], [b, n - b]])
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = StratifiedTable(tables[:, :, varies])
        odds_ratio, p_value = float(pooled.oddsratio_pooled), float(pooled.test_null_odds(correction=False).pvalue)
        share = events / (m + n)
        is_full = np.minimum(m, n) * np.minimum(share, 1 - share) >= _LEAST_EXPECTED
        homogeneity_p = float("nan")
        if is_full.sum() >= 2:
            homogeneity_p = float(StratifiedTable(tables[:, :, is_full]).test_equal_odds().pvalue)
    return odds_ratio, p_value, homogeneity_p


def _share(count: float, base: float) -> float:
    return float(count / base) if base else float("nan")
