"""Who was forgotten: a keyed list, which tells that a row is of a forgotten person and names nobody."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from journeys.errors import PublishError
from journeys.privacy.key import Key, read_key
from journeys.privacy.token import PADS, digest_sql
from journeys.sources.identifiers import list_given, repair_identifiers
from journeys.warehouse import Engine, copy_sql, quote_text, write_durably

if TYPE_CHECKING:
    from journeys.config import Settings

_LIST, _KEY_FILE = "suppressed.json", "suppression.key"
SEPARATOR = "\x1f"
# The content of a row, by which those are known that carry no identifier of the person.
CONTENT_SQL = "md5(source || chr(31) || coalesce(properties, raw, ''))"
_PERSON = "'person_id' || chr(31) || "
_ALIAS_ENDS = ("old_person_id", "new_person_id")
_ROW = "source, file, reading, line"


@dataclass(frozen=True)
class Suppression:
    """The forgotten identifiers, rows and person ids of one warehouse, as digests.

    Attributes:
        folder: the warehouse.
        digests: of 'kind<31>value'.
        is_pending: rows of them may still be stored: the next refresh takes them out and makes everything anew.
        is_own_key: the key lies in the warehouse, for the environment had none when the list was begun.
    """

    folder: Path
    digests: frozenset[str] = frozenset()
    is_pending: bool = False
    is_own_key: bool = False

    def add(self, settings: Settings, named: Iterable[tuple[str, str]]) -> Suppression:
        """Add kinds and values, and keep the list; rows of them are to be taken out."""
        listed = self if self.digests else replace(self, is_own_key=not _has_key(settings))
        key = listed.read_key(settings)
        digests = {key.digest(kind + SEPARATOR + value) for kind, value in named}
        return replace(listed, digests=listed.digests | digests, is_pending=True).keep()

    def keep(self) -> Suppression:
        """Write the list durably."""
        document = {"digests": sorted(self.digests), "is_pending": self.is_pending, "is_own_key": self.is_own_key}
        write_durably(self.folder / _LIST, json.dumps(document, indent=0) + "\n")
        return self

    def read_key(self, settings: Settings) -> Key:
        """Return the key of the list.

        Raises:
            PrivacyError: it is in the environment, and not there.
        """
        if not self.is_own_key:
            return read_key(settings.privacy)
        file = self.folder / _KEY_FILE
        if not file.exists():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as opened:
                opened.write(secrets.token_hex(32))
        return Key(file.read_bytes())

    def load(self, engine: Engine, settings: Settings) -> None:
        """Write `suppressed` (digest) and what `digest_sql` reads."""
        ipad, opad = self.read_key(settings).pads()
        engine.load(PADS, pa.table({"ipad": pa.array([ipad], pa.binary()), "opad": pa.array([opad], pa.binary())}))
        engine.load("suppressed", pa.table({"digest": pa.array(sorted(self.digests), pa.string())}))


def open_suppression(settings: Settings) -> Suppression:
    """Read the list of a warehouse; an empty one where nobody was forgotten.

    Raises:
        PublishError: it is damaged.
    """
    folder = settings.warehouse.path
    try:
        given = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        return Suppression(folder, frozenset(given["digests"]), given["is_pending"], given["is_own_key"])
    except FileNotFoundError:
        return Suppression(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PublishError(
            "suppression-damaged",
            f"{folder / _LIST}: the list of forgotten persons cannot be read",
            found=type(error).__name__,
            do="bring the file back from a backup; without it forgotten persons could come back",
        ) from error


def find_suppressed(engine: Engine, settings: Settings) -> int:
    """Write `suppressed_rows` (source, file, reading, line) of `landed_rows`; return how many there are.

    A row is of a forgotten person when it carries an identifier of theirs, however it is written, or is one of theirs
    by its content.

    Args:
        engine: holds `landed_rows` and what `Suppression.load` writes.
        settings: how identifiers are made alike.
    """
    list_given(engine, settings.identity)
    repair_identifiers(engine, settings.identity)
    repaired = "LEFT JOIN identifier_repairs AS r ON r.identifier_kind = kind AND r.given_value = given"
    engine.save(
        "suppressed_rows",
        f"""
        WITH carried AS (
          SELECT {_ROW}, 'device_id' AS kind, device_id AS given FROM landed_rows WHERE device_id IS NOT NULL
          UNION ALL SELECT {_ROW}, 'user_id' AS kind, user_id AS given FROM landed_rows WHERE user_id IS NOT NULL
          UNION ALL SELECT {_ROW}, identifier_kind AS kind, given_value AS given FROM given_identifiers
        ),
        named AS (
          SELECT {_ROW}, kind, coalesce(r.identifier_value, given) AS value FROM carried {repaired}
          UNION ALL SELECT {_ROW}, 'content' AS kind, {CONTENT_SQL} AS value FROM landed_rows
        )
        SELECT DISTINCT {_ROW} FROM named
        WHERE {digest_sql("kind || chr(31) || value")} IN (SELECT digest FROM suppressed)
        """,
    )
    return engine.row_count("suppressed_rows")


def drop_suppressed(landed: Path, settings: Settings, suppression: Suppression) -> int:
    """Take the rows of forgotten persons out of a landed file; return how many there were."""
    with Engine(memory_limit=settings.warehouse.memory_limit) as engine:
        suppression.load(engine, settings)
        engine.show("landed_rows", f"SELECT * FROM read_parquet({quote_text(str(landed))})")
        count = find_suppressed(engine, settings)
        if count:
            cleaned = landed.with_name(f".{landed.name}.cleaned")
            engine.run(copy_sql(f"SELECT * FROM landed_rows ANTI JOIN suppressed_rows USING ({_ROW})", cleaned))
            cleaned.replace(landed)
    return count


def drop_history(engine: Engine, settings: Settings, suppression: Suppression) -> None:
    """Take former ids of forgotten persons out of `kept.person_aliases`, which a rebuild carries on."""
    with engine.scratch() as scratch:
        suppression.load(scratch, settings)
        ends = [f"{digest_sql(_PERSON + column)} IN (SELECT digest FROM suppressed)" for column in _ALIAS_ENDS]
        scratch.run(f"DELETE FROM kept.person_aliases WHERE {' OR '.join(ends)}")


def settle(suppression: Suppression, snapshot: Path) -> None:
    """End an erasure: remove all snapshots but the one made without the forgotten persons, and say that it is done."""
    for path in snapshot.parent.iterdir():
        if path.resolve() != snapshot.resolve():
            shutil.rmtree(path, ignore_errors=True)
    replace(suppression, is_pending=False).keep()


def _has_key(settings: Settings) -> bool:
    return bool(os.environ.get(settings.privacy.key_env, "").strip())
