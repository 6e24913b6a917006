"""How the warehouse stands, as lines for whoever is woken by it: what happened, what was kept, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from journeys.report.formats import seconds_text
from journeys.report.labels import clean_text, shorten
from journeys.report.status import Status
from journeys.warehouse import LastRun

_HAPPENED = {
    "published": "published a new snapshot",
    "nothing new": "found nothing new; the snapshot before is still right",
    "reproduced": "reproduced an earlier night; what is published stayed",
    "dry run": "was a dry run; nothing was to be published",
    "running": "is running now",
    "blocked": "was NOT published: gates blocked it",
    "failed": "FAILED",
    "died": "DIED: it was killed, or its machine went down",
    "unreadable": "left a record that cannot be read",
}
_LEVELS = ("blocked", "warned", "not judged", "passed")
_MOST_LINES = 40
_MOST_KEPT = 10
_WIDTH = 400


def status_lines(status: Status, config: Path, *, now: datetime) -> Iterator[str]:
    """Yield the status, a line each; names and texts from data are made safe for a terminal."""
    run = status.last_run
    yield from _run_lines(run, now)
    yield from _published_lines(status)
    yield from _do_lines(status, config)
    yield from _source_lines(status)
    yield from _kept_lines(status)
    yield from _gate_lines(status)


def _run_lines(run: LastRun | None, now: datetime) -> Iterator[str]:
    if run is None:
        yield "last run     none is recorded"
        return
    yield f"last run     {_HAPPENED[run.outcome]}"
    if run.started_at:
        yield f"started      {_show(run.started_at)}{_ago(run.started_at, now)}"
    if run.ended_at:
        yield f"ended        {_show(run.ended_at)}"
    if run.outcome in ("running", "died"):
        yield f"process      {run.pid}"
    lines = run.error_text.splitlines()
    if run.outcome == "blocked":  # what was kept and what to do stands below
        lines = [line for line in lines if not line.startswith(("  kept", "  do"))]
    for place, line in enumerate(lines[:_MOST_LINES]):
        yield f"{'why' if place == 0 else '':<12} {_show(line)}"
    if run.is_accepted:
        yield "accepted     it was started with --accept-gates: what would have blocked warned"


def _published_lines(status: Status) -> Iterator[str]:
    published = status.published
    if published:
        when = f", published {published.published_at}" if published.published_at else ""
        yield f"\nkept         snapshot {_show(published.snapshot_id)}{when}; readers see it"
        yield f"as of        {published.as_of}, {_age(published.age_seconds)} ago"
        return
    lines = status.problem.splitlines() or ["nothing is published"]
    for place, line in enumerate(lines):
        text = f"{'kept' if place == 0 else '':<12} {_show(line)}"
        yield f"\n{text}" if place == 0 else text


def _do_lines(status: Status, config: Path) -> Iterator[str]:
    run, refresh = status.last_run, f"journeys refresh -c {config}"
    if status.problem:
        yield f"do           {refresh} --full"
    elif run is None:
        yield f"do           {refresh}" if status.published is None else "do           nothing"
    elif run.outcome == "running":
        yield "do           wait; readers are not disturbed"
    elif run.outcome == "blocked":
        yield f"do           look at what is named above and refresh again: {refresh}"
        yield "             or set the gate to 'warn', or another limit, in [gates] of the configuration"
        yield f"             or publish this night as it is: {refresh} --accept-gates"
    elif run.outcome == "failed":
        yield f"do           mend what is named above, then: {refresh}"
    elif run.outcome in ("died", "unreadable"):
        yield f"do           {refresh}; it clears up what was left, nothing else is needed"
    elif any(each.get("status") == "warned" for each in status.verdicts):
        yield "do           look at the gates that warned, below"
    else:
        yield "do           nothing"


def _source_lines(status: Status) -> Iterator[str]:
    if not status.published:
        return
    yield "\nlast event of each source"
    for row in status.published.sources:
        yield f"  {_show(row['source']):<24} {row['last_event_at'] or 'no event'}"


def _kept_lines(status: Status) -> Iterator[str]:
    if not status.kept:
        return
    yield "\nfurther snapshots that one may go back to"
    for row in status.kept[:_MOST_KEPT]:
        yield f"  {_show(row['snapshot_id']):<24} as of {row['as_of']}"
    if len(status.kept) > _MOST_KEPT:
        yield f"  and {len(status.kept) - _MOST_KEPT:,} more (--format json shows all)"


def _gate_lines(status: Status) -> Iterator[str]:
    verdicts = sorted(status.verdicts, key=_level)
    counts = {name: sum(each.get("status") == name for each in verdicts) for name in _LEVELS}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    yield f"\ngates        {told or 'none judged'}"
    shown = [each for each in verdicts if each.get("status") in ("blocked", "warned")]
    for each in shown[:_MOST_LINES]:
        yield f"  {_show(each.get('status')):<8} {_show(each.get('gate'))}: {_show(each.get('text'))}"
    if len(shown) > _MOST_LINES:
        yield f"  and {len(shown) - _MOST_LINES:,} more (--format json shows all)"


def _level(verdict: Mapping[str, Any]) -> int:
    status = verdict.get("status")
    return _LEVELS.index(status) if status in _LEVELS else len(_LEVELS)


def _show(text: object) -> str:
    return shorten(clean_text(text), _WIDTH)


def _ago(moment: str, now: datetime) -> str:
    try:
        seconds = (now - datetime.fromisoformat(moment)).total_seconds()
    except (ValueError, TypeError):
        return ""
    return f", {_age(seconds)} ago"


def _age(seconds: float) -> str:
    return seconds_text(max(0, seconds)).replace("\N{NARROW NO-BREAK SPACE}", " ")
