"""Device visits: the stream of one device cut by the session rule, before anybody knows who it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from journeys.units import duration_text
from journeys.warehouse import BuiltTable, Engine, build


@dataclass(frozen=True)
class SessionRule:
    """Where one session ends and the next begins.

    Attributes:
        timeout_us: longest pause inside one session, in microseconds.
        is_gap_inclusive: a pause equal to the timeout does not split.
        max_length_us: a longer visit is cut again so long after its start; none is no limit.
        is_midnight_split: a new local day splits.
        is_campaign_split: a campaign other than the last one seen splits; no campaign never does.
        is_source_id_kept: where the source has session ids of its own, a new one splits.
    """

    timeout_us: int = 1_800_000_000
    is_gap_inclusive: bool = True
    max_length_us: int | None = None
    is_midnight_split: bool = False
    is_campaign_split: bool = False
    is_source_id_kept: bool = False

    def words(self) -> str:
        """Say the rule in one sentence."""
        pause = "longer than" if self.is_gap_inclusive else "of at least"
        parts = [f"a pause {pause} {duration_text(self.timeout_us)}"]
        if self.is_midnight_split:
            parts.append("local midnight")
        if self.is_campaign_split:
            parts.append("a new campaign")
        if self.is_source_id_kept:
            parts.append("a new session id of the source's own")
        if self.max_length_us:
            parts.append(f"{duration_text(self.max_length_us)} after the start")
        return (
            "A session is one person's stretch of activity on one device stream. A new one starts after "
            + ", ".join(parts)
            + ", and where the person changes. CRM, survey and ticket events are in no session."
        )


def build_visits(
    engine: Engine, rule: SessionRule, *, stepwise: bool = False, report: Callable[[BuiltTable], None] | None = None
) -> None:
    """Cut each device's stream into visits: table `visit_events` from `events`."""
    parameters = {
        "timeout_us": rule.timeout_us,
        "is_gap_inclusive": rule.is_gap_inclusive,
        "is_midnight_split": rule.is_midnight_split,
        "is_campaign_split": rule.is_campaign_split,
        "is_source_id_kept": rule.is_source_id_kept,
    }
    build(engine, ["visit_starts"], parameters=parameters, stepwise=stepwise, report=report)
    splits = list(_cut_long_visits(engine, rule.max_length_us)) if rule.max_length_us else []
    engine.load("length_splits", pa.table({"event_id": pa.array(splits, pa.string())}))
    build(engine, ["visit_events"], stepwise=stepwise, report=report)


def _cut_long_visits(engine: Engine, max_length_us: int) -> Iterator[str]:
    """Yield the events that start a new visit because theirs has lasted `max_length_us`.

    A running fold over the few visits that are too long: each cut restarts the clock, which no window function can say.
    """
    rows = engine.rows(
        """
        WITH numbered AS (
          SELECT *, COUNT(start_reason) OVER (
            PARTITION BY stream_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS visit_index
          FROM visit_starts
        )
        SELECT stream_id, visit_index, occurred_at_us, event_id FROM numbered
        QUALIFY MAX(occurred_at_us) OVER (PARTITION BY stream_id, visit_index)
          - MIN(occurred_at_us) OVER (PARTITION BY stream_id, visit_index) >= $max_length_us
        ORDER BY stream_id, visit_index, occurred_at_us, source_index, sequence NULLS LAST, event_id
        """,
        {"max_length_us": max_length_us},
    )
    for _, visit in groupby(rows, key=itemgetter(0, 1)):
        started_us = None
        for _, _, occurred_at_us, event_id in visit:
            if started_us is None:
                started_us = occurred_at_us
            elif occurred_at_us - started_us >= max_length_us:
                started_us = occurred_at_us
                yield event_id
