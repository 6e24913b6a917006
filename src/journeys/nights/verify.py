"""A sample of persons worked out again, from the accepted rows up: what is kept of them must be the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from journeys.errors import ModelError
from journeys.nights.accounts import rebuild_accounts
from journeys.nights.night import TOUCHED, Night, Rebuild
from journeys.nights.outcomes import rebuild_journeys
from journeys.nights.persons import resolve_persons
from journeys.nights.streams import rebuild_streams
from journeys.warehouse.runs import KEPT


def verify_persons(night: Night, *, count: int, snapshot_id: str, changed_at: datetime, as_of_us: int) -> int:
    """Work out so many persons again and compare, table by table, by fingerprint.

    Their identifiers, streams and journeys are touched as if they had changed, and the stages of a night run over them:
    a table of which a touched unit was not replaced, or was replaced by something else, then has another fingerprint.

    Args:
        night: the snapshot being made, all its stages done.
        count: how many persons; which ones is drawn by the name of the snapshot.
        snapshot_id: of the snapshot.
        changed_at: start of the night.
        as_of_us: the end of observation.

    Returns:
        How many persons were worked out again.

    Raises:
        ModelError: what is kept of them differs; names the tables.
    """
    before = {name: listing.fingerprint for name, listing in night.runs.listings.items()}
    again = replace(night, rebuild=Rebuild())
    again.former_as_of_us = as_of_us
    again.former_persons = night.runs.select("person_identifiers")
    night.runs.begin_run()
    drawn = _touch(again, count, snapshot_id)
    resolve_persons(again, snapshot_id=snapshot_id, changed_at=changed_at)
    rebuild_streams(again)
    rebuild_accounts(again)
    rebuild_journeys(again, as_of_us=as_of_us)
    differing = [name for name, listing in night.runs.listings.items() if listing.fingerprint != before[name]]
    if differing:
        raise ModelError(
            "verify",
            f"{drawn:,} persons worked out again are not what is kept of them",
            found=f"different: {', '.join(differing)}",
            allowed="the same rows in every table",
            do="run `journeys refresh --full`, which makes everything anew from the stored rows, and report this",
        )
    return drawn


def _touch(night: Night, count: int, snapshot_id: str) -> int:
    with night.engine.scratch() as engine:
        for name in TOUCHED:
            engine.run(f"DELETE FROM main.{name}")
        engine.save(
            "drawn",
            f"SELECT person_id FROM {KEPT}.persons ORDER BY hash(person_id || $snapshot_id), person_id LIMIT {count}",
            {"snapshot_id": snapshot_id},
        )
        own = "{table} SEMI JOIN drawn USING (person_id)"
        identifiers = own.format(table=f"{KEPT}.person_identifiers")
        night.touch(engine, "touched_persons", "SELECT person_id FROM drawn")
        night.touch(engine, "touched_identifiers", f"SELECT identifier_kind, identifier_value FROM {identifiers}")
        night.touch(engine, "touched_streams", f"SELECT stream_id FROM {own.format(table=f'{KEPT}.stream_events')}")
        return engine.row_count("drawn")
