"""What people said in surveys and tickets: `[source.answer]` read from the stored rows, on a common scale."""

from __future__ import annotations

from journeys.config import Settings, Source
from journeys.schema import ANSWER_COLUMNS
from journeys.sources.mapping import list_map_columns
from journeys.sources.nested import define_functions
from journeys.sources.stored_cells import write_stored_cells
from journeys.sources.trim import trim_text
from journeys.warehouse import Engine, build, quote_name, quote_text

_KINDS = {"surveys": "survey", "tickets": "ticket"}
# Numbers of an answer are kept as given beside what is read of them.
_TEXTS = {"score": "score_text", "scale_min": "scale_min_text", "scale_max": "scale_max_text"}


def build_responses(engine: Engine, settings: Settings) -> None:
    """Build `responses`: one row per event of a source that maps an answer.

    The answers are read from the rows as they are stored, after privacy, so that a changed mapping needs no rows again;
    values are text there, whatever their type was in the source.

    Args:
        engine: holds `events` and `event_persons`; takes the table.
        settings: the configuration.

    Raises:
        SourceError: a mapped column is missing.
    """
    define_functions(engine.run)
    selects = [_read_answers(engine, source) for source in settings.sources if source.answer]
    engine.save("given_answers", " UNION ALL ".join(selects) or _read_nothing())
    build(engine, ["responses"])
    engine.run("DROP TABLE given_answers")


def count_notes(engine: Engine) -> list[str]:
    """Say of each source how many answers could not be put on a scale, and why."""
    rows = engine.rows(
        "SELECT source, note, COUNT(*) FROM responses WHERE note IS NOT NULL GROUP BY ALL ORDER BY source, note"
    )
    return [f"Source {source!r}: answers with {note}: {count:,}." for source, note, count in rows]


def _read_answers(engine: Engine, source: Source) -> str:
    rows = f"(SELECT event_id, properties FROM events WHERE source = {quote_text(source.name)})"
    columns = list_map_columns(source, source.answer)
    # Exports gain and lose columns: one that any row has is there.
    keys = [
        row[0] for row in engine.rows(f"SELECT DISTINCT unnest(json_keys(properties)) AS key FROM {rows} ORDER BY key")
    ]
    cells = write_stored_cells(source, columns, keys or None)
    named = ", ".join(f"{cell} AS {quote_name(name)}" for name, cell in zip(columns, cells, strict=True))
    values = ", ".join(f"{_read_value(source, name)} AS {_TEXTS.get(name, name)}" for name in _list_names())
    kind = quote_text(_KINDS[source.holds])
    inner = f"SELECT event_id AS _answered{named and ', ' + named} FROM {rows}"
    return f"SELECT _answered AS event_id, {kind} AS kind, {values} FROM ({inner})"


def _read_value(source: Source, name: str) -> str:
    given = source.answer.get(name)
    if given is None:
        return "CAST(NULL AS VARCHAR)"
    if given.value is not None:
        return quote_text(given.value)
    return trim_text(quote_name(str(given.column)) if given.sql is None else f"CAST(TRY(({given.sql}\n)) AS VARCHAR)")


def _read_nothing() -> str:
    values = ", ".join(f"CAST(NULL AS VARCHAR) AS {_TEXTS.get(name, name)}" for name in _list_names())
    return f"SELECT '' AS event_id, '' AS kind, {values} WHERE FALSE"


def _list_names() -> list[str]:
    return [column.name for column in ANSWER_COLUMNS]
