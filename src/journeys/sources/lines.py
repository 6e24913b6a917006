"""Physical lines of text files as Arrow batches: exact line numbers, any length, any bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from journeys.sources.files import BrokenGzipError, SourceFile, read_blocks

LINE_SCHEMA = pa.schema(
    [
        ("_file", pa.dictionary(pa.int32(), pa.string())),
        ("_line", pa.int64()),
        ("_text", pa.large_string()),
        ("_unreadable", pa.string()),
        ("_raw", pa.large_string()),
    ]
)
_BOM = b"\xef\xbb\xbf"
_BLANK_BYTES = np.frombuffer(b" \t\r\x0b\x0c", dtype=np.uint8)
NOT_UTF8 = "not UTF-8"


def read_lines(files: Iterable[SourceFile]) -> Iterator[pa.RecordBatch]:
    """Read files line by line; wholly blank lines are left out, all others are one row each.

    Yields:
        Batches of LINE_SCHEMA: `_file`, `_line` (from 1), `_text` (without its line end; null when unreadable),
        `_unreadable` (reason: not UTF-8, broken gzip; else null) and `_raw` (text of an unreadable line).
    """
    for file in files:
        yield from _read_file(file)


def _read_file(file: SourceFile) -> Iterator[pa.RecordBatch]:
    line = 1
    pending: list[bytes] = []
    broken = None
    try:
        for block in strip_bom(read_blocks(file)):
            cut = block.rfind(b"\n") + 1
            if not cut:
                pending.append(block)
                continue
            lines = b"".join([*pending, block[:cut]])
            pending = [block[cut:]]
            line_count, batch = _build_batch(file, line, lines)
            line += line_count
            yield batch
    except BrokenGzipError as error:
        broken = error
    rest = b"".join(pending)
    if broken is not None:
        reason = f"{file.label}: {broken}, in line {line}"
        yield build_rows(file, [(line, None, reason, rest.decode("utf-8", "replace"))])
    elif rest:
        yield _build_batch(file, line, rest + b"\n")[1]


def strip_bom(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Drop a UTF-8 byte order mark at the start; a first block shorter than it is held back until it is long enough."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= len(_BOM):
            break
    yield head.removeprefix(_BOM)
    yield from blocks


def _build_batch(file: SourceFile, first_line: int, lines: bytes) -> tuple[int, pa.RecordBatch]:
    """Make one batch of complete lines (`lines` ends with a line end) without a Python object per line."""
    if b"\r" in lines:
        lines = lines.replace(b"\r\n", b"\n")
    line_ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == ord("\n"))
    count = len(line_ends)
    data = lines.replace(b"\n", b"")
    offsets = np.zeros(count + 1, dtype=np.int64)
    offsets[1:] = line_ends - np.arange(count)
    texts = pa.Array.from_buffers(pa.large_string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    if not _is_utf8(data, texts):
        return count, _build_line_by_line(file, first_line, data, offsets)
    numbers = np.arange(first_line, first_line + count)
    kept = _find_filled(data, offsets)
    if not kept.all():
        texts, numbers = texts.filter(pa.array(kept)), numbers[kept]
    return count, pa.record_batch(
        [
            label_rows(file, len(numbers)),
            pa.array(numbers, pa.int64()),
            texts,
            pa.nulls(len(numbers), pa.string()),
            pa.nulls(len(numbers), pa.large_string()),
        ],
        schema=LINE_SCHEMA,
    )


def _is_utf8(data: bytes, texts: pa.Array) -> bool:
    if data.isascii():
        return True
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _find_filled(data: bytes, offsets: np.ndarray) -> np.ndarray:
    """Tell for each line whether it holds more than blanks."""
    filled = np.diff(offsets) > 0
    if not data:
        return filled
    starts = np.minimum(offsets[:-1], len(data) - 1)
    first_bytes = np.frombuffer(data, dtype=np.uint8)[starts]
    for index in np.flatnonzero(filled & np.isin(first_bytes, _BLANK_BYTES)):
        filled[index] = bool(data[offsets[index] : offsets[index + 1]].strip())
    return filled


def _build_line_by_line(file: SourceFile, first_line: int, data: bytes, offsets: np.ndarray) -> pa.RecordBatch:
    rows: list[tuple[int, str | None, str | None, str | None]] = []
    for index in range(len(offsets) - 1):
        line = data[offsets[index] : offsets[index + 1]]
        if not line.strip():
            continue
        try:
            rows.append((first_line + index, line.decode("utf-8"), None, None))
        except UnicodeDecodeError:
            rows.append((first_line + index, None, NOT_UTF8, line.decode("utf-8", "replace")))
    return build_rows(file, rows)


def build_rows(file: SourceFile, rows: list[tuple[int, str | None, str | None, str | None]]) -> pa.RecordBatch:
    """Make a batch of LINE_SCHEMA from rows of (line, text, reason, raw)."""
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, list(LINE_SCHEMA)[1:], strict=True)]
    return pa.record_batch([label_rows(file, len(rows)), *arrays], schema=LINE_SCHEMA)


def label_rows(file: SourceFile, count: int) -> pa.DictionaryArray:
    """The `_file` column of `count` rows of one file."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([file.label]))
