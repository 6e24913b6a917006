"""A person erased: found in the published snapshot, listed as forgotten, and taken out of the stored rows.

What is published is made anew from the stored rows by the refresh that follows, and the snapshots before are removed,
so that nothing of the warehouse holds the person any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.config import normalise
from journeys.errors import CallError, PublishError
from journeys.privacy.suppression import CONTENT_SQL, Suppression, find_suppressed, open_suppression
from journeys.privacy.token import protect_value
from journeys.sources.store import Load, commit, open_store, remove_unlisted
from journeys.warehouse import Engine, copy_sql, find_current, hold_warehouse, quote_text, sync_file

if TYPE_CHECKING:
    from journeys.config import Settings

_FORM = "KIND:VALUE, such as 'email:anna@acme.example'"
_ERASED = "(erased)"
_SHORTEST_TEXT = 4  # shorter values stand everywhere by chance
_TEXTS = ("raw", "properties", "url", "referrer")


@dataclass(frozen=True)
class Erasure:
    """What is known of the persons to forget.

    Attributes:
        identifiers: kind and value of each of their identifiers, as they are kept, and as they were given.
        person_ids: their ids, former ones included.
        contents: of their rows.
        counts: how much of them is published, by table.
        overrides: what in the configuration names them, for somebody to take out.
    """

    identifiers: tuple[tuple[str, str], ...]
    person_ids: tuple[str, ...]
    contents: tuple[str, ...]
    counts: Mapping[str, int]
    overrides: tuple[str, ...]

    def list_named(self) -> list[tuple[str, str]]:
        """Return all that the list of forgotten persons has to know again."""
        ids = [("person_id", person) for person in self.person_ids]
        return [*self.identifiers, *ids, *(("content", content) for content in self.contents)]


def find_erasure(settings: Settings, references: Sequence[str]) -> Erasure:
    """Find all of the persons that these identifiers are of.

    An identifier of nobody who is published is listed all the same: its rows may be stored or come.

    Args:
        settings: the configuration.
        references: KIND:VALUE, each in any way of writing it.

    Raises:
        CallError: one is no KIND:VALUE, or of a kind that the configuration does not know.
        PublishError: nothing was published yet.
    """
    asked = [_read_reference(reference, settings) for reference in references]
    snapshot = find_current(settings.warehouse.path)
    if snapshot is None:
        raise PublishError("no-snapshot", f"{settings.warehouse.path}: nothing was published yet",
                           do=f"run `journeys refresh -c {settings.path}`")  # fmt: skip
    with Engine(memory_limit=settings.warehouse.memory_limit) as engine:
        engine.attach(snapshot.results, name="snapshot")
        named = ", ".join(f"({quote_text(kind)}, {quote_text(value)})" for kind, value in asked)
        engine.save("asked", f"SELECT * FROM (VALUES {named}) AS given (identifier_kind, identifier_value)")
        key = "USING (identifier_kind, identifier_value)"
        engine.save("erased_persons", f"SELECT DISTINCT person_id FROM person_identifiers SEMI JOIN asked {key}")
        own = "SEMI JOIN erased_persons USING (person_id)"
        found = engine.rows(f"SELECT identifier_kind, identifier_value FROM person_identifiers {own}")
        persons = [row[0] for row in engine.rows("SELECT person_id FROM erased_persons")]
        former = engine.rows(
            "SELECT old_person_id FROM person_aliases SEMI JOIN erased_persons ON person_id = new_person_id"
        )
        events = f"events SEMI JOIN (SELECT event_id FROM event_persons {own}) USING (event_id)"
        contents = engine.rows(f"SELECT DISTINCT {CONTENT_SQL.replace('raw', 'NULL')} FROM {events}")
        tables = ("person_identifiers", "sessions", "touchpoints", "journeys")
        counts = {"persons": len(persons), "events": int(engine.value(f"SELECT COUNT(*) FROM {events}"))}
        counts |= {name: int(engine.value(f"SELECT COUNT(*) FROM {name} {own}")) for name in tables}
    identifiers = tuple(dict.fromkeys([*asked, *found]))
    return Erasure(
        identifiers,
        tuple(dict.fromkeys([*persons, *(row[0] for row in former)])),
        tuple(row[0] for row in contents),
        counts,
        _find_overrides(settings, identifiers),
    )


def erase(settings: Settings, erasure: Erasure) -> int:
    """List the persons as forgotten and take their rows out of what is stored; return how many rows there were.

    The refresh that follows makes everything anew and removes the snapshots before.

    Args:
        settings: the configuration.
        erasure: as `find_erasure` found it.

    Raises:
        PublishError: a refresh is running, or the store cannot be read.
    """
    with hold_warehouse(settings.warehouse.path):
        suppression = open_suppression(settings).add(settings, erasure.list_named())
        texts = [value for _, value in erasure.identifiers if len(value) >= _SHORTEST_TEXT]
        return purge(settings, suppression, texts)


def purge(settings: Settings, suppression: Suppression, texts: Sequence[str] = ()) -> int:
    """Write the stored files that hold a forgotten person again, without them, and remove the old ones.

    Args:
        settings: the configuration.
        suppression: who was forgotten.
        texts: identifiers that other people's rows may mention; they are blotted out there.

    Returns:
        How many rows were taken out.
    """
    store = open_store(settings.warehouse.path)
    remove_unlisted(store)
    dropped = 0
    loads = []
    for load in store.loads:
        cleaned, count = _purge_load(settings, suppression, store.folder, load, texts)
        loads.append(cleaned)
        dropped += count
    # What is known of keys holds whole rows; without it the next pull compares with all that is stored.
    purged = commit(replace(store, loads=tuple(loads), known_rows={}))
    remove_unlisted(purged)
    return dropped


def _purge_load(
    settings: Settings, suppression: Suppression, folder: Path, load: Load, texts: Sequence[str]
) -> tuple[Load, int]:
    dropped = 0
    files: dict[str, Sequence[str]] = {}
    for source, listed in load.files.items():
        kept = []
        for file in listed:
            cleaned, count = _purge_file(settings, suppression, folder / file, texts)
            dropped += count
            kept.append(cleaned.relative_to(folder).as_posix())
        files[source] = kept
    return replace(load, files=files, row_count=load.row_count - dropped), dropped


def _purge_file(settings: Settings, suppression: Suppression, path: Path, texts: Sequence[str]) -> tuple[Path, int]:
    with Engine(memory_limit=settings.warehouse.memory_limit) as engine:
        suppression.load(engine, settings)
        engine.show("landed_rows", f"SELECT * FROM read_parquet({quote_text(str(path))})")
        count = find_suppressed(engine, settings)
        tests = [f"contains({column}, {quote_text(text)})" for column in _TEXTS for text in texts]
        mentioned = int(engine.value(f"SELECT COUNT(*) FROM landed_rows WHERE {' OR '.join(tests) or 'FALSE'}"))
        if not count and not mentioned:
            return path, 0
        blotted = ", ".join(f"{_blot(column, texts)} AS {column}" for column in _TEXTS) if texts else ""
        replaced = f"* REPLACE ({blotted})" if blotted else "*"
        # Another name after each erasure: the old file counts until the listing names the new one.
        cleaned = path.with_name(f"{path.name.split('.')[0]}.without-{len(suppression.digests)}.parquet")
        kept = f"SELECT {replaced} FROM landed_rows ANTI JOIN suppressed_rows USING (source, file, reading, line)"
        engine.run(copy_sql(kept, cleaned))
    sync_file(cleaned)
    return cleaned, count


def _blot(column: str, texts: Sequence[str]) -> str:
    sql = column
    for text in sorted(texts, key=len, reverse=True):
        sql = f"replace({sql}, {quote_text(text)}, {quote_text(_ERASED)})"
    return sql


def _read_reference(reference: str, settings: Settings) -> tuple[str, str]:
    kind, colon, given = reference.partition(":")
    kind = kind.strip().casefold()
    kinds = [each.name for each in settings.identity.kinds]
    if not colon or not given.strip() or kind not in kinds:
        raise CallError("identifier", "an identifier to forget is named by its kind and value", found=repr(reference),
                        allowed=f"{_FORM}; kinds: {', '.join(kinds)}")  # fmt: skip
    value, reason = normalise(settings.identity.kind(kind), given, settings.identity)
    if value is None:
        raise CallError("identifier", "this value never identifies anybody, so that nobody can be forgotten by it",
                        found=repr(reference), allowed=reason)  # fmt: skip
    return kind, protect_value(kind, value, settings)


def _find_overrides(settings: Settings, identifiers: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    known = set(identifiers)
    return tuple(
        f"[[identity.override]] {override.index}"
        for override in settings.identity.overrides
        if {_read_reference(override.a, settings), _read_reference(override.b, settings)} & known
    )
