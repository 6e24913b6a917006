"""What a night has to do: which loads it takes, what it goes on from, and what it makes anew."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.config import Settings
from journeys.nights.night import Rebuild
from journeys.nights.stages import Stages, find_rebuild, fingerprint_stages
from journeys.sources.store import Store
from journeys.warehouse import Snapshot

EVERYTHING = Rebuild(rows=True, identity=True, rules=True, streams=True)


@dataclass(frozen=True)
class Plan:
    """What a night has to do.

    Attributes:
        base: the snapshot whose kept tables it goes on from; none where all rows are judged anew.
        last_load: loads up to this number are in them already.
        rebuild: which stages are made anew.
        reasons: why, a text each, for the log.
        stages: what each stage is made with this time.
    """

    base: Snapshot | None
    last_load: int
    rebuild: Rebuild
    reasons: tuple[str, ...]
    stages: Stages


def plan_night(settings: Settings, store: Store, previous: Snapshot | None, *, full: bool) -> Plan:
    """Compare what is stored and configured with what the snapshot before was made from.

    Args:
        settings: the configuration.
        store: with what was pulled this night.
        previous: the published snapshot.
        full: make everything anew from the stored rows.
    """
    stages = fingerprint_stages(settings)
    if previous is None:
        return Plan(None, 0, EVERYTHING, (), stages)
    if not previous.is_of_this_version:
        reason = "everything, for the published snapshot has the tables of an older version"
    elif full:
        reason = "everything, as asked"
    elif previous.manifest.last_load > store.last_load:
        reason = "everything, for the store has fewer loads than the published snapshot"
    elif previous.manifest.removal != store.removal:
        reason = "everything, for rows were removed by their age since the published snapshot was made"
    else:
        rebuild, changed = find_rebuild(previous.manifest.stages, stages)
        reasons = tuple(f"what depends on {name}, which has changed" for name in changed)
        if not rebuild.rows:
            return Plan(previous, previous.manifest.last_load, rebuild, reasons, stages)
        return Plan(None, 0, EVERYTHING, reasons, stages)
    return Plan(None, 0, EVERYTHING, (reason,), stages)
