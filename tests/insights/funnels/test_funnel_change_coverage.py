"""The bootstrap's intervals hold the true parts of a change as often as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from journeys.insights.funnels.change import _repeat
from journeys.insights.funnels.cohort import Cohort
from journeys.insights.funnels.flow_table import split_flow

SEGMENTS = ["desk", "phone"]
# period x segment: share of entrants, and the rates of two steps.
MIX = np.array([[0.5, 0.5], [0.65, 0.35]])
RATES = np.array([[[0.5, 0.6], [0.3, 0.5]], [[0.45, 0.6], [0.35, 0.4]]])
ENTRANTS = 300


def test_intervals_cover_the_true_parts() -> None:
    source = np.random.default_rng(17)
    cohort = Cohort(pd.DataFrame(), ((1, "visit"), (2, "cart"), (3, "buy")), None, 0, "UTC")
    reached = np.stack([MIX, MIX * RATES[..., 0], MIX * RATES[..., 0] * RATES[..., 1]], axis=-1)
    stopped = np.concatenate([reached[..., :-1] - reached[..., 1:], reached[..., -1:]], axis=-1)
    truth = split_flow(reached).segment_parts.sum(axis=0)
    worlds, held = 500, np.zeros(3)
    for world in range(worlds):
        counts = np.concatenate([source.multinomial(ENTRANTS, stopped[period].ravel()) for period in (0, 1)])
        cells = np.repeat(np.arange(len(counts)), counts)
        parts, _ = _repeat(cells, np.arange(len(cells)), cohort, SEGMENTS, world)
        low, high = np.quantile(parts, [0.025, 0.975], axis=0)
        held += (low <= truth) & (truth <= high)
    assert ((held / worlds >= 0.93) & (held / worlds <= 0.97)).all(), held / worlds
