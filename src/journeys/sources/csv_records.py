"""CSV files as batches of records with exact physical line numbers, also after line breaks inside quotes.

Blocks whose quotes stand where they should are split and parsed as a whole; from the first quote at an odd place on,
and in blocks that are not UTF-8, Python's csv module reads record by record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from journeys.sources.csv_slow import RecordReader, is_utf8
from journeys.sources.files import BrokenGzipError, SourceFile, read_blocks
from journeys.sources.lines import label_rows, strip_bom

_SLOW_ROWS = 5_000
_QUOTE = ord('"')


@dataclass(frozen=True)
class CsvShape:
    """How the records of a file are written: its delimiter, its column names and the physical lines they take.

    With `has_quotes` a value may stand in double quotes.
    """

    delimiter: str
    header: tuple[str, ...]
    header_lines: int
    has_quotes: bool = True

    @property
    def schema(self) -> pa.Schema:
        """The schema of the batches: `_file`, `_line`, `_unreadable`, `_raw` and `_own_0`, `_own_1`, ..."""
        own = [(f"_own_{place}", pa.string()) for place in range(len(self.header))]
        fixed = [("_line", pa.int64()), ("_unreadable", pa.string()), ("_raw", pa.string())]
        return pa.schema([("_file", pa.dictionary(pa.int32(), pa.string())), *fixed, *own])


def read_header(file: SourceFile, delimiter: str, *, has_quotes: bool = True) -> CsvShape | None:
    """Read the first record that is not blank; None when there is none, or when it cannot be read."""
    reader = RecordReader(strip_bom(read_blocks(file)), delimiter, has_quotes=has_quotes)
    try:
        for _, reason, _, values in reader:
            if reason is None:
                return CsvShape(delimiter, tuple(values), reader.line - 1, has_quotes)
            break
    except BrokenGzipError:
        pass
    return None


def read_records(file: SourceFile, shape: CsvShape) -> Iterator[pa.RecordBatch]:
    """Yield a file's records after its header as batches of `shape.schema`.

    A record with too few or too many values, not UTF-8, or with a quote that is never closed is unreadable: it has a
    reason and its text instead of values.
    """
    line = shape.header_lines + 1
    blocks = _skip_lines(strip_bom(read_blocks(file)), shape.header_lines)
    pending: list[bytes] = []
    waiting = 0
    try:
        for block in blocks:
            pending.append(block)
            waiting -= len(block)
            if waiting > 0:
                continue
            data = b"".join(pending)
            part = _find_part(data, shape)
            if part is None:
                pending = []
                yield from _read_slowly(file, shape, line, chain([data], blocks))
                return
            pending = [data[part.size :]]
            # Without a record's end the next look waits for as much again, so that long records cost no squared time.
            waiting = 0 if part.size else len(data)
            if part.size:
                yield from _build_part(file, shape, line, data[: part.size], part)
                line += part.line_count
        yield from _read_slowly(file, shape, line, [b"".join(pending)])
    except BrokenGzipError as error:
        yield from _read_slowly(file, shape, line, _break_after(b"".join(pending), error))


def _break_after(data: bytes, error: BrokenGzipError) -> Iterator[bytes]:
    yield data
    raise error


def _skip_lines(blocks: Iterator[bytes], count: int) -> Iterator[bytes]:
    for block in blocks:
        start = 0
        while count and (end := block.find(b"\n", start)) >= 0:
            start, count = end + 1, count - 1
        if not count:
            yield block[start:]
            break
    yield from blocks


@dataclass(frozen=True)
class _Part:
    """The complete records at the start of some data: bytes and physical lines they take; their first lines from 0."""

    size: int
    line_count: int
    first_lines: np.ndarray
    has_quotes: bool


def _find_part(data: bytes, shape: CsvShape) -> _Part | None:
    """Find the complete records; None when quotes or lone carriage returns stand at odd places."""
    codes = np.frombuffer(data, dtype=np.uint8)
    line_ends = np.flatnonzero(codes == ord("\n"))
    may_quote = shape.has_quotes and b'"' in data
    quotes = np.flatnonzero(codes == _QUOTE) if may_quote else np.empty(0, dtype=np.int64)
    is_end = np.searchsorted(quotes, line_ends) % 2 == 0
    record_ends = line_ends[is_end]
    size = int(record_ends[-1]) + 1 if len(record_ends) else 0
    if not _are_quotes_clean(codes, quotes, ord(shape.delimiter)):
        return None
    if b"\r" in data and data.count(b"\r", 0, size) != data.count(b"\r\n", 0, size):
        return None
    first_lines = np.zeros(len(record_ends), dtype=np.int64)
    first_lines[1:] = np.flatnonzero(is_end)[:-1] + 1
    line_count = int(np.flatnonzero(is_end)[-1]) + 1 if size else 0
    starts = np.zeros(len(record_ends), dtype=np.int64)
    starts[1:] = record_ends[:-1] + 1
    lengths = record_ends - starts
    lengths -= (lengths > 0) & (codes[record_ends - 1] == ord("\r"))
    return _Part(size, line_count, first_lines[lengths > 0], bool(len(quotes)))


def _are_quotes_clean(codes: np.ndarray, quotes: np.ndarray, delimiter: int) -> bool:
    """Tell whether every quote opens at a value's start, closes at its end, or is one of a doubled pair."""
    padded = np.concatenate([np.array([ord("\n")], dtype=np.uint8), codes, np.array([ord("\n")], dtype=np.uint8)])
    before, after = padded[quotes], padded[quotes + 2]
    opens, closes = before[0::2], after[1::2]
    may_precede = np.array([delimiter, ord("\n"), _QUOTE], dtype=np.uint8)
    may_follow = np.array([delimiter, ord("\n"), ord("\r"), _QUOTE], dtype=np.uint8)
    return bool(np.isin(opens, may_precede).all() and np.isin(closes, may_follow).all())


def _build_part(file: SourceFile, shape: CsvShape, line: int, data: bytes, part: _Part) -> Iterator[pa.RecordBatch]:
    invalid: list[arrow_csv.InvalidRow] = []

    def keep_invalid(row: arrow_csv.InvalidRow) -> str:
        invalid.append(row)
        return "skip"

    table = None
    if is_utf8(data):
        names = shape.schema.names[4:]
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(data),
                arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(data) + 1),
                arrow_csv.ParseOptions(
                    delimiter=shape.delimiter,
                    quote_char='"' if shape.has_quotes else False,
                    newlines_in_values=part.has_quotes,
                    invalid_row_handler=keep_invalid,
                ),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=True,
                    null_values=[""],
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid:
            table = None
    if table is None or table.num_rows + len(invalid) != len(part.first_lines):
        yield from _read_slowly(file, shape, line, [data])
        return
    is_valid = np.ones(len(part.first_lines), dtype=bool)
    for row in invalid:
        is_valid[row.number - 1] = False
    numbers = part.first_lines + line
    if table.num_rows:
        count = table.num_rows
        fixed = [
            label_rows(file, count),
            pa.array(numbers[is_valid]),
            pa.nulls(count, pa.string()),
            pa.nulls(count, pa.string()),
        ]
        own = [column.combine_chunks() for column in table.columns]
        yield pa.record_batch([*fixed, *(_join_chunks(column) for column in own)], schema=shape.schema)
    if invalid:
        bad: list[_Row] = [
            (int(number), _count_reason(row.expected_columns, row.actual_columns), row.text, [])
            for number, row in zip(numbers[~is_valid], invalid, strict=True)
            if row.text.strip()
        ]
        yield _build_rows(file, shape, bad)


def _join_chunks(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column


def _count_reason(expected: int, found: int) -> str:
    return f"{found} value{'s' if found != 1 else ''} instead of {expected}"


_Row = tuple[int, str | None, str | None, list[str | None]]


def _read_slowly(file: SourceFile, shape: CsvShape, line: int, blocks: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
    reader = RecordReader(blocks, shape.delimiter, line, has_quotes=shape.has_quotes)
    rows: list[_Row] = []
    width = len(shape.header)
    try:
        for first_line, reason, text, values in reader:
            if reason is None and len(values) != width:
                rows.append((first_line, _count_reason(width, len(values)), text, []))
            else:
                kept = [] if reason else [value or None for value in values]
                rows.append((first_line, reason, text if reason else None, kept))
            if len(rows) >= _SLOW_ROWS:
                yield _build_rows(file, shape, rows)
                rows = []
    except BrokenGzipError as error:
        text = reader.take_rest().decode("utf-8", "replace")
        rows.append((reader.line, f"{file.label}: {error}, in line {reader.line}", text, []))
    if rows:
        yield _build_rows(file, shape, rows)


def _build_rows(file: SourceFile, shape: CsvShape, rows: list[_Row]) -> pa.RecordBatch:
    own = [
        pa.array([row[3][place] if row[3] else None for row in rows], pa.string()) for place in range(len(shape.header))
    ]
    fixed = [pa.array([row[0] for row in rows], pa.int64())]
    fixed += [pa.array([row[place] for row in rows], pa.string()) for place in (1, 2)]
    return pa.record_batch([label_rows(file, len(rows)), *fixed, *own], schema=shape.schema)
