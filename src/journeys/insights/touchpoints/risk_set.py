"""The rows in which the goal could have come next, and who had met what by then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from journeys.errors import CallError
from journeys.insights.answer import NO_VALUE
from journeys.insights.statistics.hazard import HazardRows, renumber
from journeys.paths.log import EventLog
from journeys.paths.steps import Step, step_sql
from journeys.warehouse import Engine, quote_name, select_model

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Numbers of contacts so far that count as alike: first of each group.
COUNT_GROUPS = (1, 2, 3, 4, 6, 9, 14, 21, 41)
START = "(start)"
OTHER = "(other)"
# Rarer levels are one: each level costs a coefficient.
_MOST_LEVELS = 20
# What is always held alike, under names that no column may take.
STANDING_TRAITS = (FIRST_CHANNEL, ENTRY_MONTH) = ("first channel", "entry month")


@dataclass(frozen=True)
class Levels:
    """A column as codes from 0, with the name of each."""

    codes: Codes
    names: list[str]


@dataclass(frozen=True)
class Strata:
    """Groups of rows that are alike: the number of each row's group, and what the groups are."""

    number: Codes
    names: pd.DataFrame


@dataclass(frozen=True)
class RiskSet:
    """All contacts before the goal, ordered by unit and time, one entry each.

    Attributes:
        unit: number of the person (session, account), from 0.
        step: the touchpoint met.
        is_visit_start: the first contact of a visit.
        is_at_risk: whether the next contact is known.
        happened: the next contact is the goal.
        traits: what is known from the first contact on, by name: first channel, and columns asked for.
        contact_count: group of the number of contacts so far.
        contact_month, entry_month: months counted from the year 0.
        marks: contacts that match the conditions asked about, by name.
    """

    unit: Codes
    step: Levels
    is_visit_start: Flags
    is_at_risk: Flags
    happened: Flags
    traits: Mapping[str, Levels]
    contact_count: Levels
    contact_month: Codes
    entry_month: Codes
    marks: Mapping[str, Flags]

    @cached_property
    def unit_count(self) -> int:
        """Units with a contact before the goal."""
        return int(self.unit.max(initial=-1)) + 1

    @cached_property
    def has_converted(self) -> Flags:
        """Per unit, whether the goal came."""
        return np.bincount(self.unit, weights=self.happened, minlength=self.unit_count) > 0

    def candidates(self) -> list[tuple[str, Flags]]:
        """What can be met, by name, each with the contacts that are it: the conditions asked about, else all steps."""
        if self.marks:
            return list(self.marks.items())
        return [(name, self.step.codes == code) for code, name in enumerate(self.step.names)]

    def units_met(self, match: Flags) -> Flags:
        """Say per unit whether it met a matching contact."""
        return np.bincount(self.unit[match], minlength=self.unit_count) > 0

    def met_by_then(self, match: Flags) -> Flags:
        """Say per row whether the unit has met a matching contact so far, this one included."""
        so_far: Codes = np.cumsum(match, dtype=np.int64)
        before: Codes = so_far - match
        return np.asarray(so_far > before[self._first_of_unit])

    def place_besides(self, match: Flags) -> Codes:
        """Return per row where the unit stands apart from matching contacts: its latest other step of the visit.

        Who has met nothing else in this visit stands at `START`, whose code follows those of the steps.
        """
        at = np.arange(len(match))
        latest = np.maximum.accumulate(np.where(match, -1, at))
        visit_start = np.maximum.accumulate(np.where(self.is_visit_start, at, 0))
        found = self.step.codes[np.maximum(latest, 0)]
        return np.where(latest >= visit_start, found, len(self.step.names))

    def held_alike(self, place: Codes) -> HazardRows:
        """Return the rows at risk with what the hazard holds alike."""
        kept = self.is_at_risk
        months = self.contact_month - self.contact_month.min(initial=0)
        covariates = [place, self.contact_count.codes, months, *(each.codes for each in self.traits.values())]
        return HazardRows(self.unit[kept], self.happened[kept], [codes[kept] for codes in covariates])

    @cached_property
    def strata(self) -> Strata:
        """The strata that rows at risk lie in, but for the place where the unit stands."""
        kept = self.is_at_risk
        months = self.entry_month - self.entry_month.min(initial=0)
        columns = [*(each.codes for each in self.traits.values()), self.contact_count.codes, months]
        sizes = tuple(int(codes.max(initial=0)) + 1 for codes in columns)
        groups, number = renumber(np.ravel_multi_index(tuple(codes[kept] for codes in columns), sizes))
        rows = np.empty(len(groups), dtype=np.int64)  # any row of each group: they are alike
        rows[number] = np.flatnonzero(kept)
        names = {name: np.array(each.names, dtype=object)[each.codes[rows]]
                 for name, each in {**self.traits, "contacts so far": self.contact_count}.items()}  # fmt: skip
        months_shown = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in self.entry_month[rows]]
        return Strata(number, pd.DataFrame(names | {ENTRY_MONTH: months_shown}))

    @cached_property
    def _first_of_unit(self) -> Codes:
        is_first = np.ones(len(self.unit), dtype=np.bool_)
        is_first[1:] = self.unit[1:] != self.unit[:-1]
        return np.maximum.accumulate(np.where(is_first, np.arange(len(self.unit)), 0))


def read_risk_set(
    log: EventLog, scratch: Engine, *, visit_us: int, adjust_for: Sequence[str], among: Sequence[Step]
) -> RiskSet:
    """Read the risk set from the paths in a scratch engine (`path_cut`, `path_units`).

    Args:
        log: the log.
        scratch: holds the paths up to the goal.
        visit_us: longest pause inside one visit.
        adjust_for: columns whose value at a unit's first contact is held alike.
        among: conditions asked about, instead of all steps.

    Raises:
        CallError: a column or a step never occurs.
    """
    scratch.save("effect_starts", *select_model("effect_starts"))
    scratch.save("effect_rows", *select_model("effect_rows", {"visit_us": visit_us}))
    rows = scratch.frame("SELECT * FROM effect_rows ORDER BY unit_index, contact_index")
    starts = scratch.frame("SELECT * FROM effect_starts ORDER BY unit_index")
    unit = rows["unit_index"].to_numpy(dtype=np.int64) - 1
    traits = {FIRST_CHANNEL: _level(starts["first_channel"])}
    traits |= {column: _read_trait(log, scratch, column) for column in adjust_for}
    groups = np.searchsorted(COUNT_GROUPS, rows["contact_index"].to_numpy(dtype=np.int64), side="right") - 1
    return RiskSet(
        unit=unit,
        step=_level(rows["step_name"], most=None),
        is_visit_start=rows["is_visit_start"].to_numpy(dtype=np.bool_),
        is_at_risk=rows["is_at_risk"].to_numpy(dtype=np.bool_),
        happened=rows["is_goal_next"].to_numpy(dtype=np.bool_),
        traits={name: Levels(levels.codes[unit], levels.names) for name, levels in traits.items()},
        contact_count=Levels(groups.astype(np.int64), [f"from {first}" for first in COUNT_GROUPS]),
        contact_month=rows["contact_month"].to_numpy(dtype=np.int64),
        entry_month=starts["entry_month"].to_numpy(dtype=np.int64)[unit],
        marks=_read_marks(log, scratch, among),
    )


def has_values(log: EventLog, column: str) -> bool:
    """Say whether a column is there and filled for some event."""
    try:
        read = log.facts.column_sql(column)
    except CallError:
        return False
    return bool(log.engine.rows(f"SELECT 1 FROM {quote_name(log.facts.table)} WHERE {read} IS NOT NULL LIMIT 1"))


def _read_trait(log: EventLog, scratch: Engine, column: str) -> Levels:
    read = log.facts.column_sql(column)
    values = scratch.frame(
        f"WITH first AS (SELECT * FROM {quote_name(log.facts.table)} WHERE event_id IN (SELECT event_id FROM "
        f"effect_starts)), known AS (SELECT event_id, CAST({read} AS VARCHAR) AS trait FROM first) "
        "SELECT known.trait FROM effect_starts LEFT JOIN known ON known.event_id = effect_starts.event_id "
        "ORDER BY effect_starts.unit_index"
    )
    return _level(values["trait"])


def _read_marks(log: EventLog, scratch: Engine, among: Sequence[Step]) -> dict[str, Flags]:
    if not among:
        return {}
    tests = [f"{step_sql(log, each)} AS mark_{place}" for place, each in enumerate(among)]
    frame = scratch.frame(
        f"WITH marked AS (SELECT event_id, {', '.join(tests)} FROM person_events) "
        "SELECT marked.* FROM effect_rows INNER JOIN marked ON marked.event_id = effect_rows.event_id "
        "ORDER BY effect_rows.unit_index, effect_rows.contact_index"
    )
    return {each.name: frame[f"mark_{place}"].fillna(value=False).to_numpy(dtype=np.bool_)
            for place, each in enumerate(among)}  # fmt: skip


def _level(values: pd.Series, most: int | None = _MOST_LEVELS) -> Levels:
    """Number the values by name; missing ones are a level, and so are all but the commonest together."""
    texts = values.astype("object").where(values.notna(), NO_VALUE)
    codes, names = pd.factorize(texts, sort=True)
    counts = np.bincount(codes, minlength=len(names))
    if most is None or len(names) <= most:
        return Levels(codes.astype(np.int64), [str(name) for name in names])
    common = np.sort(np.argsort(-counts, kind="stable")[:most])
    place = np.full(len(names), most)
    place[common] = np.arange(most)
    return Levels(place[codes].astype(np.int64), [*(str(names[each]) for each in common), OTHER])
