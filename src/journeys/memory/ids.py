"""Which usable rows of a log in memory are events, and by which id: the rule of `numbered_rows`, for one source."""

from __future__ import annotations

from journeys.errors import InputError
from journeys.sources.frame import content_sql
from journeys.sources.frame_data import FRAME_TABLE, ROW_COLUMN, FrameTable
from journeys.warehouse import Engine


def identify_rows(engine: Engine, frame: FrameTable, *, has_ids: bool) -> str:
    """Write a SELECT of the events among the usable `read_rows`, with their final `event_id`.

    A row without an id of its own is named for a hash of its content and its number among identical rows. Of rows of
    one id the earliest counts, then the one with the smallest content. Rows with ids that are all different, which is
    the common case, are the events as they are.

    Raises:
        InputError: an id is the very hash that names a row without one.
    """
    is_complete = has_ids and not _find(engine, "event_id IS NULL")
    if is_complete and not _find(engine, "TRUE GROUP BY event_id HAVING COUNT(*) > 1"):
        return "SELECT * EXCLUDE (reason) FROM read_rows WHERE reason IS NULL"
    _number_rows(engine, frame, has_ids=has_ids, is_complete=is_complete)
    return (
        f"SELECT read_rows.* EXCLUDE (reason{', event_id' if has_ids else ''}), final_ids.event_id "
        "FROM read_rows INNER JOIN final_ids ON final_ids.line = read_rows.line"
    )


def _find(engine: Engine, condition: str) -> bool:
    return bool(engine.rows(f"SELECT 1 FROM read_rows WHERE reason IS NULL AND {condition} LIMIT 1"))


def _number_rows(engine: Engine, frame: FrameTable, *, has_ids: bool, is_complete: bool) -> None:
    """Write `final_ids`: of each row that is kept its `line` and `event_id`. Only keys that repeat are ranked."""
    own = "read_rows.event_id" if has_ids else "CAST(NULL AS VARCHAR)"
    content = content_sql(frame)
    hashed = f"'content' || CHR(31) || MD5('frame' || CHR(31) || {content})"
    key = f"CASE WHEN {own} IS NULL THEN {hashed} ELSE 'id' || CHR(31) || {own} END"
    joined = f"INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{ROW_COLUMN} = read_rows.line"
    engine.save(
        "row_keys",
        f"SELECT line, occurred_at_us, {own} AS own_id, {own if is_complete else key} AS repeat_key "
        f"FROM read_rows {'' if is_complete else joined} WHERE reason IS NULL",
    )
    engine.save(
        "final_ids",
        f"""
        WITH repeated AS (SELECT repeat_key FROM row_keys GROUP BY repeat_key HAVING COUNT(*) > 1),
        ranked AS (
          SELECT row_keys.line,
            ROW_NUMBER() OVER (
              PARTITION BY row_keys.repeat_key ORDER BY row_keys.occurred_at_us, {content}, row_keys.line
            ) AS ordinal
          FROM row_keys
          INNER JOIN repeated ON repeated.repeat_key = row_keys.repeat_key
          INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{ROW_COLUMN} = row_keys.line
        ),
        placed AS (
          SELECT row_keys.*, COALESCE(ranked.ordinal, 1) AS ordinal
          FROM row_keys LEFT JOIN ranked ON ranked.line = row_keys.line
        )
        SELECT line, COALESCE(own_id, MD5(repeat_key || CHR(31) || CAST(ordinal AS VARCHAR))) AS event_id
        FROM placed WHERE own_id IS NULL OR ordinal = 1
        """,
    )
    engine.run("DROP TABLE row_keys")
    if has_ids and not is_complete:
        _refuse_hashes(engine)


def _refuse_hashes(engine: Engine) -> None:
    """Refuse ids that were made to look like those given to rows without one."""
    twice = engine.value("SELECT event_id FROM final_ids GROUP BY event_id HAVING COUNT(*) > 1 LIMIT 1")
    if twice is not None:
        raise InputError("repeated-id", "an event_id is the hash that names a row without one", found=repr(twice),
                         do="give that row an id too")  # fmt: skip
