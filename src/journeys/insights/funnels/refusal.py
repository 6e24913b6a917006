"""Which rule keeps an event out of the counted chain: asked of the best chain through it, rule after rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from journeys.insights.funnels.chains import choose_chains
from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.streams import Streams
from journeys.insights.funnels.walked import NO_ROW, list_required
from journeys.paths.steps import Step
from journeys.units import duration_text

_ONLY_FIRST = "only the first entry opens a window"


def find_refusal(streams: Streams, steps: Sequence[Step], rule: FunnelRule, chosen: Ints, row: int, step: int) -> str:
    """Say why an event does not serve a step of the counted chain.

    Args:
        streams: the rows of the unit (or attempt).
        steps: the steps.
        rule: how the funnel counts.
        chosen: per step the row of the counted chain, -1 for none.
        row: the row of the event.
        step: the place of the step that it matches (from 0).
    """
    if rule.order == "any":
        return _any_refusal(streams, rule, chosen, row)
    if row in chosen:
        served = int(np.flatnonzero(chosen == row)[0]) + 1
        return f"it serves step {served} already, and one event serves one step"
    if step == 0 and rule.entry == "first" and streams.us[row] > streams.us[chosen[0]]:
        return _ONLY_FIRST
    through = _chain_through(streams, steps, rule, row, step)
    if through is not None:
        return _worse_by(streams, list_required(steps, rule), chosen, through)
    for words, easier, shorter in _easier(rule, steps):
        if _chain_through(streams, shorter, easier, row, step) is not None:
            return words
    before = max(place for place in list_required(steps, rule) if place < step) if step else 0
    return f"no chain has reached step {before + 1} ({steps[before].name}) before it"


def _chain_through(streams: Streams, steps: Sequence[Step], rule: FunnelRule, row: int, step: int) -> Ints | None:
    """Return the best chain in which this row, and no other, serves the step; none when there is none."""
    mask = streams.mask & ~(1 << step)
    mask[row] |= 1 << step
    asked = [replace(each, is_optional=False) if place == step else each for place, each in enumerate(steps)]
    chains, _ = choose_chains(replace(streams, mask=mask), asked, rule)
    found = chains.rows[chains.rows[:, step] == row] if len(chains.owner) else chains.rows
    return found[0] if len(found) else None


def _worse_by(streams: Streams, required: Sequence[int], chosen: Ints, other: Ints) -> str:
    """Say in what the chain through the event is behind the counted one."""
    depths = [sum(int(chain[place] != NO_ROW) for place in required) for chain in (chosen, other)]
    if depths[1] < depths[0]:
        return f"a chain through it ends at step {depths[1]}, the counted one is deeper"
    mine, theirs = ([streams.us[chain[place]] for place in required if chain[place] != NO_ROW]
                    for chain in (chosen, other))  # fmt: skip
    if theirs[-1] > mine[-1]:
        return "a chain through it completes later"
    if theirs[0] < mine[0]:
        return "a chain through it starts earlier and completes no earlier"
    for place, (here, there) in enumerate(zip(mine, theirs, strict=True)):
        if there > here:
            return f"a chain through it meets step {required[place] + 1} later"
    return "an event of the same time has the lower event_id"


def _easier(rule: FunnelRule, steps: Sequence[Step]) -> Iterator[tuple[str, FunnelRule, Sequence[Step]]]:
    """Yield each rule that can refuse an event, with the funnel counted without it."""
    if rule.entry == "first":
        yield _ONLY_FIRST, replace(rule, entry="best"), steps
    if rule.window_us is not None:
        words = f"the window of {duration_text(rule.window_us)} was over"
        yield words, replace(rule, window=None), steps
    for place, each in enumerate(steps):
        if each.within_us is not None:
            words = f"step {place + 1} came later than {duration_text(each.within_us)} after the step before"
            yield words, rule, [replace(one, within_us=None) if one is each else one for one in steps]
    for excluded in rule.exclude:
        words = f"{excluded.step.name!r} stands between steps {excluded.after} and {excluded.before}"
        yield words, replace(rule, exclude=tuple(one for one in rule.exclude if one is not excluded)), steps
    if rule.order == "strict":
        yield "another event stands between (order='strict')", replace(rule, order="ordered"), steps
    if rule.ties == "increasing":
        yield "it is not strictly later (ties='increasing')", replace(rule, ties="together"), steps


def _any_refusal(streams: Streams, rule: FunnelRule, chosen: Ints, row: int) -> str:
    met = chosen[chosen != NO_ROW]
    start = streams.us[met].min() if len(met) else 0
    is_late = rule.window_us is not None and streams.us[row] > start + rule.window_us
    if streams.us[row] < start or is_late:
        return "it lies outside the counted window"
    return "its steps are served by other events of the window"
