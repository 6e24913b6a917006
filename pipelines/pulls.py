"""What a run works with, and the first thing it does: everything new pulled into the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from prefect.futures import PrefectFuture

from journeys.config import Settings, Source
from journeys.errors import SourceError
from journeys.privacy import Suppression, fingerprint_protection, protect_rows
from journeys.sources import (
    Pulled,
    PullReport,
    Span,
    Store,
    add_load,
    apply_mappings,
    open_store,
    remove_unlisted,
)
from journeys.units import US_PER_SECOND
from journeys.warehouse import RunRecord
from pipelines.announce import Stopwatch, announce
from pipelines.tasks import pull


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


def pull_all(run: Run, store: Store, landing: Path, span: Span | None) -> tuple[Store, tuple[str, ...]]:
    """Pull all sources at once and add what is new to the store, without committing it yet.

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
    return add_load(store, pulled, span=span), tuple(missed)
