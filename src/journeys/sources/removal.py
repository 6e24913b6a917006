"""Rows that are too old to be kept: left out when they come, and taken out of the stored files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from journeys.sources.loads import CONTENT
from journeys.sources.store import Load, Store
from journeys.warehouse import Engine, copy_sql, quote_text, sync_file

PLACE = "source, file, reading, line"
# What is counted of a row that leaves: identifiers that name nobody are told with the rows they stood on.
NARROW = f"{PLACE}, device_id, device_is_composite, user_id, account_id, identifiers"
_ID = "CASE WHEN source_index = 1 THEN event_id ELSE source || ':' || event_id END"


def is_too_old(cutoffs: Mapping[str, int]) -> str:
    """Write the predicate over landed or accepted rows that happened before the earliest time kept."""
    limits = [cutoffs.get(name) for name in ("events", "contact_rows")]
    # The plain comparison lets whole parts of a file be passed over.
    latest = max((limit for limit in limits if limit is not None), default="NULL")
    events, contacts = ("NULL" if limit is None else limit for limit in limits)
    return f"(occurred_at_us < {latest} AND occurred_at_us < CASE WHEN is_event THEN {events} ELSE {contacts} END)"


def leave_out(landed: Path, cutoffs: Mapping[str, int], *, memory_limit: str = "") -> int:
    """Take rows that are too old out of a landed file; return how many there were."""
    rows = f"read_parquet({quote_text(str(landed))})"
    too_old = _is_dated_too_old(cutoffs)
    with Engine(memory_limit=memory_limit) as engine:
        count = int(engine.value(f"SELECT COUNT(*) FROM {rows} WHERE {too_old}"))
        if count:
            kept = landed.with_name(f".{landed.name}.kept")
            engine.run(copy_sql(f"SELECT * FROM {rows} WHERE ({too_old}) IS NOT TRUE", kept))
            kept.replace(landed)
    return count


def _is_dated_too_old(cutoffs: Mapping[str, int]) -> str:
    """Write the predicate over landed rows with a possible time that are too old, whether they are refused or not."""
    return f"unreadable IS NULL AND occurred_at_us >= earliest_us AND {is_too_old(cutoffs)}"


def find_leaving(engine: Engine, store: Store, sources: Sequence[str], cutoffs: Mapping[str, int]) -> None:
    """Write `leaving_rows`: stored rows that are too old, each with its file.

    A row leaves by its time, or, refused and without a possible one, by when it was loaded (`is_by_load`).

    Args:
        engine: holds `known_rejects` (source, file, reading, line): the refused rows.
        store: the stored rows.
        sources: names of the configured ones. Rows of others are judged by nobody, and count as refused.
        cutoffs: the earliest time kept, by table.
    """
    files = store.list_files()
    if not files:
        columns = "FALSE AS is_by_load, FALSE AS is_reject, TRUE AS is_event, source, FALSE AS device_is_composite"
        texts = ", ".join(f"'' AS {name}" for name in ("device_id", "user_id", "account_id", "identifiers"))
        engine.save("leaving_rows", f"SELECT '' AS stored_file, {columns}, {texts} FROM known_rejects LIMIT 0")
        return
    known = f"source IN ({', '.join(map(quote_text, sources))})"
    loaded = f"OR loaded_at_us < {cutoffs['rejected_events']}" if "rejected_events" in cutoffs else ""
    too_old = f"({_is_dated_too_old(cutoffs)})"
    engine.save(
        "leaving_rows",
        f"""
        WITH stored AS (
          SELECT *, COALESCE({too_old}, FALSE) AS is_too_old FROM read_parquet({_list(files)}, filename = true)
          WHERE {too_old} {loaded}
        )
        SELECT filename AS stored_file, NOT is_too_old AS is_by_load,
          NOT ({known}) OR known_rejects.line IS NOT NULL AS is_reject, is_event, {NARROW}
        FROM stored LEFT JOIN known_rejects USING ({PLACE})
        WHERE is_too_old OR known_rejects.line IS NOT NULL OR (NOT ({known}) AND occurred_at_us IS NULL)
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
    if not files or not engine.row_count("expired_rows"):
        return 0
    until = "" if until_us is None else f"AND occurred_at_us <= {until_us}"
    return engine.save(
        "heirs",
        f"""
        SELECT * FROM read_parquet({_list(files)}) AS stored
        ANTI JOIN known_rejects USING ({PLACE})
        WHERE event_id IS NOT NULL AND ({_is_dated_too_old(cutoffs)}) IS NOT TRUE {until}
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
    engine.run(copy_sql(f"{stored} ANTI JOIN leaving_rows USING ({PLACE})", new))
    count = int(engine.value(f"SELECT COUNT(*) FROM read_parquet({quote_text(str(new))})"))
    if count:
        sync_file(new)
    else:
        new.unlink()
    return count


def _keep_digests(engine: Engine, store: Store, number: int) -> str:
    files = [Path(row[0]) for row in engine.rows("SELECT DISTINCT stored_file FROM leaving_rows WHERE is_by_load")]
    if not files:
        return store.gone
    new = store.folder / "gone" / f"{number:06d}.parquet"
    new.parent.mkdir(exist_ok=True)
    before = f"UNION ALL SELECT * FROM read_parquet({quote_text(str(store.folder / store.gone))})" if store.gone else ""
    digests = f"""
        SELECT source, file, reading, {CONTENT} AS content FROM read_parquet({_list(files)})
        SEMI JOIN (SELECT * FROM leaving_rows WHERE is_by_load) AS refused USING ({PLACE})
        {before}
    """
    engine.run(copy_sql(digests, new))
    sync_file(new)
    return new.relative_to(store.folder).as_posix()


def forget_gone(store: Store, sources: Collection[str]) -> Store:
    """Forget the digests of refused rows of sources whose rows are mapped otherwise now: they may be accepted.

    The store is not committed.
    """
    if not store.gone or not sources:
        return store
    old = f"read_parquet({quote_text(str(store.folder / store.gone))})"
    other = f"SELECT * FROM {old} WHERE source NOT IN ({', '.join(map(quote_text, sorted(sources)))})"
    mappings = hashlib.sha256(json.dumps(store.mappings, sort_keys=True).encode()).hexdigest()[:16]
    new = store.folder / "gone" / f"{store.removal:06d}.{mappings}.parquet"
    with Engine() as engine:
        engine.run(copy_sql(other, new))
    sync_file(new)
    return replace(store, gone=new.relative_to(store.folder).as_posix())


def _list(files: Sequence[Path]) -> str:
    return f"[{', '.join(quote_text(str(path)) for path in files)}]"
