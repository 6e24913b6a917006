"""Complexity: how many ways people take, how evenly, and how open the next step is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from journeys.insights.answer import Answer
from journeys.insights.paths.rule import PathRule
from journeys.insights.paths.variants import cover, fold_paths
from journeys.insights.statistics.intervals import share_of, wilson_interval
from journeys.paths.log import EventLog
from journeys.warehouse import select_model

_COLUMNS = ["measure", "value", "unit", "count", "base_count", "low", "high"]


def measure_complexity(log: EventLog, rule: PathRule) -> Answer:
    """Measure how various the paths are.

    Args:
        log: the log.
        rule: which paths.

    Returns:
        Answer with `measure`, `value`, `unit` and, for shares, `count`, `base_count` and the 95 % Wilson interval
        `low` to `high`. Measures: `entrants`; `variants`; `variants for 80 %`; `commonest variant` and `taken once`
        (shares of the entrants); `variant entropy` (bits, H = -sum p log2 p over variants); `normalised entropy`
        (H / log2 of the number of variants: 0 all alike, 1 all equally common); `effective variants` (2^H);
        `transition entropy` (bits per move: -sum of n_a / n sum P(b|a) log2 P(b|a), over the moves within paths). The
        tables `coverage` as of `count_variants`, `variants` (`variant_index`, `count`, `cumulative_share`).

    Raises:
        CallError: a named step never occurs or the unit is unknown.
    """
    with rule.lay(log) as (scratch, as_of_us):
        fold_paths(scratch)
        counts = scratch.frame("SELECT variant_index, count, cumulative_share FROM variant_counts ORDER BY 1")
        moves = scratch.frame(*select_model("path_moves"))
    words = (
        rule.words() + "A variant is one distinct path. variant entropy H is over the shares of the variants, in bits; "
        "normalised entropy is H / log2(variants); effective variants are as many equally common ones as have the same "
        "entropy. transition entropy is the mean over all moves of the entropy of the next step given the present one. "
        "Entropies are of the paths seen; few paths show less than there is. " + rule.unit_words()
    )
    parameters = {name: value for name, value in rule.parameters().items() if name != "inactive_days"}
    definition = log.describe(words.strip(), as_of_us, parameters)
    return Answer(_measure(counts, moves), definition, {"coverage": cover(counts), "variants": counts})


def entropy_bits(counts: np.ndarray) -> float:
    """Return the entropy of shares in proportion to these counts, in bits; 0 when there is at most one."""
    shares = counts[counts > 0] / counts.sum() if len(counts) else counts
    return float(-(shares * np.log2(shares)).sum()) + 0.0  # no minus before a zero


def transition_entropy_bits(moves: pd.DataFrame) -> float:
    """Return the entropy of the next step given the present one, as the mean over all moves, in bits.

    Args:
        moves: `from_step`, `to_step`, `move_count`.
    """
    leaving = moves.groupby("from_step")["move_count"].transform("sum")
    weights = moves["move_count"] / moves["move_count"].sum()
    return float(-(weights * np.log2(moves["move_count"] / leaving)).sum()) + 0.0


def _measure(counts: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    numbers = counts["count"].to_numpy(float)
    entrants, variants = int(numbers.sum()), len(numbers)
    entropy = entropy_bits(numbers)
    covered = cover(counts)
    eighty = covered.loc[covered["covered_share"] == 0.8, "variant_count"]
    shares = {"commonest variant": numbers.max(initial=0), "taken once": (numbers == 1).sum()}
    rows = pd.DataFrame(
        [
            ("entrants", entrants, "count"),
            ("variants", variants, "count"),
            ("variants for 80 %", eighty.sum(), "count"),
            *((name, None, "share") for name in shares),
            ("variant entropy", entropy, "bits"),
            ("normalised entropy", entropy / np.log2(variants) if variants > 1 else 0.0, "ratio"),
            ("effective variants", 2**entropy if variants else 0.0, "ratio"),
            ("transition entropy", transition_entropy_bits(moves), "bits"),
        ],
        columns=["measure", "value", "unit"],
    )
    rows["count"] = rows["measure"].map(shares).astype("Int64")
    rows["base_count"] = pd.Series(entrants, index=rows.index, dtype="Int64").where(rows["count"].notna())
    is_share = rows["unit"] == "share"
    found, base = rows.loc[is_share, "count"], rows.loc[is_share, "base_count"]
    rows.loc[is_share, "value"] = share_of(found, base)
    low, high = wilson_interval(found, base)
    rows.loc[is_share, "low"], rows.loc[is_share, "high"] = low, high
    return rows.astype({"value": float})[_COLUMNS]
