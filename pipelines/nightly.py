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
from journeys.report.answers import store_answers
<<<<<<< HEAD
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
    apply_mappings,
    open_store,
    pull_source,
    read_span,
    remove_unlisted,
)
from journeys.units import US_PER_SECOND, time_us
from journeys.warehouse import Engine, Manifest, Snapshot, begin_snapshot, hold_warehouse, publish, seal
=======
from journeys.report.blocked import refuse_blocked
from journeys.report.gates import Verdict, accept, accept_verdicts, count_verdicts, judge_arrivals, judge_gates
from journeys.report.publication import describe_run, find_previous, record_run, write_report
from journeys.sessions import build_sessions
from journeys.sources import PullReport, TransientSourceError, pull_source
from journeys.sources.events import build_events
from journeys.units import US_PER_SECOND
from journeys.warehouse import Engine, RunRecord, Snapshot, hold_warehouse, keep_record, publish
from journeys.warehouse.snapshots import RESULTS_FILE
>>>>>>> gates

PULL_RETRIES = 3


@dataclass(frozen=True)
class Refresh:
    """How a refresh ended: its snapshot, whether it is new, where its page is, and whether it is the current one."""

    snapshot: Snapshot | None
    is_new: bool
    report: Path | None
    is_current: bool = True


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
        return pull_source(
            source,
            settings.project,
            folder=landing,
            settings_folder=settings.folder,
            loaded_at_us=loaded_at_us,
            bookmark=bookmark,
        )
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


@task(cache_policy=NO_CACHE)
def gates(
    engine: Engine, settings: Settings, record: RunRecord, snapshot_id: str, previous: Snapshot | None
) -> tuple[Verdict, ...]:
    """Judge the finished night before it is published."""
    with engine.cursor() as own:
        verdicts = judge_gates(own, settings, snapshot_id=snapshot_id, started_at=record.started_at, previous=previous)
        return accept_verdicts(own, verdicts) if record.run.is_accepted else verdicts


def arrivals(engine: Engine, settings: Settings, record: RunRecord, previous: Snapshot) -> None:
    """Judge a night without anything new by what should have come."""
    verdicts = judge_arrivals(engine, settings, started_at=record.started_at)
    verdicts = accept(verdicts) if record.run.is_accepted else verdicts
    for each in verdicts:
        if each.status == "warned":
            announce(f"warning: Gate {each.gate}: {each.text}")
    refuse_blocked(settings, record, verdicts, previous)


@flow(name="nightly")
def nightly(
<<<<<<< HEAD
    config: str = "journeys.toml",
    *,
    full: bool = False,
    dry_run: bool = False,
    as_of: str | None = None,
    since: str | None = None,
    until: str | None = None,
=======
    config: str = "journeys.toml", *, full: bool = False, dry_run: bool = False, accept_gates: bool = False
>>>>>>> gates
) -> Refresh:
    """Refresh the warehouse of one configuration and publish the result.

    Args:
        config: the configuration file.
        full: make everything anew from the stored rows, and publish even when nothing is new.
        dry_run: do everything but publish.
<<<<<<< HEAD
        as_of: reproduce the night of this time from what was stored then, as a snapshot of its own; nothing is pulled.
        since: read the sources again from the start, and take what happened from this time on and is missing.
        until: with `since`: take nothing from this time on.
=======
        accept_gates: publish although gates block it; they warn.
>>>>>>> gates

    Raises:
        GateError: gates forbid to publish.
        JourneysError: a required source, a model or the publication failed; what was published before stays.
    """
    settings = load_settings(config)
<<<<<<< HEAD
    run = Run(settings, datetime.now(UTC), full=full, dry_run=dry_run)
    with hold_warehouse(settings.warehouse.path) as work:
        store = open_store(settings.warehouse.path)
        remove_unlisted(store)
        store, mapped = apply_mappings(store, settings.sources, settings.project)
        for name in mapped:
            announce(f"{'mapped anew':<22} the stored rows of source {name!r}, whose mapping has changed")
        if as_of is not None:
            return reproduce(run, store, time_us(as_of, name="as_of", timezone=settings.project.timezone))
        span = read_span(since, until, timezone=settings.project.timezone)
        store, missed = pull_all(run, store, work / "landing", span)
=======
    started_at = datetime.now(UTC)
    with (
        hold_warehouse(settings.warehouse.path) as work,
        keep_record(settings.warehouse.path, started_at, is_accepted=accept_gates, is_dry_run=dry_run) as record,
    ):
        landing = work / "landing"
        landing.mkdir()
        missed = pull_all(settings, landing, started_at)
>>>>>>> gates
        previous, damage = find_previous(settings)
        if damage:
            announce(damage)
            missed = (*missed, damage)
        plan = plan_night(settings, store, previous, full=full)
        manifest = describe_run(settings, started_at=run.started_at, last_load=store.last_load, stages=plan.stages)
        if previous and is_made_from_the_same(previous.manifest, manifest) and not full:
            announce("nothing new            the published snapshot stays")
            return Refresh(previous, is_new=False, report=write_report(settings, previous))

<<<<<<< HEAD
        with begin_snapshot(settings.warehouse.path, manifest.snapshot_id, plan.base) as folder:
            manifest = build(run, store, plan, manifest, folder=folder, before=previous, missed=missed)
            if dry_run:
                announce("dry run                nothing was published")
                return Refresh(previous, is_new=False, report=None)
            snapshot = publish(settings.warehouse.path, manifest, keep=settings.warehouse.keep_snapshots)
        return Refresh(snapshot, is_new=True, report=write_report(settings, snapshot))
=======
        stage = Stopwatch()
        with Engine(work / RESULTS_FILE, memory_limit=settings.warehouse.memory_limit) as engine:
            events(engine, settings, landing)
            stage.done("events", engine, "events", rejects="rejected_events")
            manifest = describe_run(engine, settings, started_at=started_at)
            if previous and previous.manifest.is_made_from(manifest) and not full:
                announce("nothing new            the published snapshot stays")
                arrivals(engine, settings, record, previous)
                record.end("nothing new")
                return Refresh(previous, is_new=False, report=write_report(settings, previous))

            as_of_us = find_as_of(engine, settings)
            persons(engine, settings)
            stage.done("persons", engine, "persons")
            aliases(engine, manifest.snapshot_id, previous, started_at)
            sessions(engine)
            stage.done("sessions", engine, "sessions")
            journeys(engine, settings, as_of_us)
            stage.done("journeys", engine, "journeys")
            insights(engine, settings, as_of_us, missed)
            stage.done("insights", engine, "touchpoint_stats")
            verdicts = gates(engine, settings, record, manifest.snapshot_id, previous)
            announce(f"{'gates':<22} {count_verdicts(verdicts)}")
            refuse_blocked(settings, record, verdicts, previous)
            manifest = replace(manifest, as_of_us=as_of_us)
            record_run(engine, manifest, previous, started_at=started_at)

        if dry_run:
            announce("dry run                nothing was published")
            record.end("dry run")
            return Refresh(previous, is_new=False, report=None)
        snapshot = publish(settings.warehouse.path, work, manifest, keep=settings.warehouse.keep_snapshots)
        report = write_report(settings, snapshot)
        stage.done("publish")
        record.end("published")
        return Refresh(snapshot, is_new=True, report=report)
>>>>>>> gates


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
    page = write_report(run.settings, snapshot, snapshot.folder / "report.html")
    return Refresh(snapshot, is_new=True, report=page, is_current=False)


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
    reports = {}
    for source, future in futures:
        try:
            done = future.result()
        except SourceError as error:
            if source.required or len(missed) + 1 == len(futures):
                raise
            missed.append(f"Source {source.name!r} could not be read; it is as it was the night before: {error.what}")
            announce(f"{'pull ' + source.name:<22} failed and is not required: {error.what}")
        else:
            reports[source.name] = done
            announce(f"{'pull ' + source.name:<22} {done.row_count:>12,} rows {done.unreadable_count:>8,} unreadable "
                     f"{done.seconds:>7.1f} s")  # fmt: skip
    landed = {path.stem: path for path in sorted(landing.glob("*.parquet"))}
    grown = add_load(store, landed, reports, loaded_at_us=loaded_at_us, span=span, is_dry=run.dry_run)
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
