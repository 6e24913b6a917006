"""Step matrix: which share of all stands at which step, position by position; and the difference between two groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from journeys.insights.answer import Answer
from journeys.insights.paths.rule import PathRule, check_count
from journeys.insights.paths.two_groups import Groups, part_everybody, part_groups
from journeys.insights.statistics.comparisons import benjamini_hochberg, newcombe_interval, two_proportion_p
from journeys.insights.statistics.intervals import add_share, too_few
from journeys.paths.log import EventLog
from journeys.warehouse import Engine, select_model

MOST_POSITIONS = 500
_LAST_ROWS = ("(other)", "(converted)", "(end)", "(open)", "(dropped)")
_CELLS = ["step_index", "step", "is_end", "count", "base_count", "share", "share_low", "share_high", "is_too_few"]
_DIFFERENCES = ["step_index", "step", "is_end", "a_count", "a_base_count", "a_share", "b_count", "b_base_count",
                "b_share", "difference", "difference_low", "difference_high", "p_value", "q_value",
                "is_too_few"]  # fmt: skip


def lay_step_matrix(log: EventLog, rule: PathRule, *, depth: int = 10, top: int | None = None) -> Answer:
    """Count who stands where at each position.

    Args:
        log: the log.
        rule: which paths.
        depth: positions, 1 to 500.
        top: steps named per position; the others are '(other)'. None names all.

    Returns:
        Answer with `step` and the columns `1` to `depth`: the share of all entrants whose path is at that step there.
        Who has ended stays in the end, so that each column sums to 1; ends stand last. The table `cells` has a row per
        cell that is not empty: `step_index`, `step`, `is_end`, `count`, `base_count`, `share` with its 95 % Wilson
        interval, `is_too_few` (of fewer than 30 entrants).

    Raises:
        CallError: a named step never occurs, the unit is unknown, or `depth` or `top` is no count.
    """
    _check_view(depth, top)
    with rule.lay(log) as (scratch, as_of_us):
        part_everybody(scratch)
        cells = add_share(_read_cells(scratch, depth, top), "count", "base_count")
    definition = log.describe(_words(rule, top), as_of_us, _parameters(rule, depth, top))
    definition["entrant_count"] = int(cells["base_count"].max()) if len(cells) else 0
    cells = cells.assign(is_too_few=too_few(cells["base_count"]))
    return Answer(spread(cells, "share", depth), definition, {"cells": cells[_CELLS]})


def compare_step_matrices(
    log: EventLog,
    rule: PathRule,
    groups: Sequence[object],
    *,
    by: str | None = None,
    depth: int = 10,
    top: int | None = None,
) -> Answer:
    """Subtract the step matrix of one group from another's, cell by cell, and say what is no chance.

    Args:
        log: the log.
        rule: which paths.
        groups: one group (against all others) or two, as of `part_groups`. Who fits both counts in neither.
        by: a column; the groups are then values of it at the first contact of a path.
        depth: positions, 1 to 500.
        top: steps named per position, the commonest of both groups together.

    Returns:
        Answer with a row per cell: `step_index`, `step`, `is_end`, `a_count`, `a_base_count`, `a_share`, `b_count`,
        `b_base_count`, `b_share`, `difference` (a - b) with its 95 % Newcombe interval, `p_value` (two-proportion
        z-test, Fisher's exact test where an expected count is below 5) and `q_value` (Benjamini and Hochberg over all
        cells that are tested). With fewer than 30 in a group `is_too_few` is true and nothing is tested; neither are
        ends where a group is given by its end. The tables `difference`, `a` and `b` are matrices as of
        `lay_step_matrix`.

    Raises:
        CallError: a group cannot be read or is empty; else as of `lay_step_matrix`.
    """
    _check_view(depth, top)
    with rule.lay(log) as (scratch, as_of_us):
        found = part_groups(log, scratch, groups, by)
        cells = _read_cells(scratch, depth, top)
    frame = _test(_pair(cells, found), is_end_tested=not found.is_by_outcome)
    a, b = found.names
    words = (
        f"{_words(rule, top)} a is {a}, b is {b}; difference is share in a less share in b. A group's name, if it is a "
        "contact, is met anywhere on the path; a column's value is that of its first contact; a period holds the first "
        "contact. Who fits both groups counts in neither. p_value: two-proportion test (Fisher's exact where an "
        "expected count is below 5); q_value: Benjamini-Hochberg over the cells tested. Descriptive: no cause is "
        "claimed."
    )
    parameters = {**_parameters(rule, depth, top), "a": a, "b": b, "by": by}
    definition = log.describe(words, as_of_us, parameters)
    definition |= {"a_count": found.counts[0], "b_count": found.counts[1], "both_count": found.both_count,
                   "outside_count": found.outside_count}  # fmt: skip
    tables = {"difference": spread(frame, "difference", depth), "a": spread(frame, "a_share", depth),
              "b": spread(frame, "b_share", depth)}  # fmt: skip
    return Answer(frame[_DIFFERENCES], definition, tables)


def spread(cells: pd.DataFrame, value: str, depth: int) -> pd.DataFrame:
    """Turn one value per cell into a matrix: `step`, then a column `1` to `depth`; a missing cell is 0.

    Rows: by how much of all they hold, then by name; '(other)' and the ends last.
    """
    wide = cells.pivot_table(index="step", columns="step_index", values=value, aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(columns=range(1, depth + 1), fill_value=0.0).astype(float)
    weights = cells.assign(weight=cells[value].abs()).groupby("step")["weight"].sum()
    order = sorted(wide.index, key=lambda name: (_place(name), -round(weights[name], 9), name))
    wide = wide.loc[order]
    wide.columns = pd.Index([str(position) for position in wide.columns])
    return wide.rename_axis("step").reset_index()


def _place(step: str) -> int:
    return 1 + _LAST_ROWS.index(step) if step in _LAST_ROWS else 0


def _check_view(depth: object, top: object) -> None:
    check_count("depth", depth, most=MOST_POSITIONS)
    check_count("top", top, is_optional=True)


def _read_cells(scratch: Engine, depth: int, top: int | None) -> pd.DataFrame:
    scratch.load("positions", pd.DataFrame({"step_index": range(1, depth + 1)}))
    select, parameters = select_model("step_matrix_cells", {"top": top})
    return scratch.frame(f"SELECT * FROM ({select}) ORDER BY step_index, is_end, count DESC, step", parameters)


def _pair(cells: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """Put the two groups' cells side by side; a cell that one of them lacks counts 0 there."""
    key = ["step_index", "step", "is_end"]
    sides = []
    for index, side in ((1, "a"), (2, "b")):
        own = cells.loc[cells["group_index"] == index, [*key, "count"]]
        sides.append(own.rename(columns={"count": f"{side}_count"}))
    frame = sides[0].merge(sides[1], on=key, how="outer")
    for side, base in zip(("a", "b"), groups.counts, strict=True):
        frame[f"{side}_count"] = frame[f"{side}_count"].fillna(0).astype("int64")
        frame[f"{side}_base_count"] = base
        frame = add_share(frame, f"{side}_count", f"{side}_base_count", f"{side}_share")
    frame = frame.assign(both=frame["a_share"] + frame["b_share"])
    order = frame.sort_values(["step_index", "is_end", "both", "step"], ascending=[True, True, False, True])
    return order.reset_index(drop=True)


def _test(frame: pd.DataFrame, *, is_end_tested: bool) -> pd.DataFrame:
    sides = [frame[name] for name in ("a_count", "a_base_count", "b_count", "b_base_count")]
    low, high = newcombe_interval(*sides)
    is_too_few = too_few(frame[["a_base_count", "b_base_count"]].min(axis=1))
    is_tested = ~is_too_few & (is_end_tested | ~frame["is_end"].astype(bool))
    p = np.where(is_tested, two_proportion_p(*sides), np.nan)
    return frame.assign(difference=frame["a_share"] - frame["b_share"], difference_low=low, difference_high=high,
                        p_value=p, q_value=benjamini_hochberg(p), is_too_few=is_too_few)  # fmt: skip


def _words(rule: PathRule, top: int | None) -> str:
    named = "" if top is None else f"Per position the {top} commonest steps are named, the others are (other). "
    words = (
        f"{rule.words()}{rule.end_words()}Each column is a position: the share of all entrants whose path is at that "
        f"step there; who has ended stays in the end, so that a column sums to 1. {named}{rule.unit_words()}"
    )
    return words.strip()


def _parameters(rule: PathRule, depth: int, top: int | None) -> dict[str, object]:
    return {**rule.parameters(), "depth": depth, "top": top}
