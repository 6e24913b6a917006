"""Shares by a time, when some were not watched so long: Kaplan-Meier, and Aalen-Johansen where ends compete.

Both are exact with ties: persons of one duration are one step of the curve, events before those who left unseen. They
are written out here because lifelines moves tied times by random amounts; without ties the results are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
_Z = 1.959963984540054


@dataclass(frozen=True)
class SurvivalShare:
    """The share of those who entered to whom it has happened by a time.

    Attributes:
        share: between 0 and 1; NaN when nobody was watched for so long.
        low, high: ends of the 95 % interval.
        at_risk_count: those watched for so long or longer to whom nothing had happened before.
    """

    share: float
    low: float
    high: float
    at_risk_count: int


@dataclass(frozen=True)
class ShareCurve:
    """A share that grows with time, one entry per time at which it happened to somebody.

    Attributes:
        times: in the unit of the durations, rising.
        shares, lows, highs: share by then and the ends of its 95 % interval.
        at_risk_counts: those still watched just before.
    """

    times: Numbers
    shares: Numbers
    lows: Numbers
    highs: Numbers
    at_risk_counts: Numbers


@dataclass(frozen=True)
class _RiskTable:
    """Per distinct duration: how many were still watched just before, had the event, or had any end."""

    times: Numbers
    at_risk: Numbers
    wanted: Numbers
    ended: Numbers


def kaplan_meier_curve(durations: ArrayLike, is_event: ArrayLike) -> ShareCurve:
    """Return the Kaplan-Meier share to whom the event has happened, with log-log Greenwood intervals.

    Args:
        durations: time from entry to the event, or to the end of observation; any unit, at least 0.
        is_event: whether it ended with the event.

    Raises:
        ValueError: the arrays differ in length, or a duration is negative or missing.
    """
    table = _count_at_risk(durations, np.asarray(is_event, dtype=bool).astype(np.int64))
    staying, spread = _survive(table)
    low, high = _log_log_interval(staying, np.sqrt(spread), staying)
    steps = table.wanted > 0
    columns = (table.times, 1 - staying, 1 - high, 1 - low, table.at_risk)
    return ShareCurve(*(column[steps] for column in columns))


def kaplan_meier_share(durations: ArrayLike, is_event: ArrayLike, at: float) -> SurvivalShare:
    """Return the Kaplan-Meier share to whom the event has happened by `at`, `at` included.

    Args:
        durations: time from entry to the event, or to the end of observation; any unit, at least 0.
        is_event: whether it ended with the event.
        at: the time asked about, in the same unit.

    Raises:
        ValueError: the arrays differ in length, or a duration is negative or missing.
    """
    times = np.asarray(durations, dtype=float)
    curve = kaplan_meier_curve(times, is_event)
    at_risk = int((times >= at).sum())
    place = int(np.searchsorted(curve.times, at, side="right")) - 1
    is_over = place >= 0 and curve.shares[place] == 1.0
    if not at_risk and not is_over:
        return SurvivalShare(np.nan, np.nan, np.nan, 0)
    if place < 0:
        return _nobody(at_risk)
    return SurvivalShare(float(curve.shares[place]), float(curve.lows[place]), float(curve.highs[place]), at_risk)


def kaplan_meier_times(
    durations: ArrayLike, is_event: ArrayLike, shares: Sequence[float] = (0.25, 0.5, 0.75)
) -> list[float]:
    """Return by when the event has happened to these shares of all who entered; NaN where it has not (yet).

    Args:
        durations: time from entry to the event, or to the end of observation; any unit, at least 0.
        is_event: whether it ended with the event.
        shares: between 0 and 1; the quartiles.

    Raises:
        ValueError: the arrays differ in length, or a duration is negative or missing.
    """
    curve = kaplan_meier_curve(durations, is_event)
    found = []
    for share in shares:
        # A share that is reached exactly counts, whatever the last digit of a product of fractions says.
        place = int(np.searchsorted(curve.shares, share - 1e-12, side="left"))
        found.append(float(curve.times[place]) if place < len(curve.times) else float("nan"))
    return found


def kaplan_meier_median(ended: np.ndarray, watched: np.ndarray) -> float:
    """Return the first time by which half have ended, by Kaplan and Meier (1958); NaN when fewer than half ever do.

    For many medians over the same watched times, which are sorted once: `kaplan_meier_times` sorts them each time.
    Equal times: who ends is counted before who leaves unfinished, as in lifelines.

    Args:
        ended: times at which something ended, sorted.
        watched: how long each one was watched, those that ended included, sorted.
    """
    if not len(ended):
        return float("nan")
    times, counts = np.unique(ended, return_counts=True)
    at_risk = len(watched) - np.searchsorted(watched, times, side="left")
    # A product of fractions that is exactly a half may come out a hair above it.
    is_half = np.cumprod(1 - counts / at_risk) <= 0.5 + 1e-12
    return float(times[np.argmax(is_half)]) if is_half.any() else float("nan")


def aalen_johansen_share(durations: ArrayLike, kind: ArrayLike, at: float, *, wanted: int = 1) -> SurvivalShare:
    """Return the share that ended in one way by `at` (included), when other ends compete with it.

    Args:
        durations: time from entry to the end, or to the end of observation; any unit, at least 0.
        kind: 0 where observation stopped first, else a number per way to end.
        at: the time asked about, in the same unit.
        wanted: the way to end that is asked about.

    Returns:
        SurvivalShare: the cumulative incidence; the interval is on the log-log scale, with the variance of the delta
        method (Marubini and Valsecchi 1995), as lifelines has it.

    Raises:
        ValueError: the arrays differ in length, or a duration is negative or missing.
    """
    times = np.asarray(durations, dtype=float)
    table = _count_at_risk(times, np.asarray(kind, dtype=np.int64), wanted)
    at_risk = int((times >= at).sum())
    staying, _ = _survive(table, table.ended)
    before = np.concatenate([[1.0], staying[:-1]])
    incidence = np.cumsum(before * table.wanted / table.at_risk)
    place = int(np.searchsorted(table.times, at, side="right"))
    if not at_risk and not (place and staying[place - 1] == 0.0):
        return SurvivalShare(np.nan, np.nan, np.nan, 0)
    share = float(incidence[place - 1]) if place else 0.0
    if share == 0.0:
        return _nobody(at_risk)
    part = slice(0, place)
    rest, n, wanted_count, ended = share - incidence[part], table.at_risk[part], table.wanted[part], table.ended[part]
    left = n - ended
    first = np.where(left > 0, rest**2 * ended / (n * np.where(left > 0, left, 1.0)), 0.0)
    second = before[part] ** 2 * wanted_count * (n - wanted_count) / n**3
    third = rest * before[part] * wanted_count / n**2
    variance = np.array([np.sum(first) + np.sum(second) - 2 * np.sum(third)])
    ends = _log_log_interval(np.array([share]), np.sqrt(variance) / share, np.array([share]))
    return SurvivalShare(share, float(ends[0][0]), float(ends[1][0]), at_risk)


def _nobody(at_risk: int) -> SurvivalShare:
    """Say that it has happened to none: the interval is Wilson's of 0 of those who were watched to the end."""
    return SurvivalShare(0.0, 0.0, _Z**2 / (at_risk + _Z**2), at_risk)


def _count_at_risk(durations: ArrayLike, kind: NDArray[np.int64], wanted: int = 1) -> _RiskTable:
    times = np.asarray(durations, dtype=float)
    if times.ndim != 1 or times.shape != kind.shape:
        raise ValueError(f"{times.shape} durations and {kind.shape} ends: they must be two lists of one length")
    if not (times >= 0).all():
        raise ValueError("a duration is negative or missing")
    distinct, place = np.unique(times, return_inverse=True)
    size = len(distinct)
    leaving = np.bincount(place, minlength=size).astype(float)
    return _RiskTable(
        distinct,
        np.cumsum(leaving[::-1])[::-1],
        np.bincount(place, weights=kind == wanted, minlength=size).astype(float),
        np.bincount(place, weights=kind != 0, minlength=size).astype(float),
    )


def _survive(table: _RiskTable, events: Numbers | None = None) -> tuple[Numbers, Numbers]:
    """Return who is left after each time, and Greenwood's sum of d / (n (n - d))."""
    d, n = table.wanted if events is None else events, table.at_risk
    left = n - d
    spread = np.cumsum(np.where(left > 0, d / (n * np.where(left > 0, left, 1.0)), 0.0))
    return np.asarray(np.cumprod(left / n), dtype=np.float64), np.asarray(spread, dtype=np.float64)


def _log_log_interval(values: Numbers, errors_of_log: Numbers, within: Numbers) -> tuple[Numbers, Numbers]:
    """Return the ends of the interval of a share on the log(-log) scale; a share of 0 or 1 has none."""
    inside = (within > 0) & (within < 1)
    safe = np.where(inside, values, 0.5)
    width = _Z * errors_of_log / np.abs(np.log(safe))
    low = np.exp(np.log(safe) * np.exp(width))
    high = np.exp(np.log(safe) * np.exp(-width))
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)
