"""The nightly refresh, top to bottom: pull -> events -> persons -> sessions -> journeys -> insights -> publish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from journeys.config import Settings, load_settings
from journeys.identity.aliases import count_changes
from journeys.nights import Night, Plan, open_night, plan_night, remove_earlier
from journeys.paths.journeys import find_as_of
from journeys.privacy import drop_history, hold_key, open_suppression, purge, settle
from journeys.report.blocked import refuse_blocked
from journeys.report.gates import accept, count_verdicts, judge_arrivals
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
    Removed,
    Store,
    commit,
    read_span,
    remove_unlisted,
)
from journeys.units import US_PER_DAY, time_us
from journeys.warehouse import (
    Engine,
    Manifest,
    Snapshot,
    begin_snapshot,
    hold_warehouse,
    keep_record,
    publish,
    seal,
)
from pipelines.alerts import tell_failure
from pipelines.announce import Stopwatch, announce
from pipelines.artifacts import show_artifacts
from pipelines.pulls import Run, prepare_store, pull_all, tell_removed
from pipelines.tasks import events, gates, insights, journeys, persons, retention, sessions, verify

STAGES = ("events", "persons", "sessions", "journeys", "insights", "gates", "publish")


@dataclass(frozen=True)
class Refresh:
    """How a refresh ended: its snapshot, whether it is new, where its page is, and whether it is the current one."""

    snapshot: Snapshot | None
    is_new: bool
    report: Path | None
    is_current: bool = True


@flow(name="nightly", on_failure=[tell_failure], on_crashed=[tell_failure])
def nightly(
    config: str = "journeys.toml",
    *,
    full: bool = False,
    dry_run: bool = False,
    accept_gates: bool = False,
    as_of: str | None = None,
    since: str | None = None,
    until: str | None = None,
    stored_only: bool = False,
) -> Refresh:
    """Refresh the warehouse of one configuration and publish the result.

    Args:
        config: the configuration file.
        full: make everything anew from the stored rows, and publish even when nothing is new.
        dry_run: do everything but publish.
        accept_gates: publish although gates block it; they warn.
        as_of: reproduce the night of this time from what was stored then, as a snapshot of its own; nothing is pulled.
        since: read the sources again from the start, and take what happened from this time on and is missing.
        until: with `since`: take nothing after this day (or from this time on).
        stored_only: pull nothing; make everything of what is stored.

    Raises:
        GateError: gates forbid to publish.
        JourneysError: a required source, a model or the publication failed; what was published before stays.
    """
    settings = load_settings(config)
    started_at = datetime.now(UTC)
    warehouse = settings.warehouse.path
    pulls = [] if as_of or stored_only else [f"pull {source.name}" for source in settings.sources]
    with (
        hold_warehouse(warehouse) as work,
        keep_record(warehouse, started_at, is_accepted=accept_gates, is_dry_run=dry_run) as record,
        Stopwatch(pulls, STAGES) as stage,
    ):
        hold_key(settings)
        suppression = open_suppression(settings)
        if suppression.is_pending:
            announce("forgetting", "stored rows of forgotten persons are taken out, and everything is made anew")
            purge(settings, suppression)
            full = record.run.is_accepted = True
        run = Run(settings, record, stage, suppression)
        store = prepare_store(settings)
        if as_of is not None:
            return reproduce(run, store, time_us(as_of, name="as_of", timezone=settings.project.timezone))
        span = read_span(since, until, timezone=settings.project.timezone)
        previous, damage = find_previous(settings)
        last_us = previous.manifest.as_of_us if previous else None
        store, missed = (store, ()) if stored_only else pull_all(run, store, work / "landing", span, last_us)
        if damage:
            announce(message=damage)
            missed = (*missed, damage)
        plan = plan_night(settings, store, previous, full=full)
        manifest = describe_run(settings, started_at=started_at, last_load=store.last_load, stages=plan.stages)
        if previous and is_made_from_the_same(previous.manifest, manifest) and not full:
            return keep_published(run, store, previous)

        with begin_snapshot(warehouse, manifest.snapshot_id, plan.base) as folder:
            manifest, store, removed = build(run, store, plan, manifest, folder=folder, before=previous, missed=missed)
            if dry_run:
                announce("dry run", "nothing was published")
                record.end("dry run")
                return Refresh(previous, is_new=False, report=None)
            # A run that dies in between has its rows stored, and the next one goes on with them.
            commit(store)
            snapshot = publish(warehouse, manifest, keep=settings.warehouse.keep_snapshots)
            remove_unlisted(store)
        tell_removed(removed, settings)
        for name in remove_earlier(settings, as_of_us=manifest.as_of_us):
            announce("retention", f"removed the snapshot {name}, which holds older rows")
        if suppression.is_pending:
            settle(suppression, snapshot.folder)
        done = show(settings, snapshot, is_new=True)
        stage.done("publish")
        record.end("published")
        return done


def keep_published(run: Run, store: Store, previous: Snapshot) -> Refresh:
    """End a night without anything new: judge what should have come, and write the page."""
    announce("nothing new", "the published snapshot stays")
    with Engine(memory_limit=run.settings.warehouse.memory_limit) as engine:
        engine.attach(previous.results, name="snapshot")
        verdicts = judge_arrivals(engine, run.settings, started_at=run.record.started_at)
    verdicts = accept(verdicts) if run.record.run.is_accepted else verdicts
    for each in verdicts:
        if each.status == "warned":
            announce(message=f"warning: Gate {each.gate}: {each.text}")
    refuse_blocked(run.settings, run.record, verdicts, previous)
    if not run.record.run.is_dry_run:
        commit(store)
    run.record.end("nothing new")
    return show(run.settings, previous, is_new=False)


def reproduce(run: Run, store: Store, as_of_us: int) -> Refresh:
    """Make the snapshot of an earlier night from what was stored then; the current one stays as it is."""
    plan = plan_night(run.settings, store, None, full=True)
    manifest = describe_earlier(run.settings, as_of_us=as_of_us, stages=plan.stages)
    with begin_snapshot(run.warehouse, manifest.snapshot_id, None) as folder:
        manifest, *_ = build(run, store, plan, manifest, folder=folder, before=None, missed=(), until_us=as_of_us)
        if run.record.run.is_dry_run:
            announce("dry run", "nothing was written")
            run.record.end("dry run")
            return Refresh(None, is_new=False, report=None)
        snapshot = seal(run.warehouse, manifest)
    page = write_report(run.settings, snapshot, snapshot.folder / "report.html")
    run.record.end("reproduced")
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
) -> tuple[Manifest, Store, list[Removed]]:
    """Run the stages over what the plan says.

    Returns:
        The manifest of the finished snapshot, the store it is of, and what is removed once both are published.

    Raises:
        GateError: gates forbid to publish.
    """
    for reason in plan.reasons:
        announce("made anew", reason)
    started_at, stage = run.record.started_at, run.stage
    stage.restart()
    with open_night(run.settings, folder, plan, before=before, until_us=until_us) as night:
        if run.suppression.is_pending:
            drop_history(night.engine, run.settings, run.suppression)
        events(night, store.list_files(after=plan.last_load, until_us=until_us))
        stage.done("events", rows=night.count("accepted_rows"), rejected=night.count("rejected_events"))
        as_of_us = find_as_of(night.engine, run.settings)
        store, removed = retention(night, store, as_of_us, started_at)
        persons(night, manifest.snapshot_id, started_at)
        stage.done("persons", rows=night.count("person_identifiers"))
        tell_changes(night, manifest.snapshot_id)
        sessions(night)
        stage.done("sessions", rows=night.count("sessions"))
        journeys(night, as_of_us)
        stage.done("journeys", rows=night.count("journeys"))
        tell_late(night, as_of_us)
        if run.settings.warehouse.verify_persons:
            count = verify(night, manifest.snapshot_id, started_at, as_of_us)
            stage.done("verify", f"{count:,} persons worked out again are what is kept of them")
        insights(night, as_of_us, missed)
        stage.done("insights")
        if until_us is None:
            verdicts = gates(night, run.record, manifest.snapshot_id, before)
            stage.done("gates", message=count_verdicts(verdicts))
            refuse_blocked(run.settings, run.record, verdicts, before)
        manifest = replace(complete_manifest(manifest, night, as_of_us=as_of_us), removal=store.removal)
        record_run(night.engine, manifest, started_at=started_at)
    return manifest, store, removed


def tell_changes(night: Night, snapshot_id: str) -> None:
    """Tell how many ids of persons changed since the snapshot before."""
    changes = count_changes(night.engine, snapshot_id, table="kept.person_aliases")
    if changes:
        announce("person ids", ", ".join(f"{count:,} {change}" for change, count in changes.items()))


def tell_late(night: Night, as_of_us: int) -> None:
    """Tell what late events have changed."""
    if night.late_since_us is not None:
        days = -(-(as_of_us - night.late_since_us) // US_PER_DAY)
        announce("late events", f"{night.late_count:,} happened before the last end of observation; "
                 f"changed {night.changed_journey_count:,} journeys of the last {days:,} days")  # fmt: skip


def show(settings: Settings, snapshot: Snapshot, *, is_new: bool) -> Refresh:
    """Write the page of what is published, and leave its figures on the Prefect server."""
    report = write_report(settings, snapshot)
    show_artifacts(settings, snapshot, report)
    return Refresh(snapshot, is_new=is_new, report=report)
