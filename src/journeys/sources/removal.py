"""Rows that are too old to be kept: left out when they come, and taken out of the stored files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from journeys.sources.loads import CONTENT
from journeys.sources.store import Load, Store
from journeys.warehouse import Engine, quote_text, sync_file

PLACE = "source, file, reading, line"
# What is counted of a row that leaves: identifiers that name nobody are told with the rows they stood on.
NARROW = f"{PLACE}, device_id, device_is_composite, user_id, account_id, identifiers"
_ID = "CASE WHEN source_index = 1 THEN event_id ELSE source || ':' || event_id END"


def is_too_old(cutoffs: Mapping[str, int]) -> str:
    """Write the predicate over landed or accepted rows that happened before the earliest time kept."""
    events, contacts = (cutoffs.get(name, "NULL") for name in ("events", "contact_rows"))
    return f"occurred_at_us < CASE WHEN is_event THEN {events} ELSE {contacts} END"


def leave_out(landed: Path, cutoffs: Mapping[str, int], *, memory_limit: str = "") -> int:
    """Take rows that are too old out of a landed file; return how many there were.

    Rows that will be refused for an impossible time stay: somebody has to mend them.
    """
    rows = f"read_parquet({quote_text(str(landed))})"
    too_old = f"unreadable IS NULL AND occurred_at_us >= earliest_us AND {is_too_old(cutoffs)}"
    with Engine(memory_limit=memory_limit) as engine:
        count = int(engine.value(f"SELECT COUNT(*) FROM {rows} WHERE {too_old}"))
        if count:
            kept = landed.with_name(f".{landed.name}.kept")
            engine.run(
                f"COPY (SELECT * FROM {rows} WHERE ({too_old}) IS NOT TRUE) TO {quote_text(str(kept))} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            kept.replace(landed)
    return count


def find_leaving(engine: Engine, store: Store, sources: Sequence[str], cutoffs: Mapping[str, int]) -> None:
    """Write `leaving_rows`: stored rows that are too old, each with its file, and whether it was refused.

    Args:
        engine: holds `known_rejects` and `expired_rejects` (source, file, reading, line): all refused rows, and those
            that are too old.
        store: the stored rows.
        sources: names of the configured ones. Rows of others are judged by nobody; they leave by their time, and
            without one as refused rows do.
        cutoffs: the earliest time kept, by table.
    """
    files = store.list_files()
    if not files:
        engine.save("leaving_rows", f"SELECT '' AS stored_file, FALSE AS is_reject, {_no_row()} LIMIT 0")
        return
    rows = f"read_parquet({_list(files)}, filename = true)"
    known = f"source IN ({', '.join(map(quote_text, sources))})"
    loaded = cutoffs.get("rejected_events", "NULL")
    engine.save(
        "leaving_rows",
        f"""
        SELECT filename AS stored_file, FALSE AS is_reject, {NARROW} FROM {rows} AS stored
        ANTI JOIN known_rejects USING ({PLACE})
        WHERE {known} AND {is_too_old(cutoffs)}
        UNION ALL
        SELECT filename AS stored_file, TRUE AS is_reject, {NARROW} FROM {rows} AS stored
        SEMI JOIN expired_rejects USING ({PLACE})
        UNION ALL
        SELECT filename AS stored_file, TRUE AS is_reject, {NARROW} FROM {rows} AS stored
        WHERE NOT {known}
          AND ({is_too_old(cutoffs)} OR (occurred_at_us IS NULL AND loaded_at_us < {loaded}))
        """,
    )


def find_heirs(
    engine: Engine, store: Store, sources: Sequence[str], cutoffs: Mapping[str, int], *, until_us: int | None = None
) -> int:
    """Write `heirs`: the later repeats of events that are too old, which stand for them now; return how many.

    Args:
        engine: holds `expired_rows` (event_id) and `known_rejects`.
        store: the stored rows.
        sources: those that have given repeats.
        cutoffs: the earliest time kept, by table.
        until_us: later rows are not taken at all.
    """
    files = [store.folder / file for load in store.loads for name in sources for file in load.files.get(name, ())]
    if not files:
        return 0
    until = "" if until_us is None else f"AND occurred_at_us <= {until_us}"
    return engine.save(
        "heirs",
        f"""
        SELECT * FROM read_parquet({_list(files)}) AS stored
        ANTI JOIN known_rejects USING ({PLACE})
        WHERE event_id IS NOT NULL AND ({is_too_old(cutoffs)}) IS NOT TRUE {until}
          AND {_ID} IN (SELECT event_id FROM expired_rows)
        """,
    )


def write_without(engine: Engine, store: Store) -> Store:
    """Write the stored files again without `leaving_rows`, under new names; `commit` makes them the ones that count.

    Of refused rows a digest is kept, so that a source that is read again does not bring them back.
    """
    leaving = dict(engine.rows("SELECT stored_file, COUNT(*) FROM leaving_rows GROUP BY stored_file"))
    if not leaving:
        return store
    number = store.removal + 1
    gone = _keep_digests(engine, store, number)
    loads = tuple(_clean(engine, store.folder, load, leaving, number) for load in store.loads)
    return replace(store, loads=loads, removal=number, gone=gone)


def _clean(engine: Engine, folder: Path, load: Load, leaving: Mapping[str, int], number: int) -> Load:
    files: dict[str, Sequence[str]] = {}
    row_count = load.row_count
    for source, listed in load.files.items():
        kept = []
        for file in listed:
            path, count = folder / file, leaving.get(str(folder / file), 0)
            row_count -= count
            new = path.with_name(f"{path.name.split('.')[0]}.without-old-{number}.parquet") if count else path
            if not count or _write(engine, path, new):
                kept.append(new.relative_to(folder).as_posix())
        if kept:
            files[source] = kept
    return replace(load, files=files, row_count=row_count)


def _write(engine: Engine, path: Path, new: Path) -> int:
    """Write the rows of a file that stay; where none does, leave no file. Return how many stay."""
    stored = f"SELECT * FROM read_parquet({quote_text(str(path))})"
    target = quote_text(str(new))
    engine.run(f"COPY ({stored} ANTI JOIN leaving_rows USING ({PLACE})) TO {target} (FORMAT parquet, COMPRESSION zstd)")
    count = int(engine.value(f"SELECT COUNT(*) FROM read_parquet({target})"))
    if count:
        sync_file(new)
    else:
        new.unlink()
    return count


def _keep_digests(engine: Engine, store: Store, number: int) -> str:
    files = [Path(row[0]) for row in engine.rows("SELECT DISTINCT stored_file FROM leaving_rows WHERE is_reject")]
    if not files:
        return store.gone
    new = store.folder / "gone" / f"{number:06d}.parquet"
    new.parent.mkdir(exist_ok=True)
    before = f"UNION ALL SELECT * FROM read_parquet({quote_text(str(store.folder / store.gone))})" if store.gone else ""
    engine.run(
        f"""
        COPY (
          SELECT source, file, reading, {CONTENT} AS content FROM read_parquet({_list(files)})
          SEMI JOIN (SELECT * FROM leaving_rows WHERE is_reject) AS refused USING ({PLACE})
          {before}
        ) TO {quote_text(str(new))} (FORMAT parquet, COMPRESSION zstd)
        """
    )
    sync_file(new)
    return new.relative_to(store.folder).as_posix()


def _no_row() -> str:
    texts = ", ".join(
        f"'' AS {name}" for name in ("source", "file", "device_id", "user_id", "account_id", "identifiers")
    )
    return f"{texts}, 1 AS reading, CAST(1 AS BIGINT) AS line, FALSE AS device_is_composite"


def _list(files: Sequence[Path]) -> str:
    return f"[{', '.join(quote_text(str(path)) for path in files)}]"
