"""What the page of the published snapshot says of a later refresh that was not published."""

from __future__ import annotations

from pathlib import Path

from journeys.report.content import Notice
from journeys.warehouse import read_last_run


def find_notice(warehouse: Path, snapshot_id: str) -> Notice | None:
    """Return why the last refresh was blocked, when this is the snapshot that stayed; else None."""
    run = read_last_run(warehouse)
    if run is None or run.outcome != "blocked" or run.is_dry_run or run.snapshot_id != snapshot_id:
        return None
    blocked = [each for each in run.verdicts if each.get("status") == "blocked"]
    reasons = tuple(f"{each.get('gate')}: {each.get('text')}" for each in blocked)
    return Notice(run.started_at, reasons or (run.error_text,))
