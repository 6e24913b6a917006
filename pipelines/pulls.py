"""What a run works with, and the first thing it does: everything new pulled into the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from prefect.futures import PrefectFuture

from journeys.config import Settings, Source, find_cutoffs
from journeys.errors import SourceError
from journeys.privacy import Suppression, fingerprint_protection, protect_rows
from journeys.sources import (
    Pulled,
    PullReport,
    Removed,
    Span,
    Store,
    add_load,
    apply_mappings,
    leave_out,
    open_store,
    remove_unlisted,
)
from journeys.units import US_PER_SECOND, zone
from journeys.warehouse import RunRecord
from pipelines.announce import Stopwatch, announce
from pipelines.tasks import pull

TOO_LATE = "too late"
_WORDS = {TOO_LATE: "rows", "contact_rows": "rows of address books", "rejected_events": "rejected rows",
          "identity_edges": "links between identifiers", "repeats": "repeats of them",
          "person_aliases": "former ids", "runs": "lines of the run history"}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What a run works with: configuration, its own record, the clock of its stages, and who was forgotten."""

    settings: Settings
    record: RunRecord
    stage: Stopwatch
    suppression: Suppression

    @property
    def warehouse(self) -> Path:
        """The warehouse folder."""
        return self.settings.warehouse.path


def prepare_store(settings: Settings) -> Store:
    """Open the stored rows, remove what a dead run has left there, and map anew what is mapped otherwise now."""
    store = open_store(settings.warehouse.path)
    remove_unlisted(store)
    privacy = settings.privacy
    store, mapped = apply_mappings(
        store,
        settings.sources,
        settings.project,
        protection=fingerprint_protection(settings),
        protect=(lambda old, new, source: protect_rows(old, new, source, settings)) if privacy.is_used else None,
    )
    for name in mapped:
        announce("mapped anew", f"the stored rows of source {name!r}, whose mapping or protection has changed")
    return store


def pull_all(
    run: Run, store: Store, landing: Path, span: Span | None, last_us: int | None
) -> tuple[Store, tuple[str, ...]]:
    """Pull all sources at once and add what is new to the store, without committing it yet.

    Args:
        run: what the run works with.
        store: the stored rows.
        landing: takes what is pulled.
        span: take only what happened in it.
        last_us: the last end of observation, if any: what [retention] would remove then is not taken.

    Returns:
        The store, and what there is to warn of, such as a source that failed and is not required.

    Raises:
        SourceError: a required source failed, or all of them did.
    """
    landing.mkdir()
    settings = run.settings
    loaded_at_us = int(run.record.started_at.timestamp() * US_PER_SECOND)
    known = Store(store.folder) if span else store
    futures: list[tuple[Source, PrefectFuture[PullReport]]] = [
        (
            source,
            pull.with_options(name=f"pull {source.name}").submit(source, settings, landing, loaded_at_us, known),
        )
        for source in settings.sources
    ]
    missed: list[str] = []
    failed = 0
    reports = {}
    for source, future in futures:
        try:
            done = future.result()
        except SourceError as error:
            if source.required or failed + 1 == len(futures):
                raise
            failed += 1
            missed.append(f"Source {source.name!r} could not be read; it is as it was the night before: {error.what}")
            announce(f"pull {source.name}", f"failed and is not required: {error.what}")
        else:
            reports[source.name] = done
            unreadable = f"{done.unreadable_count:,} unreadable" if done.unreadable_count else ""
            message = ", ".join(filter(None, (unreadable, done.protection)))
            announce(f"pull {source.name}", message, rows=done.row_count, seconds=done.seconds)
            for text in (*done.drift, *done.notes):
                announce(f"pull {source.name}", text)
                missed.append(text)
    landed = {name: landing / f"{name}.parquet" for name in reports if (landing / f"{name}.parquet").exists()}
    pulled = Pulled(landed, reports, loaded_at_us)
    left_out = _leave_out(settings, pulled, last_us)
    tell_removed(left_out, settings)
    return add_load(replace(store, removed=(*store.removed, *left_out)), pulled, span=span), tuple(missed)


def _leave_out(settings: Settings, pulled: Pulled, last_us: int | None) -> list[Removed]:
    """Take out of what was pulled the rows that are too old, so that they do not come in and go again each night."""
    if last_us is None or not settings.retention.is_used:
        return []
    cutoffs = find_cutoffs(settings.retention, last_us, timezone=settings.project.timezone)
    books = {source.name for source in settings.sources if source.holds == "contacts"}
    found = []
    for name, landed in sorted(pulled.landed.items()):
        since_us = cutoffs.get("contact_rows" if name in books else "events")
        if since_us is not None and (count := leave_out(landed, cutoffs, memory_limit=settings.warehouse.memory_limit)):
            found.append(Removed(pulled.loaded_at_us, TOO_LATE, name, since_us, count))
    return found


def tell_removed(removed: Sequence[Removed], settings: Settings) -> None:
    """Tell what [retention] has removed or left out, a line for each limit."""
    zone_name = settings.project.timezone
    told: dict[tuple[str, int], Counter[str]] = {}
    for each in removed:
        verb = "left out" if each.what == TOO_LATE else "removed"
        told.setdefault((verb, each.older_than_us), Counter())[_WORDS.get(each.what, each.what)] += each.row_count
    for (verb, since_us), counts in told.items():
        day = datetime.fromtimestamp(since_us / US_PER_SECOND, zone(zone_name)).date()
        rows = ", ".join(f"{count:,} {what}" for what, count in counts.items())
        announce("retention", f"{verb} {rows} older than {day}")
