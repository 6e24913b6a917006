"""What stands beside the links of the stages: how many journeys they show, and which touchpoint follows which."""

from __future__ import annotations

import itertools

import pandas as pd

COVERAGE = (4000, 1000, 400, 0.25, 0.2368, 0.2637)
COVERED = ("entrant_count", "named_count", "more_count", "named_share", "named_share_low", "named_share_high")
PAIRED = ("from_step", "to_step", "transition_count", "person_count", "share", "median_seconds")


def transition_frame(names: tuple[str, ...]) -> pd.DataFrame:
    """Pairs that go forward, back and round."""
    rows = [(a, b, 300 - 7 * n, 40, 0.5, 600.0) for n, (a, b) in enumerate(itertools.pairwise(names))]
    rows += [(names[n], names[n - n % 5 - 1], 40 - n, 9, 0.1, 60.0) for n in range(6, 24, 3)]
    return pd.DataFrame([*rows, (names[5], names[5], 60, 30, 0.2, 9.0)], columns=PAIRED)
