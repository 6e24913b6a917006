"""The end of a night's stages: what is shown of the kept tables, runs merged, and the small tables beside them."""

from __future__ import annotations

from journeys.identity.alarm import find_large_persons
from journeys.nights.night import Night
from journeys.nights.tables import show_tables
from journeys.paths.journeys import judge_account_journeys
from journeys.paths.rules import load_absences
from journeys.sources.events import load_kinds


def finish_tables(night: Night, *, as_of_us: int) -> None:
    """Show all tables under the names that readers know, and write those that are made whole each night.

    Args:
        night: the snapshot being made, all kept tables up to date.
        as_of_us: the end of observation.
    """
    for _ in night.runs.merge(night.engine, is_cleared=night.is_reduced):
        pass
    night.runs.remove_unlisted()
    show_tables(night.engine)
    with night.engine.cursor() as engine:
        load_kinds(engine, night.settings.identity.kinds)
        load_absences(engine, night.settings)
        find_large_persons(engine, alarm_size=night.settings.identity.alarm_size)
        judge_account_journeys(engine, as_of_us=as_of_us)
