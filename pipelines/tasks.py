"""The tasks of the flows: each is one call of a library verb."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from journeys.config import Settings, Source
from journeys.errors import SourceError
from journeys.nights import (
    Night,
    add_rows,
    finish_tables,
    rebuild_journeys,
    rebuild_sessions,
    remove_expired,
    resolve_persons,
    verify_persons,
)
from journeys.privacy import pull_protected
from journeys.report.answers import store_answers
from journeys.report.gates import Verdict, accept_verdicts, judge_gates
from journeys.sources import PullReport, Removed, Store, TransientSourceError
from journeys.warehouse import RunRecord, Snapshot
from pipelines.announce import announce

PULL_RETRIES = 3


def heals(_task: Any, _run: Any, state: Any) -> bool:
    """Say whether trying again can help: only when a network or database did not answer."""
    error = state.result(raise_on_failure=False)
    if isinstance(error, TransientSourceError):
        announce(message=f"{error.what}: {error.found}; tried up to {PULL_RETRIES} times more")
    return isinstance(error, TransientSourceError)


@task(cache_policy=NO_CACHE, retries=PULL_RETRIES, retry_delay_seconds=[2, 10, 30], retry_condition_fn=heals)
def pull(source: Source, settings: Settings, landing: Path, loaded_at_us: int, store: Store) -> PullReport:
    """Read what is new in one source into the landing folder."""
    try:
        return pull_protected(
            source,
            settings,
            folder=landing,
            loaded_at_us=loaded_at_us,
            bookmark=store.bookmark(source.name),
            known_rows=store.known_rows_of(source.name),
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
def retention(night: Night, store: Store, as_of_us: int, started_at: datetime) -> tuple[Store, list[Removed]]:
    """Remove the rows that are older than they may be kept."""
    return remove_expired(night, store, as_of_us=as_of_us, started_at=started_at)


@task(cache_policy=NO_CACHE)
def persons(night: Night, snapshot_id: str, started_at: datetime) -> None:
    """Work out who is who, where evidence came."""
    resolve_persons(night, snapshot_id=snapshot_id, changed_at=started_at)


@task(cache_policy=NO_CACHE)
def sessions(night: Night) -> None:
    """Cut the touched streams into visits and sessions; find bots and accounts."""
    rebuild_sessions(night)


@task(cache_policy=NO_CACHE)
def journeys(night: Night, as_of_us: int) -> None:
    """Find the touchpoints and journeys of the touched persons."""
    rebuild_journeys(night, as_of_us=as_of_us)


@task(cache_policy=NO_CACHE)
def verify(night: Night, snapshot_id: str, started_at: datetime, as_of_us: int) -> int:
    """Work out a sample of persons again and compare; return of how many."""
    count = night.settings.warehouse.verify_persons
    return verify_persons(night, count=count, snapshot_id=snapshot_id, changed_at=started_at, as_of_us=as_of_us)


@task(cache_policy=NO_CACHE)
def insights(night: Night, as_of_us: int, missed: tuple[str, ...]) -> None:
    """Finish the tables, and compute funnels, transitions, touchpoints and key figures."""
    finish_tables(night, as_of_us=as_of_us)
    with night.engine.cursor() as own:
        store_answers(own, night.settings, as_of_us=as_of_us, missed=missed)


@task(cache_policy=NO_CACHE)
def gates(night: Night, record: RunRecord, snapshot_id: str, previous: Snapshot | None) -> tuple[Verdict, ...]:
    """Judge the finished night before it is published."""
    with night.engine.cursor() as own:
        verdicts = judge_gates(
            own, night.settings, snapshot_id=snapshot_id, started_at=record.started_at, previous=previous
        )
        return accept_verdicts(own, verdicts) if record.run.is_accepted else verdicts
