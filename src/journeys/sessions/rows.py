"""Cut events as rows of sessions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from journeys.sessions.cut import Cuts, name_reasons

# A session is named for its first event.
SESSION_ID = "SUBSTR(MD5(stream_id || CHR(31) || first_event_id), 1, 16)"


def list_cut_sessions(events: pa.Table, cuts: Cuts) -> pa.Table:
    """Return one row per session, in the order of its first event.

    Returns:
        `stream_id`, `person_id`, `first_event_id` (SESSION_ID makes the id of them), `started_at_us`, `ended_at_us`,
        `event_count`, `split_reason`.
    """
    us = events["occurred_at_us"].to_numpy()
    named = {"stream_id": "stream_id", "person_id": "person_id", "first_event_id": "event_id"}
    firsts = pa.array(cuts.firsts)
    return pa.table(
        {
            **{name: events[column].take(firsts) for name, column in named.items()},
            "started_at_us": us[cuts.firsts],
            "ended_at_us": us[cuts.lasts],
            "event_count": (cuts.lasts - cuts.firsts + 1).astype(np.int64),
            "split_reason": name_reasons(cuts.split_reasons[cuts.firsts]),
        }
    )


def any_within(marks: np.ndarray, cuts: Cuts) -> np.ndarray:
    """Say which sessions hold an event that is marked."""
    return np.bincount(cuts.sessions[marks], minlength=len(cuts.firsts)) > 0
