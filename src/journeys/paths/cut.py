"""Paths cut as arrays: what `path_cut`, `path_steps` and `path_units` say, for logs whose windows would take long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from journeys.paths.in_order import number_units, read_in_order
from journeys.warehouse import Engine

_OUTCOMES = ("(converted)", "(end)", "(dropped)", "(open)")
_MORE = "(more)"
_MARKS = ("is_start", "is_goal", "is_end")


@dataclass(frozen=True)
class PathCut:
    """How paths are cut, as the parameters of the models say it."""

    has_start: bool
    has_end: bool
    is_collapsed: bool
    inactive_us: int
    as_of_us: int


@dataclass(frozen=True)
class _Contacts:
    """Contacts in order.

    Attributes:
        rows: as they were read.
        units: per contact its unit, from 0.
        unit_ids: per unit its id.
        names: per contact the code of its step.
        step_names: per code its name.
        us: per contact its time.
    """

    rows: pa.Table
    units: np.ndarray
    unit_ids: pa.Array
    names: np.ndarray
    step_names: pa.Array
    us: np.ndarray


def write_paths(scratch: Engine, cut: PathCut, *, has_cuts: bool) -> None:
    """Write `path_steps`, `path_units` and, where any path begins or ends inside its contacts, `path_cut`.

    Beside them `path_pairs` has one row per step: `step_index`, `from_code`, and `to_code`, the step after it or, where
    it is the last, the outcome; `path_names` says the codes: of steps from 0, of outcomes and '(more)' from -1 down.

    Args:
        scratch: holds `contacts`.
        cut: how paths are cut.
        has_cuts: whether any contact is a start, a goal or an end.
    """
    contacts = _read_contacts(scratch, has_cuts=has_cuts)
    count = len(contacts.units)
    kept = np.arange(count)
    ends = {"is_goal": np.zeros(count, bool), "is_end": np.zeros(count, bool)}
    if has_cuts:
        marks = {mark: contacts.rows[mark].to_numpy() for mark in _MARKS}
        kept, is_end = _keep(contacts.units, marks, cut)
        ends = {"is_goal": marks["is_goal"], "is_end": is_end}
        _write_cut(scratch, contacts.rows, kept, is_end)
    steps = _find_steps(contacts, kept, cut)
    _write_steps(scratch, contacts, steps)
    outcomes = _find_outcomes(contacts, {mark: kept[is_met[kept]] for mark, is_met in ends.items()}, cut)
    _write_units(scratch, contacts, steps, outcomes)
    _write_pairs(scratch, contacts, steps, outcomes)


def _read_contacts(scratch: Engine, *, has_cuts: bool) -> _Contacts:
    rows = read_in_order(scratch, "contacts", "step_name", "is_absence", *(("rowid", *_MARKS) if has_cuts else ()))
    units = number_units(rows)
    firsts = np.flatnonzero(np.diff(units, prepend=-1))
    names = rows["step_name"].combine_chunks().dictionary_encode()
    return _Contacts(
        rows=rows,
        units=units,
        unit_ids=rows["unit_id"].take(pa.array(firsts)).combine_chunks(),
        names=names.indices.to_numpy(),
        step_names=names.dictionary,
        us=rows["occurred_at_us"].to_numpy(),
    )


def _keep(units: np.ndarray, marks: dict[str, np.ndarray], cut: PathCut) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows on paths: from the first start, to the first goal, to the next end; and which rows are ends."""
    row = np.arange(len(units))
    starts = _find_first(marks["is_start"], units) if cut.has_start else np.full(len(units), -1)
    is_kept = row >= starts
    is_kept &= row <= _find_first(marks["is_goal"] & is_kept, units)
    is_end = marks["is_end"] & (row > starts)
    ends = _find_first(is_end & is_kept, units)
    is_kept &= row <= ends
    if cut.has_end:
        is_kept &= ends < len(units)
    return np.flatnonzero(is_kept), is_end


def _find_first(is_marked: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return per row the first marked row of its unit; the number of rows where none is marked."""
    firsts = np.full(units[-1] + 1 if len(units) else 0, len(units))
    rows = np.flatnonzero(is_marked)[::-1]
    # Written from the last to the first: the first stays.
    firsts[units[rows]] = rows
    found: np.ndarray = firsts[units]
    return found


def _write_cut(scratch: Engine, rows: pa.Table, kept: np.ndarray, is_end: np.ndarray) -> None:
    scratch.load("kept_rows", pa.table({"place": rows["rowid"].take(pa.array(kept)), "is_end": is_end[kept]}))
    scratch.save(
        "path_cut",
        """
        SELECT unit_id, person_id, event_id, source_index, sequence, occurred_at_us, step_name, channel, stage, is_goal,
          kept_rows.is_end
        FROM contacts INNER JOIN kept_rows ON kept_rows.place = contacts.rowid
        """,
    )


def _find_steps(contacts: _Contacts, kept: np.ndarray, cut: PathCut) -> np.ndarray:
    """Return the rows that are steps: repeats are none where they are collapsed."""
    if not cut.is_collapsed or not len(kept):
        return kept
    units, names = contacts.units[kept], contacts.names[kept]
    is_step = np.append(True, (names[1:] != names[:-1]) | (units[1:] != units[:-1]))
    steps: np.ndarray = kept[is_step]
    return steps


def _write_steps(scratch: Engine, contacts: _Contacts, steps: np.ndarray) -> None:
    units = contacts.units[steps]
    table = {
        "unit_id": _name(units, contacts.unit_ids),
        "step_index": _number_steps(units),
        "step_name": _name(contacts.names[steps], contacts.step_names),
        "occurred_at_us": contacts.us[steps],
    }
    scratch.load("path_steps", pa.table(table))


def _number_steps(units: np.ndarray) -> np.ndarray:
    """Number the steps of each unit from 1."""
    is_first = np.append(True, units[1:] != units[:-1])[: len(units)]
    firsts = np.flatnonzero(is_first)
    numbers: np.ndarray = np.arange(len(units)) - firsts[np.cumsum(is_first) - 1] + 1
    return numbers


def _find_outcomes(contacts: _Contacts, met: dict[str, np.ndarray], cut: PathCut) -> np.ndarray:
    """Return per unit its outcome as a place in _OUTCOMES, -1 without a contact: silence (an absence) is none."""
    outcomes = np.full(len(contacts.unit_ids), -1)
    rows = np.flatnonzero(~contacts.rows["is_absence"].to_numpy())
    # Of a unit's rows the last to be written stays.
    outcomes[contacts.units[rows]] = np.where(contacts.us[rows] + cut.inactive_us <= cut.as_of_us, 2, 3)
    for place, mark in ((1, "is_end"), (0, "is_goal")):
        units = contacts.units[met[mark]]
        outcomes[units[outcomes[units] >= 0]] = place
    return outcomes


def _write_units(scratch: Engine, contacts: _Contacts, steps: np.ndarray, outcomes: np.ndarray) -> None:
    counts = np.bincount(contacts.units[steps], minlength=len(outcomes))
    shown = np.flatnonzero((counts > 0) & (outcomes >= 0))
    table = {
        "unit_id": contacts.unit_ids.take(pa.array(shown)),
        "step_count": counts[shown],
        "outcome": _name(outcomes[shown], pa.array(_OUTCOMES)),
    }
    scratch.load("path_units", pa.table(table))


def _write_pairs(scratch: Engine, contacts: _Contacts, steps: np.ndarray, outcomes: np.ndarray) -> None:
    shown = steps[outcomes[contacts.units[steps]] >= 0]
    units, names = contacts.units[shown], contacts.names[shown]
    is_last = np.append(units[1:] != units[:-1], True)[: len(units)]
    followers = np.where(is_last, -1 - outcomes[units], np.append(names[1:], 0)[: len(names)])
    scratch.load(
        "path_pairs",
        pa.table({"step_index": _number_steps(units), "from_code": names, "to_code": followers.astype(np.int32)}),
    )
    ends = [*_OUTCOMES, _MORE]
    codes = [*range(len(contacts.step_names)), *(-1 - place for place in range(len(ends)))]
    listed = pa.array([*contacts.step_names.to_pylist(), *ends], pa.string())
    scratch.load("path_names", pa.table({"code": pa.array(codes, pa.int32()), "name": listed}))


def _name(codes: np.ndarray, names: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names)
