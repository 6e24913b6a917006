"""The history of person ids: an id is a function of the evidence, and where evidence changed it, the change is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from journeys.warehouse import Engine, build, quote_text

_NO_IDENTIFIERS = "SELECT '' AS person_id, '' AS identifier_kind, '' AS identifier_value LIMIT 0"
_NO_ALIASES = (
    "SELECT '' AS snapshot_id, CAST(NULL AS TIMESTAMP) AS changed_at, '' AS old_person_id, '' AS new_person_id, "
    "'' AS change, CAST(0 AS BIGINT) AS identifier_count LIMIT 0"
)


def record_aliases(engine: Engine, previous: Path | None, *, snapshot_id: str, changed_at: datetime) -> None:
    """Write `person_aliases`: the changes kept by the snapshot before, and those since.

    Args:
        engine: holds `person_identifiers` of this run.
        previous: results of the snapshot before; none if this is the first.
        snapshot_id: the snapshot this run makes.
        changed_at: start of this run.
    """
    identifiers, aliases = _NO_IDENTIFIERS, _NO_ALIASES
    if previous:
        engine.run(f"ATTACH {quote_text(str(previous))} AS previous_night (READ_ONLY)")
        kept = {row[0] for row in engine.rows("SELECT table_name FROM duckdb_tables() "
                                              "WHERE database_name = 'previous_night'")}  # fmt: skip
        identifiers = "SELECT * FROM previous_night.person_identifiers"
        if "person_aliases" in kept:
            aliases = "SELECT * FROM previous_night.person_aliases"
    engine.save("previous_person_identifiers", identifiers)
    engine.save("previous_person_aliases", aliases)
    if previous:
        engine.run("DETACH previous_night")
    moment = changed_at.astimezone(UTC).replace(tzinfo=None)
    build(engine, ["person_aliases"], parameters={"snapshot_id": snapshot_id, "changed_at": moment})
    for name in ("previous_person_identifiers", "previous_person_aliases"):
        engine.run(f"DROP TABLE {name}")


def count_changes(engine: Engine, snapshot_id: str) -> dict[str, int]:
    """Count the ids that changed in one night, by what happened to them: renamed, merged, split."""
    return dict(
        engine.rows(
            "SELECT change, COUNT(DISTINCT old_person_id) FROM person_aliases WHERE snapshot_id = $snapshot_id "
            "GROUP BY change ORDER BY change",
            {"snapshot_id": snapshot_id},
        )
    )
