"""The session rule over events in order, as arrays: the cuts of `visit_starts` to `session_events` in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journeys.sources.visits import SessionRule

# Why an event starts a visit or a session; no reason is 0. Person is a reason of sessions alone.
REASONS = ("first", "timeout", "midnight", "source", "campaign", "max_length", "person")
_FIRST, _TIMEOUT, _MIDNIGHT, _SOURCE, _CAMPAIGN, _MAX_LENGTH, _PERSON = range(1, len(REASONS) + 1)


@dataclass(frozen=True)
class Cuts:
    """Where events in order are cut.

    Attributes:
        start_reasons: per event why it starts a visit, as a place in REASONS from 1; 0 where it does not.
        split_reasons: per event why it starts a session; 0 where it does not.
        visits: per event the number of its visit in its stream, from 1.
        sessions: per event its session, from 0 in their order.
        firsts: per session the row of its first event.
    """

    start_reasons: np.ndarray
    split_reasons: np.ndarray
    visits: np.ndarray
    sessions: np.ndarray
    firsts: np.ndarray

    @property
    def lasts(self) -> np.ndarray:
        """Per session the row of its last event."""
        lasts: np.ndarray = _ends(self.firsts, len(self.sessions)) - 1
        return lasts

    @property
    def event_indexes(self) -> np.ndarray:
        """Per event its place in its session, from 1."""
        indexes: np.ndarray = np.arange(len(self.sessions)) - self.firsts[self.sessions] + 1
        return indexes


def cut_events(events: pa.Table, rule: SessionRule) -> Cuts:
    """Cut interaction events into visits and sessions.

    Args:
        events: `stream_id`, `person_id`, `occurred_at_us`, in the order of stream, time, source_index, sequence (nulls
            last) and event_id; `local_date`, `source_session_id` and `campaign` where the rule asks for them.
        rule: the session rule.
    """
    us = events["occurred_at_us"].to_numpy()
    starts = _start_segments(events, us, rule)
    segments = np.cumsum(starts != 0)
    # A new session id counts before a new campaign, and the end of a pause before both.
    changes = np.zeros(len(us), np.int8)
    if rule.is_campaign_split:
        changes[_find_changes(events["campaign"], segments)] = _CAMPAIGN
    if rule.is_source_id_kept:
        changes[_find_changes(events["source_session_id"], segments)] = _SOURCE
    starts = np.where(starts == 0, changes, starts)
    if rule.max_length_us:
        starts[_cut_long(us, starts, rule.max_length_us)] = _MAX_LENGTH
    splits = starts.copy()
    splits[(splits == 0) & _differs(events["person_id"])] = _PERSON
    return Cuts(
        start_reasons=starts,
        split_reasons=splits,
        visits=_count_within(starts != 0, starts == _FIRST),
        sessions=np.cumsum(splits != 0) - 1,
        firsts=np.flatnonzero(splits),
    )


def name_reasons(codes: np.ndarray) -> pa.Array:
    """Return reasons as texts, null where there is none."""
    places = pa.array(codes.astype(np.int32) - 1, mask=codes == 0)
    return pa.DictionaryArray.from_arrays(places, pa.array(REASONS)).cast(pa.string())


def _start_segments(events: pa.Table, us: np.ndarray, rule: SessionRule) -> np.ndarray:
    """Say where a stream begins or is cut by a pause or by midnight."""
    pauses = np.diff(us, prepend=us[:1])
    starts = np.zeros(len(us), np.int8)
    if rule.is_midnight_split:
        starts[_differs(events["local_date"])] = _MIDNIGHT
    starts[pauses > rule.timeout_us if rule.is_gap_inclusive else pauses >= rule.timeout_us] = _TIMEOUT
    starts[_differs(events["stream_id"])] = _FIRST
    starts[:1] = _FIRST
    return starts


def _ends(firsts: np.ndarray, count: int) -> np.ndarray:
    """Return the row after the last of each stretch."""
    return np.append(firsts[1:], count)[: len(firsts)]


def _differs(column: pa.ChunkedArray) -> np.ndarray:
    """Say which rows hold another value than the row before; the first does not, and a null differs from nothing."""
    found = np.zeros(len(column), bool)
    if len(column) > 1:
        changed = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1))
        found[1:] = pc.fill_null(changed, False).to_numpy()
    return found


def _find_changes(column: pa.ChunkedArray, segments: np.ndarray) -> np.ndarray:
    """Return the rows whose value differs from the last one seen in the segment; rows without one are passed over."""
    rows = np.flatnonzero(pc.is_valid(column).to_numpy())
    changed = _differs(column.filter(pc.is_valid(column)))
    changed[1:] &= segments[rows][1:] == segments[rows][:-1]
    found: np.ndarray = rows[changed]
    return found


def _cut_long(us: np.ndarray, starts: np.ndarray, max_length_us: int) -> np.ndarray:
    """Return the rows at which a visit has lasted so long since it began or was last cut."""
    firsts = np.flatnonzero(starts)
    ends = _ends(firsts, len(us))
    found = []
    for visit in np.flatnonzero(us[ends - 1] - us[firsts] >= max_length_us):
        times, row = us[firsts[visit] : ends[visit]], 0
        while (row := int(np.searchsorted(times, times[row] + max_length_us))) < len(times):
            found.append(firsts[visit] + row)
    return np.array(found, np.int64)


def _count_within(is_counted: np.ndarray, is_first: np.ndarray) -> np.ndarray:
    """Number what is counted anew from each first row on."""
    counts = np.cumsum(is_counted)
    firsts = np.flatnonzero(is_first)
    numbers: np.ndarray = counts - counts[firsts][np.cumsum(is_first) - 1] + 1
    return numbers
