"""Landed rows of a night -> accepted rows: each judged once, repeats of earlier nights known, and what they touch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from journeys.nights.night import PART_ROWS, Night, kept
from journeys.nights.tables import EVENT_ROW_TABLES
from journeys.paths.rules import match_rules
from journeys.sources.events import judge_rows, load_no_repeats, no_landed_rows
from journeys.warehouse import Engine, build, quote_text, select_model
from journeys.warehouse.runs import KEPT

_IS_IN_FUTURE = "occurred_at_us > loaded_at_us + 300000000"
IDENTIFIERS = """
    SELECT 'device_id' AS identifier_kind, device_id AS identifier_value FROM {rows} WHERE device_id IS NOT NULL
    UNION SELECT 'user_id', user_id FROM {rows} WHERE user_id IS NOT NULL
    UNION SELECT identifier_kind, identifier_value FROM {further}
"""


def add_rows(night: Night, files: Sequence[Path]) -> None:
    """Judge landed rows and add them to what is kept.

    Writes the kept tables `accepted_rows`, `row_identifiers`, `rejected_events`, `event_touchpoints` and `event_goals`,
    adds to `source_counts`, `repeated_rows` and `blocked_identifiers`, and touches the identifiers and streams of what
    came or was replaced.

    Args:
        night: the snapshot being made.
        files: Parquet files with the columns of schema.LANDED_COLUMNS.
    """
    parts = list(_split_files(night, files)) or ([[]] if night.rebuild.rows else [])
    for part in parts:
        with night.engine.scratch() as engine:
            _add_part(night, engine, _list_files(part), is_matched=not night.rebuild.rules or night.rebuild.rows)
    if night.rebuild.rules and not night.rebuild.rows:
        for where in night.split("event_id", "", is_all=True, table="accepted_rows"):
            with night.engine.scratch() as engine:
                engine.show("events", f"SELECT * FROM {KEPT}.accepted_rows WHERE is_event AND {where}")
                _add_matches(night, engine)
    summarise(night)


def judge_again(night: Night, engine: Engine, table: str) -> None:
    """Judge stored rows that were counted as repeats before, and are none any more.

    Args:
        night: the snapshot being made, without what they repeated, and without these rows in its counts.
        engine: a scratch that holds them.
        table: the rows.
    """
    late = night.late_count, night.late_since_us
    _add_part(night, engine, table, is_matched=True)
    night.late_count, night.late_since_us = late


def _split_files(night: Night, files: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the files in groups of so many rows as are judged at once."""
    part: list[Path] = []
    row_count = 0
    for path in files:
        count = int(night.engine.value(f"SELECT COUNT(*) FROM read_parquet({quote_text(str(path))})"))
        if part and row_count + count > PART_ROWS:
            yield part
            part, row_count = [], 0
        part.append(path)
        row_count += count
    if part:
        yield part


def _list_files(files: Sequence[Path]) -> str:
    listed = ", ".join(quote_text(str(path)) for path in files)
    return f"read_parquet([{listed}])" if files else f"({no_landed_rows()})"


def _add_part(night: Night, engine: Engine, listed: str, *, is_matched: bool) -> None:
    names = ", ".join(quote_text(source.name) for source in night.settings.sources)
    # A time in the future of its load is no event, whenever one asks.
    until = (
        ""
        if night.until_us is None
        else f" AND (occurred_at_us IS NULL OR occurred_at_us <= {night.until_us} OR {_IS_IN_FUTURE})"
    )
    engine.show("landed_rows", f"SELECT * FROM {listed} WHERE source IN ({names}){until}")
    _find_repeats(night, engine)
    judge_rows(engine, night.settings)
    engine.save("replaced_rows", "SELECT event_id FROM accepted_rows SEMI JOIN kept_repeats USING (event_id)")
    _touch(night, engine)
    _note_late(night, engine)
    _add_counts(engine)
    runs = night.runs
    if engine.row_count("replaced_rows"):
        # What is replaced may have been written tonight, by a part before this one.
        runs.begin_run()
        for name in EVENT_ROW_TABLES:
            runs.replace(engine, name, "SELECT event_id FROM replaced_rows")
    # Equal contents have equal hashes: what a repeat is compared by.
    runs.write(engine, "accepted_rows", "SELECT *, hash(properties) AS content_hash FROM accepted_rows")
    runs.write(engine, "row_identifiers", "SELECT * FROM row_identifiers")
    runs.write(engine, "rejected_events", "SELECT * FROM rejected_events")
    if is_matched:
        engine.show("events", "SELECT * FROM accepted_rows WHERE is_event")
        _add_matches(night, engine)


def _add_matches(night: Night, engine: Engine) -> None:
    """Match rules and goals on the rows in `events`."""
    match_rules(engine, night.settings)
    for name in ("event_touchpoints", "event_goals"):
        night.runs.write(engine, name, f"SELECT * FROM {name}")


def _find_repeats(night: Night, engine: Engine) -> None:
    """Write `known_repeats` of the rows to judge, and `kept_repeats`: the kept rows under the ids they could have.

    A row without an id of its own is looked for under the id of the first row of its content.
    """
    if night.runs.is_empty("accepted_rows"):
        engine.save("kept_repeats", "SELECT '' AS event_id LIMIT 0")
        load_no_repeats(engine)
        return
    keyed, _ = select_model("keyed_rows")
    engine.save(
        "possible_repeats",
        f"""
        SELECT repeat_key, source, event_id IS NOT NULL AS has_id, occurred_at_us, hash(properties) AS content_hash,
          CASE WHEN event_id IS NOT NULL THEN substr(repeat_key, 4) ELSE md5(repeat_key || chr(31) || '1') END
            AS kept_id
        FROM ({keyed}) WHERE unreadable IS NULL
        """,
    )
    engine.save(
        "kept_repeats",
        f"""
        SELECT event_id, source, occurred_at_us, content_hash FROM {KEPT}.accepted_rows
        WHERE event_id IN (SELECT kept_id FROM possible_repeats)
        """,
    )
    # The content itself is read only where it decides: two rows of one id and time that say different things.
    engine.save(
        "contested_repeats",
        f"""
        SELECT event_id, properties FROM {KEPT}.accepted_rows WHERE event_id IN (
          SELECT kept_repeats.event_id FROM kept_repeats INNER JOIN possible_repeats AS possible
            ON possible.kept_id = kept_repeats.event_id AND possible.has_id
            AND possible.occurred_at_us = kept_repeats.occurred_at_us
            AND possible.content_hash <> kept_repeats.content_hash)
        """
        if engine.row_count("kept_repeats")
        else "SELECT '' AS event_id, '' AS properties LIMIT 0",
    )
    engine.save(
        "kept_contents",
        f"""
        SELECT source, content_hash, COUNT(*) AS kept_count FROM {KEPT}.accepted_rows
        SEMI JOIN (
          SELECT kept_repeats.source, kept_repeats.content_hash FROM kept_repeats
          INNER JOIN possible_repeats AS possible
            ON possible.kept_id = kept_repeats.event_id AND NOT possible.has_id) AS wanted
        USING (source, content_hash)
        GROUP BY ALL
        """,
    )
    engine.save(
        "known_repeats",
        """
        SELECT DISTINCT possible.repeat_key,
          CASE WHEN possible.has_id THEN 1 ELSE kept_contents.kept_count END AS kept_count,
          CASE WHEN possible.has_id THEN kept_repeats.occurred_at_us END AS kept_us,
          contested_repeats.properties AS kept_properties
        FROM possible_repeats AS possible
        INNER JOIN kept_repeats ON kept_repeats.event_id = possible.kept_id
        LEFT JOIN kept_contents ON kept_contents.source = kept_repeats.source
          AND kept_contents.content_hash = kept_repeats.content_hash AND NOT possible.has_id
        LEFT JOIN contested_repeats ON contested_repeats.event_id = kept_repeats.event_id
        """,
    )


def _touch(night: Night, engine: Engine) -> None:
    """Touch the identifiers and streams of the new rows and of those they replace."""
    if not night.rebuild.identity:
        new = IDENTIFIERS.format(rows="accepted_rows", further="row_identifiers")
        night.touch(engine, "touched_identifiers", new)
    if not night.rebuild.streams:
        night.touch(engine, "touched_streams", "SELECT stream_id FROM accepted_rows")
    if not engine.row_count("replaced_rows"):
        return
    for name in ("accepted_rows", "row_identifiers"):
        engine.save(f"former_{name}", f"SELECT * FROM {KEPT}.{name} SEMI JOIN replaced_rows USING (event_id)")
    if not night.rebuild.identity:
        old = IDENTIFIERS.format(rows="former_accepted_rows", further="former_row_identifiers")
        night.touch(engine, "touched_identifiers", old)
    if not night.rebuild.streams:
        night.touch(engine, "touched_streams", "SELECT stream_id FROM former_accepted_rows")


def _note_late(night: Night, engine: Engine) -> None:
    """Note the events that happened before the end of observation of the snapshot before."""
    if night.former_as_of_us is None:
        return
    count, earliest_us = engine.rows(
        "SELECT COUNT(*), MIN(occurred_at_us) FROM accepted_rows WHERE is_event AND occurred_at_us <= $end",
        {"end": night.former_as_of_us},
    )[0]
    night.late_count += count
    if count:
        night.late_since_us = min(earliest_us, night.late_since_us or earliest_us)


def _add_counts(engine: Engine) -> None:
    """Add the counts of these rows to those of all nights; a kept row that a better repeat replaces is a repeat now."""
    replaced = (
        "SELECT source, COUNT(*) AS duplicate_count FROM accepted_rows SEMI JOIN replaced_rows USING (event_id) "
        "GROUP BY source"
    )
    sums = {
        "source_counts": ("source, source_index", "read_count", ""),
        "repeated_rows": ("source", "duplicate_count", f"UNION ALL BY NAME {replaced}"),
        "blocked_identifiers": ("identifier_kind, given_value, source, reason", "row_count", ""),
    }
    for name, (key, count, more) in sums.items():
        engine.run(
            f"""
            CREATE OR REPLACE TABLE {KEPT}.{name} AS
            SELECT {key}, CAST(SUM({count}) AS BIGINT) AS {count}
            FROM (SELECT * FROM {KEPT}.{name} UNION ALL BY NAME SELECT * FROM temp.{name} {more}) GROUP BY ALL
            """
        )


def summarise(night: Night) -> None:
    """Write `data_quality`: what became of every row that was read and is not too old, per source."""
    with night.engine.scratch() as engine:
        columns = "source, note, occurred_at_us"
        engine.show("events", kept("accepted_rows", "is_event", columns))
        engine.show("contact_rows", kept("accepted_rows", "NOT is_event", columns))
        engine.show("rejected_events", f"SELECT * FROM {KEPT}.rejected_events")
        for name in ("source_counts", "repeated_rows"):
            engine.show(name, f"SELECT * FROM {KEPT}.{name}")
        build(engine, ["data_quality"])
        engine.run("CREATE OR REPLACE TABLE main.data_quality AS SELECT * FROM temp.data_quality")
        # What find_as_of reads when there is no event; replaced by the night's last word.
        engine.run(f"CREATE OR REPLACE VIEW main.rejected_events AS SELECT * FROM {KEPT}.rejected_events")
