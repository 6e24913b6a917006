"""The nightly refresh, top to bottom: pull -> events -> persons -> sessions -> journeys -> insights -> publish."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture

from journeys.config import Settings, Source, load_settings
from journeys.errors import SourceError
from journeys.identity.aliases import count_changes
from journeys.nights import (
    Night,
    Plan,
    add_rows,
    finish_tables,
    open_night,
    plan_night,
    rebuild_journeys,
    rebuild_sessions,
    resolve_persons,
)
from journeys.paths.journeys import find_as_of
from journeys.privacy import hold_key, pull_protected
from journeys.report.answers import store_answers
from journeys.report.publication import (
    complete_manifest,
    describe_earlier,
    describe_run,
    find_previous,
    is_made_from_the_same,
    record_run,
    write_report,
)
from journeys.sources import (
    Bookmark,
    PullReport,
    Span,
    Store,
    TransientSourceError,
    add_load,
    open_store,
    read_span,
    remove_unlisted,
)
from journeys.units import US_PER_SECOND, time_us
from journeys.warehouse import Engine, Manifest, Snapshot, begin_snapshot, hold_warehouse, publish, seal

PULL_RETRIES = 3


@dataclass(frozen=True)
class Refresh:
    """How a refresh ended: the current snapshot, whether it is new, and where its page is."""

    snapshot: Snapshot | None
    is_new: bool
    report: Path | None


@dataclass(frozen=True)
class Run:
    """What a run was asked for."""

    settings: Settings
    started_at: datetime
    full: bool
    dry_run: bool


def heals(_task: Any, _run: Any, state: Any) -> bool:
    """Say whether trying again can help: only when a network or database did not answer."""
    error = state.result(raise_on_failure=False)
    if isinstance(error, TransientSourceError):
        print(f"{error.what}: {error.found}; tried up to {PULL_RETRIES} times more", file=sys.stderr, flush=True)
    return isinstance(error, TransientSourceError)


@task(cache_policy=NO_CACHE, retries=PULL_RETRIES, retry_delay_seconds=[2, 10, 30], retry_condition_fn=heals)
def pull(source: Source, settings: Settings, landing: Path, loaded_at_us: int, bookmark: Bookmark) -> PullReport:
    """Read what is new in one source into the landing folder."""
    try:
        return pull_protected(source, settings, folder=landing, loaded_at_us=loaded_at_us, bookmark=bookmark)
    except SourceError as error:
        failure = error
    # Prefect keeps the error: it leaves without the frames it came through, which hold the pull's database open.
    failure.__cause__ = failure.__context__ = None
    raise failure.with_traceback(None)


@task(cache_policy=NO_CACHE)
def events(night: Night, files: list[Path]) -> None:
    """Judge the rows that came: one event each, channel; rejects kept."""
    add_rows(night, files)


@task(cache_policy=NO_CACHE)
def persons(night: Night, snapshot_id: str, started_at: datetime) -> None:
    """Work out who is who, where evidence came."""
    resolve_persons(night, snapshot_id=snapshot_id, changed_at=started_at)


@task(cache_policy=NO_CACHE)
def sessions(night: Night) -> None:
    """Cut the touched streams into visits and sessions; find bots and accounts."""
    rebuild_sessions(night)


@task(cache_policy=NO_CACHE)
def journeys(night: Night, as_of_us: int, former_as_of_us: int | None) -> None:
    """Find the touchpoints and journeys of the touched persons."""
    rebuild_journeys(night, as_of_us=as_of_us, former_as_of_us=former_as_of_us)
    finish_tables(night, as_of_us=as_of_us)


@task(cache_policy=NO_CACHE)
def insights(night: Night, as_of_us: int, missed: tuple[str, ...]) -> None:
    """Compute funnels, transitions, touchpoints and key figures."""
    with night.engine.cursor() as own:
        store_answers(own, night.settings, as_of_us=as_of_us, missed=missed)


@flow(name="nightly")
def nightly(
    config: str = "journeys.toml",
    *,
    full: bool = False,
    dry_run: bool = False,
    as_of: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Refresh:
    """Refresh the warehouse of one configuration and publish the result.

    Args:
        config: the configuration file.
        full: make everything anew from the stored rows, and publish even when nothing is new.
        dry_run: do everything but publish.
        as_of: reproduce the night of this time from what was stored then, as a snapshot of its own; nothing is pulled.
        since: read the sources again from the start, and take what happened from this time on and is missing.
        until: with `since`: take nothing from this time on.

    Raises:
        JourneysError: a required source, a model or the publication failed; what was published before stays.
    """
    settings = load_settings(config)
    run = Run(settings, datetime.now(UTC), full=full, dry_run=dry_run)
    with hold_warehouse(settings.warehouse.path) as work:
        hold_key(settings)
        store = open_store(settings.warehouse.path)
        remove_unlisted(store)
        if as_of is not None:
            return reproduce(run, store, time_us(as_of, name="as_of", timezone=settings.project.timezone))
        span = read_span(since, until, timezone=settings.project.timezone)
        store, missed = pull_all(run, store, work / "landing", span)
        previous, damage = find_previous(settings)
        if damage:
            announce(damage)
            missed = (*missed, damage)
        plan = plan_night(settings, store, previous, full=full)
        manifest = describe_run(settings, started_at=run.started_at, last_load=store.last_load, stages=plan.stages)
        if previous and is_made_from_the_same(previous.manifest, manifest) and not full:
            announce("nothing new            the published snapshot stays")
            return Refresh(previous, is_new=False, report=write_report(settings, previous))

        with begin_snapshot(settings.warehouse.path, manifest.snapshot_id, plan.base) as folder:
            manifest = build(run, store, plan, manifest, folder=folder, before=previous, missed=missed)
            if dry_run:
                announce("dry run                nothing was published")
                return Refresh(previous, is_new=False, report=None)
            snapshot = publish(settings.warehouse.path, manifest, keep=settings.warehouse.keep_snapshots)
        return Refresh(snapshot, is_new=True, report=write_report(settings, snapshot))


def reproduce(run: Run, store: Store, as_of_us: int) -> Refresh:
    """Make the snapshot of an earlier night from what was stored then; the current one stays as it is."""
    plan = plan_night(run.settings, store, None, full=True)
    manifest = describe_earlier(run.settings, as_of_us=as_of_us, stages=plan.stages)
    warehouse = run.settings.warehouse.path
    with begin_snapshot(warehouse, manifest.snapshot_id, None) as folder:
        manifest = build(run, store, plan, manifest, folder=folder, before=None, missed=(), until_us=as_of_us)
        if run.dry_run:
            announce("dry run                nothing was written")
            return Refresh(None, is_new=False, report=None)
        snapshot = seal(warehouse, manifest)
    return Refresh(snapshot, is_new=True, report=write_report(run.settings, snapshot, snapshot.folder / "report.html"))


def build(
    run: Run,
    store: Store,
    plan: Plan,
    manifest: Manifest,
    *,
    folder: Path,
    before: Snapshot | None,
    missed: tuple[str, ...],
    until_us: int | None = None,
) -> Manifest:
    """Run the stages over what the plan says, and return the manifest of the finished snapshot."""
    for reason in plan.reasons:
        announce(f"{'made anew':<22} {reason}")
    stage = Stopwatch()
    with open_night(run.settings, folder, plan, before=before, until_us=until_us) as night:
        events(night, store.list_files(after=plan.last_load, until_us=until_us))
        stage.done("events", night, "accepted_rows")
        as_of_us = find_as_of(night.engine, run.settings)
        persons(night, manifest.snapshot_id, run.started_at)
        stage.done("persons", night, "person_identifiers")
        tell_changes(night.engine, manifest.snapshot_id)
        sessions(night)
        stage.done("sessions", night, "sessions")
        journeys(night, as_of_us, plan.base.manifest.as_of_us if plan.base else None)
        stage.done("journeys", night, "journeys")
        insights(night, as_of_us, missed)
        stage.done("insights")
        manifest = complete_manifest(manifest, night, as_of_us=as_of_us)
        record_run(night.engine, manifest, started_at=run.started_at)
    return manifest


def pull_all(run: Run, store: Store, landing: Path, span: Span | None) -> tuple[Store, tuple[str, ...]]:
    """Pull all sources at once and add what is new to the store; return it, and a warning for each source that failed.

    Raises:
        SourceError: a required source failed, or all of them did; the store is as it was.
    """
    landing.mkdir()
    settings = run.settings
    loaded_at_us = int(run.started_at.timestamp() * US_PER_SECOND)
    old = {source.name: Bookmark() if span else store.bookmark(source.name) for source in settings.sources}
    futures: list[tuple[Source, PrefectFuture[PullReport]]] = [
        (
            source,
            pull.with_options(name=f"pull {source.name}").submit(
                source, settings, landing, loaded_at_us, old[source.name]
            ),
        )
        for source in settings.sources
    ]
    missed = []
    bookmarks = {}
    for source, future in futures:
        try:
            done = future.result()
        except SourceError as error:
            if source.required or len(missed) + 1 == len(futures):
                raise
            missed.append(f"Source {source.name!r} could not be read; it is as it was the night before: {error.what}")
            announce(f"{'pull ' + source.name:<22} failed and is not required: {error.what}")
        else:
            bookmarks[source.name] = done.bookmark
            announce(f"{'pull ' + source.name:<22} {done.row_count:>12,} rows {done.unreadable_count:>8,} unreadable "
                     f"{done.seconds:>7.1f} s  {done.protection}".rstrip())  # fmt: skip
    landed = {path.stem: path for path in sorted(landing.glob("*.parquet"))}
    if span:
        bookmarks = {}
    grown = add_load(store, landed, bookmarks, loaded_at_us=loaded_at_us, span=span, is_dry=run.dry_run)
    return grown, tuple(missed)


def tell_changes(engine: Engine, snapshot_id: str) -> None:
    """Tell how many ids of persons changed since the snapshot before."""
    changes = count_changes(engine, snapshot_id, table="kept.person_aliases")
    if changes:
        announce(f"{'person ids':<22} " + ", ".join(f"{count:,} {change}" for change, count in changes.items()))


def announce(line: str) -> None:
    """Tell whoever watches: the run's log on a Prefect server, else standard error."""
    if os.environ.get("PREFECT_API_URL"):
        get_run_logger().info(line)
    else:
        print(line, file=sys.stderr, flush=True)


class Stopwatch:
    """Announces each stage with the rows it has in all, and seconds."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def done(self, stage: str, night: Night | None = None, table: str = "") -> None:
        """Announce a stage that has ended, and start timing the next."""
        rows = f"{night.runs.listings[table].row_count:>12,} rows" if night else " " * 17
        now = time.perf_counter()
        announce(f"{stage:<22} {rows} {now - self._started:>26.1f} s")
        self._started = now


if __name__ == "__main__":
    nightly()
