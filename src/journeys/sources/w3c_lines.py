"""Web server logs in the W3C extended format -> cells: `#Fields:` lines name the fields of the lines below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journeys.sources.faults import missing_column
from journeys.sources.files import SourceFile
from journeys.sources.lines import LINE_SCHEMA, read_lines
from journeys.sources.mapping import NO_CELL, Cells
from journeys.sources.streams import Streams
from journeys.warehouse import quote_text

if TYPE_CHECKING:
    from journeys.config import Source

_DIRECTIVE = "#fields:"
_FIELDS = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = LINE_SCHEMA.append(pa.field("_fields", _FIELDS))
_TAB = "chr(9)"
# Without quotes the separators alone divide a line; quotes around a value may hold blanks.
_PLAIN = f"string_split(_text, CASE WHEN contains(_text, {_TAB}) THEN {_TAB} ELSE ' ' END)"
_QUOTED = 'regexp_extract_all(_text, \'"(?:[^"]|"")*"|[^ \\t]+\')'
# Of headers as the browser sent them blanks are written '+'; in the address of the page before, '+' has a meaning.
_HAS_PLUS = "_names[i] LIKE '%(%)' AND lower(_names[i]) NOT LIKE '%(referer)' AND lower(_names[i]) NOT LIKE '%(cookie)'"
_READ = f"""CASE WHEN _parts[i] IN ('', '-') THEN NULL
    WHEN length(_parts[i]) > 1 AND _parts[i][1] = '"' AND _parts[i][-1] = '"'
      THEN nullif(replace(_parts[i][2:-2], '""', '"'), '')
    WHEN {_HAS_PLUS} THEN replace(_parts[i], '+', ' ')
    ELSE _parts[i] END"""
_REASON = """coalesce(_unreadable, CASE
    WHEN _names IS NULL THEN 'no #Fields line above it'
    WHEN len(list_distinct(_names)) <> len(_names) THEN 'a field stands twice in the #Fields line above it'
    WHEN len(_parts) <> len(_names) THEN concat(len(_parts), ' values instead of ', len(_names)) END)"""
# By name, so that a server that writes its fields in another order tells the same content.
_MEMBER = "CAST(to_json(_names[i]) AS VARCHAR) || ':' || coalesce(CAST(to_json(_values[i]) AS VARCHAR), 'null')"
_MEMBERS = f"list_sort(list_transform(range(1, len(_names) + 1), lambda i: {_MEMBER}))"
_CONTENT = f"'{{' || array_to_string({_MEMBERS}, ',') || '}}'"


def read_w3c_cells(streams: Streams, source: Source, files: list[SourceFile], columns: tuple[str, ...]) -> Cells:
    """Write the cells of logs in the W3C extended format, as IIS and CloudFront write them.

    Columns are called as in the `#Fields:` line above a row ('c-ip', 'cs(User-Agent)'); such a line may come again
    with other fields, and a column that is then missing is null. Values are divided by blanks or tabs and may stand in
    double quotes; '-' is null, and of headers other than Referer and Cookie '+' is a blank. Lines that begin with '#'
    are no rows. A line with too few or too many values, or without a `#Fields:` line above it, is unreadable.

    Raises:
        SourceError: the first `#Fields:` line of a file lacks a mapped column that may not be missing.
    """
    for file in files:
        known = _find_first_fields(file)
        for column in columns:
            if known and column not in (*known, *source.optional_columns):
                raise missing_column(source.name, place=f"file {file.label!r}", column=column, known=known)
    rows = streams.add(_read_rows(files), _SCHEMA)
    named = f"SELECT *, string_split(CAST(_fields AS VARCHAR), {_TAB}) AS _names, {_PLAIN} AS _plain FROM {rows}"
    split = f"SELECT *, CASE WHEN len(_plain) = len(_names) THEN _plain ELSE {_QUOTED} END AS _parts FROM ({named})"
    reasoned = f"SELECT * REPLACE ({_REASON} AS _unreadable) FROM ({split})"
    values = f"CASE WHEN _unreadable IS NULL THEN list_transform(range(1, len(_names) + 1), lambda i: {_READ}) END"
    read = f"SELECT *, {values} AS _values FROM ({reasoned})"
    fixed = [
        "_file, _line, _unreadable, coalesce(_raw, CASE WHEN _unreadable IS NOT NULL THEN _text END) AS _raw",
        f"CASE WHEN _unreadable IS NULL THEN {_CONTENT} END AS _properties",
    ]
    found = (f"_values[list_position(_names, {quote_text(column)})]" for column in columns)
    cells = [f"coalesce({cell}, {NO_CELL}) AS _c{place}" for place, cell in enumerate(found)]
    return Cells(f"SELECT {', '.join([*fixed, *cells])} FROM ({read})", columns, ("VARCHAR",) * len(columns))


def _read_rows(files: Iterable[SourceFile]) -> Iterator[pa.RecordBatch]:
    """Yield the lines that are no directives, each with the names of its fields, tab between them."""
    for file in files:
        fields: str | None = None
        for batch in read_lines([file]):
            start = 0
            for place in _place_directives(batch):
                yield from _label(batch.slice(start, place - start), fields)
                fields = _read_fields(batch["_text"][int(place)].as_py()) or fields
                start = int(place) + 1
            yield from _label(batch.slice(start), fields)


def _label(batch: pa.RecordBatch, fields: str | None) -> Iterator[pa.RecordBatch]:
    if batch.num_rows:
        codes = pa.array(np.zeros(batch.num_rows, dtype=np.int32), mask=np.full(batch.num_rows, fields is None))
        names = pa.DictionaryArray.from_arrays(codes, pa.array([fields], pa.string()))
        yield pa.record_batch([*batch.columns, names], schema=_SCHEMA)


def _place_directives(batch: pa.RecordBatch) -> np.ndarray:
    is_directive = pc.fill_null(pc.starts_with(batch["_text"], "#"), False)
    return np.flatnonzero(is_directive.to_numpy(zero_copy_only=False))


def _read_fields(directive: str) -> str:
    """The names of a `#Fields:` line, tab between them; '' for any other directive, or when it names none."""
    is_fields = directive.lower().startswith(_DIRECTIVE)
    return "\t".join(directive[len(_DIRECTIVE) :].split()) if is_fields else ""


def _find_first_fields(file: SourceFile) -> list[str]:
    """The names of a file's first `#Fields:` line; empty when its first block has none."""
    for batch in islice(read_lines([file]), 1):
        for place in _place_directives(batch):
            fields = _read_fields(batch["_text"][int(place)].as_py())
            if fields:
                return fields.split("\t")
    return []
