"""The identifiers of landed rows made alike: only values that change or name nobody are looked at one by one."""

from __future__ import annotations

import pyarrow as pa

from journeys.config import Identity, normalise
from journeys.config.identifiers import list_blocked
from journeys.schema import BLOCKED_IDENTIFIERS, ROLE_MAILBOXES, IdentifierKind
from journeys.warehouse import Engine, quote_text

__all__ = ["list_given", "normalise", "repair_identifiers"]

_COLUMNS = {
    "device_id": "device_id IS NOT NULL AND NOT device_is_composite",
    "user_id": "user_id IS NOT NULL",
    "account_id": "account_id IS NOT NULL",
}


def list_given(engine: Engine, settings: Identity) -> None:
    """Write `given_identifiers`: the further identifiers of `landed_rows`, one row each, as they were given.

    Its columns are source, file, reading, line, identifier_kind and given_value.
    """
    kinds = [kind.name for kind in settings.kinds]
    paths = ", ".join(quote_text(f'$."{name}"') for name in kinds)
    names = ", ".join(map(quote_text, kinds))
    engine.save(
        "given_identifiers",
        f"""
        WITH listed AS (
          SELECT source, file, reading, line, unnest([{names}]) AS identifier_kind,
            unnest(json_extract_string(identifiers, [{paths}])) AS given_value
          FROM landed_rows WHERE identifiers IS NOT NULL
        )
        SELECT * FROM listed WHERE given_value IS NOT NULL
        """,
    )


def repair_identifiers(engine: Engine, settings: Identity) -> None:
    """Write `identifier_repairs`: every given value that is written otherwise when made alike, or never identifies.

    Its columns are identifier_kind, given_value, identifier_value (null when it never identifies anybody) and reason
    ('' when it does). Values of devices built from several columns are never among them. Reads `landed_rows` and
    `given_identifiers`.
    """
    repairs: dict[str, list[str | None]] = {
        name: [] for name in ("identifier_kind", "given_value", "identifier_value", "reason")
    }
    for kind in [*settings.kinds, settings.kind("account_id")]:
        for (given,) in engine.rows(_select_candidates(kind, settings)):
            value, reason = normalise(kind, given, settings)
            if value != given:
                for cells, cell in zip(repairs.values(), (kind.name, given, value, reason), strict=True):
                    cells.append(cell)
    engine.load("identifier_repairs", pa.table({name: pa.array(cells, pa.string()) for name, cells in repairs.items()}))


def _select_candidates(kind: IdentifierKind, settings: Identity) -> str:
    """Select the different values of a kind that may need a repair.

    ASCII is composed and was trimmed on landing, so that of millions of plain ids none leaves the database.
    """
    own = f"SELECT given_value AS v FROM given_identifiers WHERE identifier_kind = {quote_text(kind.name)}"
    if kind.name in _COLUMNS:
        own = f"SELECT {kind.name} AS v FROM landed_rows WHERE {_COLUMNS[kind.name]}"
    words = ", ".join(map(quote_text, BLOCKED_IDENTIFIERS))
    tests = ["strlen(v) <> length(v)", f"lower(v) IN ({words})", "trim(v, '0-') = ''", "ends_with(rtrim(v, '0'), '.')"]
    tests += [_write_pattern(pattern) for pattern in list_blocked(kind.name, settings)]
    if kind.format == "email":
        roles = ", ".join(map(quote_text, ROLE_MAILBOXES))
        tests += ["v <> lower(v)", "starts_with(v, '@') OR ends_with(v, '@')"]
        tests.append(f"split_part(split_part(v, '@', 1), '+', 1) IN ({roles})")
    is_candidate = "TRUE" if kind.format == "phone" else " OR ".join(tests)
    return f"SELECT DISTINCT v FROM ({own}) WHERE {is_candidate} ORDER BY v"


def _write_pattern(pattern: str) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return f"lower(v) LIKE {quote_text(escaped)} ESCAPE '\\'"
