"""The history of person ids: an id is a function of the evidence, and where evidence changed it, the change is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from journeys.warehouse import Engine, build

NO_ALIASES = (
    "SELECT '' AS snapshot_id, CAST(NULL AS TIMESTAMP) AS changed_at, '' AS old_person_id, '' AS new_person_id, "
    "'' AS change, CAST(0 AS BIGINT) AS identifier_count LIMIT 0"
)


def record_aliases(engine: Engine, *, snapshot_id: str, changed_at: datetime) -> None:
    """Write `person_aliases`: the changes known before, and those since.

    Args:
        engine: holds `person_identifiers`, `previous_person_identifiers` (whose they were the night before) and
            `previous_person_aliases`; all identifiers of a person that was looked at again stand in both.
        snapshot_id: the snapshot this run makes.
        changed_at: start of this run.
    """
    moment = changed_at.astimezone(UTC).replace(tzinfo=None)
    build(engine, ["person_aliases"], parameters={"snapshot_id": snapshot_id, "changed_at": moment})


def count_changes(engine: Engine, snapshot_id: str, *, table: str = "person_aliases") -> dict[str, int]:
    """Count the ids that changed in one night, by what happened to them: renamed, merged, split."""
    return dict(
        engine.rows(
            f"SELECT change, COUNT(DISTINCT old_person_id) FROM {table} WHERE snapshot_id = $snapshot_id "
            "GROUP BY change ORDER BY change",
            {"snapshot_id": snapshot_id},
        )
    )
