"""The nightly refresh, top to bottom: pull -> events -> persons -> sessions -> journeys -> insights -> publish."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture

from journeys.config import Settings, Source, load_settings
from journeys.errors import SourceError
from journeys.identity import build_persons
from journeys.identity.aliases import count_changes, record_aliases
from journeys.paths.journeys import build_journeys, find_as_of
from journeys.report.answers import store_answers
from journeys.report.publication import describe_run, find_previous, record_run, write_report
from journeys.sessions import build_sessions
from journeys.sources import PullReport, TransientSourceError, pull_source
from journeys.sources.events import build_events
from journeys.units import US_PER_SECOND
from journeys.warehouse import Engine, Snapshot, hold_warehouse, publish
from journeys.warehouse.snapshots import RESULTS_FILE

PULL_RETRIES = 3


@dataclass(frozen=True)
class Refresh:
    """How a refresh ended: the current snapshot, whether it is new, and where its page is."""

    snapshot: Snapshot | None
    is_new: bool
    report: Path | None


def heals(_task: Any, _run: Any, state: Any) -> bool:
    """Say whether trying again can help: only when a network or database did not answer."""
    error = state.result(raise_on_failure=False)
    if isinstance(error, TransientSourceError):
        print(f"{error.what}: {error.found}; tried up to {PULL_RETRIES} times more", file=sys.stderr, flush=True)
    return isinstance(error, TransientSourceError)


@task(cache_policy=NO_CACHE, retries=PULL_RETRIES, retry_delay_seconds=[2, 10, 30], retry_condition_fn=heals)
def pull(source: Source, settings: Settings, landing: Path, loaded_at_us: int) -> PullReport:
    """Read one source completely into the landing folder."""
    try:
        return pull_source(
            source, settings.project, folder=landing, settings_folder=settings.folder, loaded_at_us=loaded_at_us
        )
    except SourceError as error:
        failure = error
    # Prefect keeps the error: it leaves without the frames it came through, which hold the pull's database open.
    failure.__cause__ = failure.__context__ = None
    raise failure.with_traceback(None)


@task(cache_policy=NO_CACHE)
def events(engine: Engine, settings: Settings, landing: Path) -> None:
    """Judge the rows: one event each, channel, bots, device visits; rejects kept."""
    with engine.cursor() as own:
        build_events(
            own,
            settings,
            [file for file in sorted(landing.glob("*.parquet")) if not file.name.endswith(".rows.parquet")],
        )


@task(cache_policy=NO_CACHE)
def persons(engine: Engine, settings: Settings) -> None:
    """Work out who is who."""
    with engine.cursor() as own:
        build_persons(own, settings)


def aliases(engine: Engine, snapshot_id: str, previous: Snapshot | None, started_at: datetime) -> None:
    """Keep the ids of persons that changed since the snapshot before, and tell how many did."""
    results = previous.results if previous else None
    record_aliases(engine, results, snapshot_id=snapshot_id, changed_at=started_at)
    changes = count_changes(engine, snapshot_id)
    if changes:
        announce(f"{'person ids':<22} " + ", ".join(f"{count:,} {change}" for change, count in changes.items()))


@task(cache_policy=NO_CACHE)
def sessions(engine: Engine) -> None:
    """Cut device visits into sessions."""
    with engine.cursor() as own:
        build_sessions(own)


@task(cache_policy=NO_CACHE)
def journeys(engine: Engine, settings: Settings, as_of_us: int) -> None:
    """Find touchpoints and journeys."""
    with engine.cursor() as own:
        build_journeys(own, settings, as_of_us=as_of_us)


@task(cache_policy=NO_CACHE)
def insights(engine: Engine, settings: Settings, as_of_us: int, missed: tuple[str, ...]) -> None:
    """Compute funnels, transitions, touchpoints and key figures."""
    with engine.cursor() as own:
        store_answers(own, settings, as_of_us=as_of_us, missed=missed)


@flow(name="nightly")
def nightly(config: str = "journeys.toml", *, full: bool = False, dry_run: bool = False) -> Refresh:
    """Refresh the warehouse of one configuration and publish the result.

    Args:
        config: the configuration file.
        full: rebuild and publish even when nothing is new.
        dry_run: do everything but publish.

    Raises:
        JourneysError: a required source, a model or the publication failed; what was published before stays.
    """
    settings = load_settings(config)
    started_at = datetime.now(UTC)
    with hold_warehouse(settings.warehouse.path) as work:
        landing = work / "landing"
        landing.mkdir()
        missed = pull_all(settings, landing, started_at)
        previous, damage = find_previous(settings)
        if damage:
            announce(damage)
            missed = (*missed, damage)

        stage = Stopwatch()
        with Engine(work / RESULTS_FILE, memory_limit=settings.warehouse.memory_limit) as engine:
            events(engine, settings, landing)
            stage.done("events", engine, "events", rejects="rejected_events")
            manifest = describe_run(engine, settings, started_at=started_at)
            if previous and previous.manifest.is_made_from(manifest) and not full:
                announce("nothing new            the published snapshot stays")
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
            manifest = replace(manifest, as_of_us=as_of_us)
            record_run(engine, manifest, previous, started_at=started_at)

        if dry_run:
            announce("dry run                nothing was published")
            return Refresh(previous, is_new=False, report=None)
        snapshot = publish(settings.warehouse.path, work, manifest, keep=settings.warehouse.keep_snapshots)
        report = write_report(settings, snapshot)
        stage.done("publish")
        return Refresh(snapshot, is_new=True, report=report)


def pull_all(settings: Settings, landing: Path, started_at: datetime) -> tuple[str, ...]:
    """Pull all sources at once; return a warning for each optional one that failed.

    Raises:
        SourceError: a required source failed, or all of them did.
    """
    loaded_at_us = int(started_at.timestamp() * US_PER_SECOND)
    futures: list[tuple[Source, PrefectFuture[PullReport]]] = [
        (source, pull.with_options(name=f"pull {source.name}").submit(source, settings, landing, loaded_at_us))
        for source in settings.sources
    ]
    missed: list[str] = []
    told: list[str] = []
    for source, future in futures:
        try:
            done = future.result()
        except SourceError as error:
            if source.required or len(missed) + 1 == len(futures):
                raise
            missed.append(f"Source {source.name!r} could not be read and is missing in this snapshot: {error.what}")
            announce(f"{'pull ' + source.name:<22} failed and is not required: {error.what}")
        else:
            announce(f"{'pull ' + source.name:<22} {done.row_count:>12,} rows {done.unreadable_count:>8,} unreadable "
                     f"{done.seconds:>7.1f} s")  # fmt: skip
            for text in (*done.drift, *done.notes):
                announce(f"{'pull ' + source.name:<22} {text}")
                told.append(text)
    return (*missed, *told)


def announce(line: str) -> None:
    """Tell whoever watches: the run's log on a Prefect server, else standard error."""
    if os.environ.get("PREFECT_API_URL"):
        get_run_logger().info(line)
    else:
        print(line, file=sys.stderr, flush=True)


class Stopwatch:
    """Announces each stage with its rows, rejected rows and seconds."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def done(self, stage: str, engine: Engine | None = None, table: str = "", *, rejects: str = "") -> None:
        """Announce a stage that has ended, and start timing the next."""
        rows = f"{engine.row_count(table):>12,} rows" if engine else " " * 17
        refused = f"{engine.row_count(rejects):>8,} rejected  " if engine and rejects else " " * 19
        now = time.perf_counter()
        announce(f"{stage:<22} {rows} {refused}{now - self._started:>7.1f} s")
        self._started = now


if __name__ == "__main__":
    nightly()
