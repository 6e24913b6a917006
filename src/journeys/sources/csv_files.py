"""CSV files -> cells: all values are text, empty ones null, `properties` holds every column."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from journeys.errors import SourceError
from journeys.sources.csv_records import CsvShape, read_header, read_records
from journeys.sources.faults import missing_column
from journeys.sources.files import SourceFile
from journeys.sources.mapping import NO_CELL, Cells, find_cells
from journeys.sources.streams import Streams
from journeys.warehouse import quote_text

if TYPE_CHECKING:
    from journeys.config import Source

_DELIMITERS = ",;\t|"


def read_csv_cells(streams: Streams, source: Source, files: list[SourceFile], columns: tuple[str, ...]) -> list[Cells]:
    """Write the cells of CSV files, one group per header: `source.header`, else the first record of each file.

    Raises:
        SourceError: a mapped column is missing or stands twice in a header, or the delimiter is another one.
    """
    groups: dict[CsvShape, list[SourceFile]] = {}
    for file in files:
        delimiter = "\t" if source.delimiter == "," and ".tsv" in file.path.suffixes else source.delimiter
        if source.header:
            shape: CsvShape | None = CsvShape(delimiter, source.header, 0, source.quotes)
        else:
            shape = read_header(file, delimiter, has_quotes=source.quotes)
        if shape is not None:
            groups.setdefault(shape, []).append(file)
    if not groups:
        unread = _read_group(streams, source, CsvShape(source.delimiter, columns, 1), columns=columns, files=files)
        return [replace(unread, names=())]
    return [_read_group(streams, source, shape, columns=columns, files=group) for shape, group in groups.items()]


def _read_group(
    streams: Streams, source: Source, shape: CsvShape, *, columns: tuple[str, ...], files: list[SourceFile]
) -> Cells:
    names = _name_columns(source, shape, files[0])
    place = f"file {files[0].label!r}"
    for column in columns:
        if len(names) == 1 and column not in (*names, *source.optional_columns):
            raise _wrong_delimiter(source, shape, place=place, column=column)
    places = find_cells(source, place=place, columns=columns, known=names)
    rows = streams.add(chain.from_iterable(read_records(file, shape) for file in files), shape.schema)
    # By name, so that an export whose columns move is still the same content.
    pairs = ", ".join(
        f"{quote_text(name)}, _own_{index}" for name, index in sorted((n, i) for i, n in enumerate(names))
    )
    cells = [f"{NO_CELL if own is None else f'_own_{own}'} AS _c{index}" for index, own in enumerate(places)]
    fixed = ["_file", "_line", "_unreadable", "_raw", f"CAST(json_object({pairs}) AS VARCHAR) AS _properties"]
    sql = f"SELECT {', '.join([*fixed, *cells])} FROM {rows}"
    return Cells(sql, columns, ("VARCHAR",) * len(columns), tuple(names))


def _name_columns(source: Source, shape: CsvShape, file: SourceFile) -> list[str]:
    """The header's names without blanks around them; a column without a name is called by its place."""
    names = [name.strip() or f"column_{place}" for place, name in enumerate(shape.header, start=1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SourceError(
            "duplicate-column",
            f"source {source.name!r}: the header of {file.label!r} has columns of the same name",
            found=", ".join(repr(name) for name in twice),
            allowed="each column name once",
            do="rename the columns in the file",
        )
    return names


def _wrong_delimiter(source: Source, shape: CsvShape, *, place: str, column: str) -> SourceError:
    header = shape.header[0]
    better = max(_DELIMITERS, key=header.count)
    if not header.count(better):
        return missing_column(source.name, place=place, column=column, known=shape.header)
    return SourceError(
        "wrong-delimiter",
        f"source {source.name!r}: {place} has one column only when split at {shape.delimiter!r}",
        found=f"header {header[:200]!r}, in which {column!r} is looked for",
        allowed="the character that stands between the values",
        do=f"write delimiter = {better!r} in the [[source]]"
        if better != "\t"
        else 'write delimiter = "\\t" in the [[source]]',
    )
