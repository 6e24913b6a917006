"""One funnel counted as other systems count it: who differs, and the rule that decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.funnels.count import count_funnel, find_last_required
from journeys.insights.funnels.open_entry import refuse_open_entry
from journeys.insights.funnels.presets import PRESETS, preset_settings
from journeys.insights.funnels.rule import FunnelRule
from journeys.paths.log import EventLog
from journeys.paths.steps import Step

COLUMNS = ["preset", "furthest_step", "preset_furthest_step", "decided_by"]
_WORDS = {
    "window": "the window",
    "entry": "which entries open a window",
    "ties": "how events of one time are ordered",
    "is_reused": "one event may serve several steps",
    "is_tainting": "an excluded event takes out of the whole funnel",
}


def compare_presets(log: EventLog, steps: Sequence[Step], rule: FunnelRule, *, as_of: object = None) -> Answer:
    """Count a funnel under every preset and say who stands elsewhere, and why.

    Args:
        log: the log.
        steps: at least one.
        rule: how we count; a preset's own settings take the place of these.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per preset and unit that differs: `preset`, the unit's id, `furthest_step` (0: not in the
        funnel), `preset_furthest_step`, `decided_by` (the rule that decides). The table `presets` has per preset
        `reached_count` (of the last step), `preset_reached_count`, `differing_count` and `note`; it leaves out presets
        that have no such order.

    Raises:
        CallError: attempts are counted: they are no units that can be told apart between systems; or the funnel is an
            open one, which the presets do not count.
    """
    refuse_open_entry(rule)
    if rule.entry == "each":
        raise CallError("compare", "attempts of two systems cannot be compared one by one", found="entry='each'",
                        allowed="entry='best' or 'first'")  # fmt: skip
    unit = f"{rule.unit}_id"
    ours = _levels(log, steps, rule, as_of)
    rows: list[dict[str, Any]] = []
    summaries = []
    for name, preset in PRESETS.items():
        if rule.order not in preset.orders:
            continue
        stages = [(setting, _levels(log, steps, each, as_of)) for setting, each in _stages(rule, name)]
        theirs = stages[-1][1] if stages else ours
        differing = sorted(each for each in ours.keys() | theirs.keys() if ours.get(each, 0) != theirs.get(each, 0))
        rows += [
            {
                "preset": name,
                unit: each,
                "furthest_step": ours.get(each, 0),
                "preset_furthest_step": theirs.get(each, 0),
                "decided_by": _WORDS[_decisive(each, ours, stages)],
            }
            for each in differing
        ]
        whole = find_last_required(steps, rule)
        summaries.append(
            {
                "preset": name,
                "reached_count": sum(level >= whole for level in ours.values()),
                "preset_reached_count": sum(level >= whole for level in theirs.values()),
                "differing_count": len(differing),
                "note": preset.note,
            }
        )
    words = "Each preset is counted as that system counts; decided_by is the setting whose change moves the unit."
    frame = pd.DataFrame(rows, columns=[COLUMNS[0], unit, *COLUMNS[1:]])
    definition = log.describe(words, log.read_as_of(as_of), rule.parameters(steps))
    return Answer(frame, definition, {"presets": pd.DataFrame(summaries)})


def _levels(log: EventLog, steps: Sequence[Step], rule: FunnelRule, as_of: object) -> dict[str, int]:
    persons = count_funnel(log, steps, rule, as_of=as_of).tables["persons"]
    return dict(zip(persons[f"{rule.unit}_id"], persons["furthest_step"].tolist(), strict=True))


def _stages(rule: FunnelRule, name: str) -> Iterator[tuple[str, FunnelRule]]:
    """Yield our rule changed setting by setting into the preset's."""
    for setting, value in preset_settings(name, {"order": rule.order}).items():
        if getattr(rule, setting) != value:
            rule = replace(rule, **{setting: value})
            yield setting, rule


def _decisive(unit: str, ours: dict[str, int], stages: Sequence[tuple[str, dict[str, int]]]) -> str:
    """Return the last setting whose change moved the unit."""
    before, decisive = ours.get(unit, 0), stages[-1][0]
    for setting, levels in stages:
        if levels.get(unit, 0) != before:
            before, decisive = levels.get(unit, 0), setting
    return decisive
