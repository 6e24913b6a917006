"""Two periods of a funnel by segment: shares, step rates, and the split of what changed between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeys.insights.statistics.split import split_mean, split_product

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class FlowSplit:
    """What changed between two periods, in the last axes below; a leading axis of repeats is allowed.

    Attributes:
        shares: period x step: of all entrants those who reached the step.
        segment_parts: segment x step: what the segment brings to the change of the last step's share, by who came
            (step 1) and by how it went on to each further step.
        step_mix, step_rate: step (from the second): the change of that step's own share, by who stood before it and
            by how they went on.
    """

    shares: Numbers
    segment_parts: Numbers
    step_mix: Numbers
    step_rate: Numbers


def split_flow(reached: Numbers) -> FlowSplit:
    """Split the change between two periods.

    A segment that nobody reached in one period has no rate there: it is given the other period's, so that all of its
    change is a change of who came (or who got so far); where both have none it is 0.

    Args:
        reached: ... x period (2) x segment x step: how many reached each step; step 1 are all entrants.
    """
    totals = reached.sum(axis=-2)
    entrants = totals[..., :1]
    shares = _divide(totals, entrants)
    mix = _divide(reached[..., 0], entrants)
    rates = _fill_unknown(_divide(reached[..., 1:], reached[..., :-1], nothing=np.nan))
    factors = np.concatenate([mix[..., None], rates], axis=-1)
    before, after = factors[..., 0, :, :], factors[..., 1, :, :]
    parts = split_product(before, after)
    # A growing segment adds by how far it is above the average; together the segments' mix is the same.
    middle = (shares[..., 0, -1] + shares[..., 1, -1]) / 2
    parts[..., 0] -= (after[..., 0] - before[..., 0]) * middle[..., None]
    standing = _divide(reached[..., :-1], totals[..., None, :-1])
    by_step = [np.moveaxis(standing[..., period, :, :], -1, -2) for period in (0, 1)]
    rate_by_step = [np.moveaxis(rates[..., period, :, :], -1, -2) for period in (0, 1)]
    step_mix, step_rate = split_mean(by_step[0], rate_by_step[0], by_step[1], rate_by_step[1])
    return FlowSplit(shares, parts, step_mix, step_rate)


def _divide(counts: Numbers, bases: Numbers, nothing: float = 0.0) -> Numbers:
    has_base = bases > 0
    return np.asarray(np.where(has_base, counts / np.where(has_base, bases, 1.0), nothing))


def _fill_unknown(rates: Numbers) -> Numbers:
    other = np.flip(rates, axis=-3)
    return np.asarray(np.nan_to_num(np.where(np.isnan(rates), other, rates), nan=0.0))
