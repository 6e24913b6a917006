"""A device's events -> sessions: device visits, split where the person changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from journeys.sources.visits import SessionRule
from journeys.units import duration_us
from journeys.warehouse import BuiltTable, Engine, build

SESSION_TABLES = ("session_events", "sessions")


def make_rule(
    timeout: str | timedelta, max_length: str | timedelta | None, *, gap_inclusive: bool, midnight: bool, campaign: bool
) -> SessionRule:
    """Read the arguments of `sessions()` as a rule.

    Raises:
        CallError: a duration has no unit or is not positive.
    """
    return SessionRule(
        timeout_us=duration_us(timeout, name="timeout"),
        is_gap_inclusive=gap_inclusive,
        max_length_us=None if max_length is None else duration_us(max_length, name="max_length"),
        is_midnight_split=midnight,
        is_campaign_split=campaign,
    )


def build_sessions(
    engine: Engine, *, stepwise: bool = False, report: Callable[[BuiltTable], None] | None = None
) -> None:
    """Split visits where the person changes: tables `session_events` and `sessions`."""
    build(engine, SESSION_TABLES, stepwise=stepwise, report=report)
