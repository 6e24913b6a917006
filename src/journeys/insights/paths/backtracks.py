"""Back-tracks: moves to an earlier stage."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.paths.rule import PathRule
from journeys.insights.statistics.intervals import add_share, too_few
from journeys.paths.log import EventLog
from journeys.warehouse import select_model

_PAIRS = ["from_stage", "to_stage", "backtrack_count", "person_count", "met_count", "share", "share_low", "share_high",
          "is_too_few"]  # fmt: skip


def count_backtracks(log: EventLog, rule: PathRule, stages: Sequence[str]) -> Answer:
    """Count the moves from a contact to a next one of an earlier stage.

    Args:
        log: the log.
        rule: which paths.
        stages: the stages from first to last; contacts of other stages, or of none, are passed over.

    Returns:
        Answer with a row per pair of stages: `backtrack_count` moves by `person_count` units, of `met_count` who were
        in `from_stage` (`share` with its 95 % Wilson interval); most persons first, pairs of fewer than 30 last
        (`is_too_few`). The table `steps` names the contacts (`from_step`, `to_step`), the table `total` counts the
        units with any such move among all with a stage.

    Raises:
        CallError: no contact has a stage, a named step never occurs, or the unit is unknown.
    """
    with rule.lay(log) as (scratch, as_of_us):
        scratch.load("stage_order", pd.DataFrame({"stage": list(stages), "stage_index": range(1, len(stages) + 1)}))
        met = scratch.value("SELECT COUNT(DISTINCT unit_id) FROM path_cut INNER JOIN stage_order USING (stage)")
        if not met and not scratch.value("SELECT COUNT(stage) FROM contacts"):
            raise CallError("no-stage", "no contact of the log has a stage", found=f"stages {', '.join(stages)}",
                            do="give touchpoints a stage in journeys.toml and refresh")  # fmt: skip
        scratch.save("backtracks", *select_model("backtracks"))
        pairs = scratch.frame(*select_model("backtrack_counts"))
        steps = scratch.frame(*select_model("backtrack_steps"))
        back = scratch.value("SELECT COUNT(DISTINCT unit_id) FROM backtracks")
    total = add_share(pd.DataFrame({"person_count": [back], "met_count": [met]}), "person_count", "met_count")
    words = (
        rule.words() + "A back-track is a move from a contact to the next one that has a stage, when that stage is an "
        f"earlier one ({', '.join(stages)}). share: {rule.unit}s with such a move of those who were in from_stage. "
        + rule.unit_words()
    )
    parameters = {name: value for name, value in rule.parameters().items() if name not in ("collapse", "inactive_days")}
    definition = log.describe(words.strip(), as_of_us, {**parameters, "stages": list(stages)})
    definition["backtracking_count"], definition["staged_count"] = back, met
    return Answer(_rank(pairs), definition, {"steps": _rank_steps(steps), "total": total})


def _rank(pairs: pd.DataFrame) -> pd.DataFrame:
    frame = add_share(pairs.rename(columns={"unit_count": "person_count"}), "person_count", "met_count")
    frame = frame.assign(is_too_few=too_few(frame["met_count"]))
    order = ["is_too_few", "person_count", "backtrack_count", "from_stage", "to_stage"]
    return frame.sort_values(order, ascending=[True, False, False, True, True], ignore_index=True)[_PAIRS]


def _rank_steps(steps: pd.DataFrame) -> pd.DataFrame:
    frame = steps.rename(columns={"unit_count": "person_count"})
    order = ["person_count", "backtrack_count", "from_step", "to_step", "from_stage", "to_stage"]
    return frame.sort_values(order, ascending=[False, False, True, True, True, True], ignore_index=True)
