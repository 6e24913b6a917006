"""Touched accounts -> their journeys."""

from __future__ import annotations

from journeys.nights.night import Night, kept
from journeys.paths.journeys import join_account_contacts, journey_parameters
from journeys.warehouse.runs import KEPT


def rebuild_account_journeys(night: Night, *, as_of_us: int) -> None:
    """Bring `account_journeys` up to date for the touched accounts, and for all accounts of the touched persons.

    Args:
        night: the snapshot being made, its journeys of persons rebuilt.
        as_of_us: the end of observation.
    """
    is_all = night.rebuild.streams
    if not is_all:
        persons = f"SELECT account_id FROM {KEPT}.person_accounts SEMI JOIN touched_persons USING (person_id)"
        night.touch(night.engine, "touched_accounts", persons)
    for where in night.split("account_id", "touched_accounts", is_all=is_all, table="event_accounts"):
        with night.engine.scratch() as engine:
            engine.save(
                "contacts",
                f"""
                SELECT account_id, stream_events.*
                FROM {KEPT}.stream_events
                INNER JOIN ({kept("event_accounts", where, "event_id, account_id")}) AS own USING (event_id)
                WHERE touchpoint IS NOT NULL
                """,
            )
            engine.show("event_persons", "SELECT event_id, person_id FROM contacts")
            engine.save("event_goals", f"SELECT * FROM {KEPT}.event_goals SEMI JOIN contacts USING (event_id)")
            join_account_contacts(engine, "contacts", journey_parameters(night.settings, as_of_us))
            if not is_all:
                night.runs.replace(engine, "account_journeys", "SELECT account_id FROM touched_accounts")
            night.runs.write(engine, "account_journeys", "SELECT * FROM account_journeys")
