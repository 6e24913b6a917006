"""What a run does when gates forbid to publish: it says so in its record, on the page that stays, and as its error."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.config import Settings
from journeys.errors import GateError, JourneysError
from journeys.report.gates import Verdict
from journeys.report.publication import write_report
from journeys.warehouse import RunRecord, Snapshot


def refuse_blocked(
    settings: Settings, record: RunRecord, verdicts: Sequence[Verdict], previous: Snapshot | None
) -> None:
    """Note the verdicts in the record of the run, and end it when one of them blocks.

    Args:
        settings: the configuration.
        record: of this run; its page is not touched where it is a dry run.
        verdicts: what the gates found.
        previous: the snapshot that stays published.

    Raises:
        GateError: `gates-blocked`; lists every verdict that blocks, what stays, and the ways on.
    """
    record.judged([each.to_dict() for each in verdicts])
    reasons = [f"{each.gate}: {each.text}" for each in verdicts if each.status == "blocked"]
    if not reasons:
        return
    kept = f"snapshot {previous.manifest.snapshot_id} stays published" if previous else "nothing was published before"
    do = (
        f"look at the sources and numbers named above and refresh again; or set the gate to 'warn' or another limit in "
        f"[gates]; or publish this night as it is: journeys refresh --accept-gates -c {settings.path}"
    )
    error = GateError(reasons, kept=kept, do=do)
    record.fail(error)
    if previous and not record.run.is_dry_run:
        try:
            write_report(settings, previous)
        except JourneysError as failure:
            error.kept += f"; its page does not tell of this, for it cannot be written anew: {failure.what}"
    raise error
