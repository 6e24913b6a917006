"""What changed between two periods: who came, and how each step converted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.funnels.cohort import Cohort, read_cohort
from journeys.insights.funnels.flow_table import FlowSplit, Numbers, split_flow
from journeys.insights.funnels.periods import EntryPeriod
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.words import rule_words
from journeys.insights.statistics.comparisons import newcombe_interval
from journeys.insights.statistics.intervals import too_few
from journeys.paths.log import EventLog
from journeys.paths.steps import Step

WHO_CAME = "(who came)"
REPEATS = 1000
_AT_ONCE = 100
_ALL = "(all)"
# Of more segments the commonest are told apart, the rest together.
MOST_SEGMENTS = 50
_OTHER = "(other)"


def split_change(
    log: EventLog,
    steps: Sequence[Step],
    rule: FunnelRule,
    periods: tuple[EntryPeriod, EntryPeriod],
    *,
    seed: int = 1,
    as_of: object = None,
) -> Answer:
    """Split the change of a funnel's share between two periods into who came and how each step converted.

    Args:
        log: the log.
        steps: at least two that are required.
        rule: how to count; `rule.by` names the segments (without it nobody can be told apart, and who came brings 0).
        periods: before and after; mature entrants whose first entry lies inside.
        seed: of the bootstrap.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with a row per factor: step 1 is who came, each further one how its step converted. `contribution` is
        what it brings to the change of the share that completes, with its bootstrap interval; they sum to it exactly.
        `before_share` and `after_share` are the step's own (against the step before), `step_difference` their
        difference, split exactly into `step_mix_difference` (who stood before the step) and `step_rate_difference`
        (how they went on). Table `total`: counts, shares and `difference` with Newcombe's and the bootstrap's
        interval. Table `segments`: per segment its counts and what it brings to each factor.

    Raises:
        CallError: nobody mature entered in one of the periods, there are too few steps, a step or column never occurs,
            or a setting does not go with the steps.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise CallError("seed", "seed= is no seed", found=repr(seed), allowed="a whole number from 0")
    with log.engine.scratch() as scratch:
        cohort = read_cohort(log, scratch, steps, rule, as_of=as_of)
    if len(cohort.steps) < 2:
        raise CallError("funnel-steps", "a change is split over at least two required steps", found="one")
    cells, owners, segments = _read_cells(cohort, periods, has_segments=rule.by is not None)
    reached = _count_reached(np.bincount(cells, minlength=_size(cohort, segments)).astype(float), cohort, segments)
    _check_bases(reached, periods)
    split = split_flow(reached)
    draws = _repeat(cells, owners, cohort, segments, seed)
    words = _words(rule, steps, periods)
    parameters = rule.parameters(steps) | {
        "before": periods[0].name, "after": periods[1].name, "seed": seed, "repeat_count": REPEATS}  # fmt: skip
    tables = {
        "total": _total_table(reached, split, draws),
        "segments": _segment_table(reached, split, segments, cohort),
    }
    return Answer(_factor_table(cohort, split, draws), log.describe(words, cohort.as_of_us, parameters), tables)


def _read_cells(
    cohort: Cohort, periods: tuple[EntryPeriod, EntryPeriod], *, has_segments: bool
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Number where each mature entrant of the periods stands (period, segment, steps reached), and who it is."""
    is_in = [period.holds(cohort) & cohort.frame["is_mature"] for period in periods]
    frame = cohort.frame[is_in[0] | is_in[1]]
    values = frame["by_value"].astype(str) if has_segments else pd.Series(_ALL, frame.index, dtype=object)
    sizes = values.value_counts().rename_axis("name").reset_index(name="size")
    kept = sizes.sort_values(["size", "name"], ascending=[False, True])["name"].head(MOST_SEGMENTS)
    values = values.where(values.isin(kept), _OTHER)
    segments = sorted(set(values))
    places = {name: place for place, name in enumerate(segments)}
    segment = values.map(places).to_numpy(np.int64)
    period = is_in[1][frame.index].to_numpy(np.int64)
    step_indexes = np.array([index for index, _ in cohort.steps])
    depth = np.searchsorted(step_indexes, frame["furthest_step"].to_numpy(), side="right") - 1
    cells = (period * len(segments) + segment) * len(cohort.steps) + depth
    owners = np.unique(frame["owner_id"].to_numpy(), return_inverse=True)[1]
    return cells, owners, segments


def _size(cohort: Cohort, segments: list[str]) -> int:
    return 2 * len(segments) * len(cohort.steps)


def _count_reached(cell_counts: Numbers, cohort: Cohort, segments: list[str]) -> Numbers:
    """Turn counts per furthest step into counts per step reached: ... x period x segment x step."""
    stopped = cell_counts.reshape(*cell_counts.shape[:-1], 2, len(segments), len(cohort.steps)).astype(float)
    return np.asarray(np.flip(np.cumsum(np.flip(stopped, axis=-1), axis=-1), axis=-1))


def _check_bases(reached: Numbers, periods: tuple[EntryPeriod, EntryPeriod]) -> None:
    for period, entrants in zip(periods, reached[:, :, 0].sum(axis=1), strict=True):
        if not entrants:
            raise CallError("period", "nobody whose window is over entered in the period", found=period.name,
                            do="choose a period that ended at least one window before as_of")  # fmt: skip


def _repeat(
    cells: np.ndarray, owners: np.ndarray, cohort: Cohort, segments: list[str], seed: int
) -> tuple[Numbers, Numbers]:
    """Draw the persons anew many times; return the factors' parts and the difference of each time.

    Persons whose entrants stand in the same cells are the same: what is drawn is how many there are of each such kind.
    """
    pairs = np.unique(np.column_stack([owners, cells]), axis=0, return_counts=True)
    kind_counts, kind_cells = _group_owners(*pairs, size=_size(cohort, segments))
    owner_count = int(kind_counts.sum())
    source = np.random.default_rng(seed)
    parts, differences = [], []
    for _ in range(REPEATS // _AT_ONCE):
        drawn = source.multinomial(owner_count, kind_counts / owner_count, size=_AT_ONCE).astype(float)
        reached = _count_reached(np.asarray(drawn @ kind_cells), cohort, segments)
        split = split_flow(reached)
        is_known = (reached[..., 0].sum(axis=-1) > 0).all(axis=-1)
        parts.append(split.segment_parts.sum(axis=-2)[is_known])
        differences.append((split.shares[:, 1, -1] - split.shares[:, 0, -1])[is_known])
    return np.concatenate(parts), np.concatenate(differences)


def _group_owners(pairs: np.ndarray, counts: np.ndarray, *, size: int) -> tuple[Numbers, Any]:
    """Return how many owners there are of each kind, and the cells of each kind as a sparse matrix."""
    from scipy.sparse import csr_array

    cell_counts = np.bincount(pairs[:, 0])
    is_single = (cell_counts[pairs[:, 0]] == 1) & (counts == 1)
    singles = np.bincount(pairs[is_single, 1], minlength=size).astype(float)
    rest, rest_counts = pairs[~is_single], counts[~is_single]
    marks = pd.Series(rest[:, 1].astype(str), dtype=object) + ":" + pd.Series(rest_counts.astype(str), dtype=object)
    kinds = marks.groupby(rest[:, 0]).agg(" ".join).value_counts().sort_index()
    entries = [(row, *map(int, mark.split(":"))) for row, kind in enumerate(kinds.index) for mark in kind.split()]
    rows, columns, values = (np.array(each, dtype=np.int64) for each in zip(*entries, strict=True)) if entries else (
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))  # fmt: skip
    places = np.arange(size)
    cells = csr_array(
        (np.concatenate([np.ones(size), values]),
         (np.concatenate([places, rows + size]), np.concatenate([places, columns]))),
        shape=(size + len(kinds), size),
    )  # fmt: skip
    return np.concatenate([singles, kinds.to_numpy(float)]), cells


def _ends(draws: Numbers) -> Numbers:
    return np.asarray(np.quantile(draws, [0.025, 0.975], axis=0))


def _factor_table(cohort: Cohort, split: FlowSplit, draws: tuple[Numbers, Numbers]) -> pd.DataFrame:
    low, high = _ends(draws[0])
    steps = split.shares[:, 1:] / np.where(split.shares[:, :-1] > 0, split.shares[:, :-1], np.nan)
    is_known = ~np.isnan(steps).any(axis=0)
    none = np.array([np.nan])
    return pd.DataFrame({
        "step_index": [index for index, _ in cohort.steps],
        "step_name": [WHO_CAME, *(name for _, name in cohort.steps[1:])],
        "before_share": np.concatenate([none, steps[0]]),
        "after_share": np.concatenate([none, steps[1]]),
        "step_difference": np.concatenate([none, steps[1] - steps[0]]),
        "step_mix_difference": np.concatenate([none, np.where(is_known, split.step_mix, np.nan)]),
        "step_rate_difference": np.concatenate([none, np.where(is_known, split.step_rate, np.nan)]),
        "contribution": split.segment_parts.sum(axis=0),
        "contribution_low": low,
        "contribution_high": high,
    })  # fmt: skip


def _total_table(reached: Numbers, split: FlowSplit, draws: tuple[Numbers, Numbers]) -> pd.DataFrame:
    bases, counts = reached[:, :, 0].sum(axis=1), reached[:, :, -1].sum(axis=1)
    low, high = newcombe_interval(counts[1], bases[1], counts[0], bases[0])
    drawn = _ends(draws[1])
    return pd.DataFrame([{
        "before_count": int(bases[0]), "before_converted_count": int(counts[0]), "before_share": split.shares[0, -1],
        "after_count": int(bases[1]), "after_converted_count": int(counts[1]), "after_share": split.shares[1, -1],
        "difference": split.shares[1, -1] - split.shares[0, -1], "difference_low": float(low),
        "difference_high": float(high), "bootstrap_low": drawn[0], "bootstrap_high": drawn[1],
        "is_too_few": bool(too_few(bases).any()),
    }])  # fmt: skip


def _segment_table(reached: Numbers, split: FlowSplit, segments: list[str], cohort: Cohort) -> pd.DataFrame:
    columns: dict[str, object] = {"segment": segments}
    for place, period in enumerate(("before", "after")):
        columns[f"{period}_count"] = reached[place, :, 0].astype(np.int64)
        columns[f"{period}_converted_count"] = reached[place, :, -1].astype(np.int64)
    parts = split.segment_parts
    columns["mix_contribution"] = parts[:, 0]
    for place, (index, _) in enumerate(cohort.steps[1:], start=1):
        columns[f"step_{index}_contribution"] = parts[:, place]
    return pd.DataFrame(columns)


def _words(rule: FunnelRule, steps: Sequence[Step], periods: tuple[EntryPeriod, EntryPeriod]) -> str:
    segments = f"{rule.by!r} of the counted chain" if rule.by else "none given, so that who came brings 0"
    return (
        f"{rule_words(rule, steps)} Mature entrants whose first entry lies in {periods[0].name} against those in "
        f"{periods[1].name} (ends not included). The share that completes is the sum over segments ({segments}) of the "
        "segment's share of entrants times its rate at each step; its change is split into these factors by Shapley's "
        "rule, the mean over all orders of changing them, so that no order is preferred and the parts sum to it. A "
        "segment brings by mix how far it is above the average of both periods. A rate nobody stood before is taken "
        "as in the other period. A step's own change is split by the midpoint formula. Intervals of contributions: "
        f"persons drawn anew {REPEATS} times, 2.5 to 97.5 %. A split is no cause."
    )
