"""The contacts of all units as arrays: for questions whose answers are counted outside SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from journeys.warehouse import Engine, quote_name, select_model


@dataclass(frozen=True)
class Streams:
    """Contacts, unit by unit, each unit's in their order.

    Attributes:
        names: name of each step code, in order.
        steps: step code of each contact.
        units: number of each contact's unit, rising from 0.
        start_us: time of each contact; of a run of equal steps made one, of its first.
        end_us: the same; of a run, of its last.
        marks: what else is true of a contact, by name; of a run, of any of its contacts.
        unit_count: number of units, also of those none of whose contacts are left.
    """

    names: np.ndarray
    steps: np.ndarray
    units: np.ndarray
    start_us: np.ndarray
    end_us: np.ndarray
    marks: Mapping[str, np.ndarray]
    unit_count: int

    @property
    def is_last(self) -> np.ndarray:
        """Whether a contact is the last of its unit."""
        return np.append(self.units[1:] != self.units[:-1], True)[: len(self.units)]

    def collapse(self) -> Streams:
        """Make runs of equal steps one."""
        if not len(self.steps):
            return self
        is_first = np.append(True, (self.steps[1:] != self.steps[:-1]) | (self.units[1:] != self.units[:-1]))
        firsts = np.flatnonzero(is_first)
        lasts = np.append(firsts[1:], len(self.steps)) - 1
        marks = {name: np.logical_or.reduceat(mark, firsts) for name, mark in self.marks.items()}
        return Streams(self.names, self.steps[firsts], self.units[firsts], self.start_us[firsts], self.end_us[lasts],
                       marks, self.unit_count)  # fmt: skip

    def before_goal(self) -> tuple[Streams, np.ndarray]:
        """Keep the contacts before each unit's first goal (mark `is_goal`), and say which units met one."""
        goals = np.flatnonzero(self.marks["is_goal"])
        converted, places = np.unique(self.units[goals], return_index=True)
        first_goal = np.full(self.unit_count, len(self.steps))
        first_goal[converted] = goals[places]
        is_converted = np.zeros(self.unit_count, dtype=bool)
        is_converted[converted] = True
        return self.keep(np.arange(len(self.steps)) < first_goal[self.units]), is_converted

    def keep(self, is_kept: np.ndarray) -> Streams:
        """Leave contacts out; units keep their numbers."""
        marks = {name: mark[is_kept] for name, mark in self.marks.items()}
        return replace(self, steps=self.steps[is_kept], units=self.units[is_kept], start_us=self.start_us[is_kept],
                       end_us=self.end_us[is_kept], marks=marks)  # fmt: skip


def read_streams(scratch: Engine, *marks: str, also: str = "") -> Streams:
    """Read the table `contacts` of a scratch engine as arrays.

    Args:
        scratch: holds `contacts`.
        marks: columns of truth values wanted: is_start, is_goal, is_end; with `also`, columns of that table.
        also: table of marks by event_id; a contact that is not in it has none.
    """
    names = [row[0] for row in scratch.rows("SELECT DISTINCT step_name FROM contacts ORDER BY step_name")]
    codes = pd.DataFrame({"step_name": pd.Series(names, dtype="str"), "step_code": np.arange(len(names))})
    scratch.load("step_codes", codes)
    scratch.save("contact_codes", *select_model("contact_codes"))
    source = quote_name(also or "contact_codes")
    listed = "".join(f", COALESCE({source}.{quote_name(mark)}, FALSE) AS {quote_name(mark)}" for mark in marks)
    joined = f"LEFT JOIN {source} ON {source}.event_id = contact_codes.event_id" if also else ""
    frame = scratch.frame(
        f"SELECT step_index = 1 AS is_first, step_code, occurred_at_us{listed} FROM contact_codes {joined} "
        "ORDER BY unit_id, step_index"
    )
    at_us = frame["occurred_at_us"].to_numpy(dtype=np.int64)
    is_first = frame["is_first"].to_numpy(dtype=np.int64)
    return Streams(
        names=np.asarray(names, dtype=object),
        steps=frame["step_code"].to_numpy(dtype=np.int64),
        units=np.cumsum(is_first) - 1,
        start_us=at_us,
        end_us=at_us,
        marks={mark: frame[mark].to_numpy(dtype=bool) for mark in marks},
        unit_count=int(is_first.sum()),
    )
