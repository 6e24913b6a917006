"""JSON files -> rows: a file that is one JSON list has its items as rows, any other one its lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

import pyarrow as pa

from journeys.sources.files import BLOCK_BYTES, BrokenGzipError, SourceFile, read_blocks
from journeys.sources.json_spans import find_end, skip_blanks
from journeys.sources.lines import NOT_UTF8, build_rows, read_lines, strip_bom

# A list of objects, or an empty one and nothing else; a list of other values is taken for a line.
_LIST = re.compile(rb"\s*\[\s*(?:\{|\]\s*$)")
_Row = tuple[int, str | None, str | None, str | None]


def read_json_rows(files: Iterable[SourceFile]) -> Iterator[pa.RecordBatch]:
    """Read files of JSON lines, and files that are one JSON list of objects, whose items are numbered from 1.

    A list may be of any length and written on one line or on many; what follows it is read on in the same way.
    Where an item is no JSON, it and all that follows is one unreadable row, for nobody can say where the next begins.

    Yields:
        Batches of lines.LINE_SCHEMA.
    """
    for file in files:
        yield from _read_values(file) if is_json_list(file) else read_lines([file])


def is_json_list(file: SourceFile) -> bool:
    """Tell whether a file is one JSON list, of objects or empty."""
    head = b""
    try:
        for block in strip_bom(read_blocks(file)):
            head += block
            if len(head.strip()) > 1:
                break
    except BrokenGzipError:
        pass
    return _LIST.match(head) is not None


def _read_values(file: SourceFile) -> Iterator[pa.RecordBatch]:
    rows: list[_Row] = []
    size = 0
    for row in _list_rows(file, _Text(strip_bom(read_blocks(file)))):
        rows.append(row)
        size += len(row[1] or row[3] or "")
        if size >= BLOCK_BYTES:
            yield build_rows(file, rows)
            rows, size = [], 0
    if rows:
        yield build_rows(file, rows)


def _list_rows(file: SourceFile, text: _Text) -> Iterator[_Row]:
    number = 1
    is_inside = False
    try:
        while sign := text.peek():
            if sign == ("]" if is_inside else "["):
                is_inside = not is_inside
                text.skip()
                continue
            value = text.take_value()
            if value is not None:
                yield _make_row(number, value)
                number += 1
            if value is None or (is_inside and not text.skip_separator()):
                yield number, None, "not JSON, so that nothing after it can be read", _mend(text.take_rest())
                return
        if is_inside:
            yield number, None, "the list does not end: the file seems to be cut off", ""
    except BrokenGzipError as broken:
        yield number, None, f"{file.label}: {broken}, in item {number}", _mend(text.take_rest())


def _make_row(number: int, value: str) -> _Row:
    mended = _mend(value)
    return (number, value, None, None) if mended == value else (number, None, NOT_UTF8, mended)


def _mend(text: str) -> str:
    """Write bytes that are no UTF-8 as the mark for what cannot be read."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _Text:
    """The text of a file from some place on, read as far as it is needed; bytes that are no UTF-8 stay marked."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._place = 0
        self._is_whole = False

    def peek(self) -> str:
        """Return the next character that is no blank; '' at the end."""
        self._place = skip_blanks(self._text, self._place)
        while self._place == len(self._text) and not self._is_whole:
            self._read_on(1)
            self._place = skip_blanks(self._text, self._place)
        return self._text[self._place : self._place + 1]

    def skip(self) -> None:
        """Go past one character."""
        self._place += 1

    def skip_separator(self) -> bool:
        """Go past the comma after an item, if it is not the last; tell whether one of the two is the case."""
        sign = self.peek()
        if sign == ",":
            self.skip()
        return sign in ",]"

    def take_value(self) -> str | None:
        """Take the JSON value that begins here; None, and nothing taken, where none does."""
        while True:
            end = find_end(self._text, self._place)
            if end is not None and (end < len(self._text) or self._is_whole):
                value, self._place = self._text[self._place : end], end
                return value
            if self._is_whole:
                return None
            # As much again as was in vain, so that a long value costs no squared time.
            self._read_on(len(self._text) - self._place)

    def take_rest(self) -> str:
        """Take all that is left."""
        while not self._is_whole:
            self._read_on(BLOCK_BYTES)
        rest, self._place = self._text[self._place :], len(self._text)
        return rest

    def _read_on(self, least: int) -> None:
        """Read at least so many characters more, and let go of those before the place."""
        parts = [self._text[self._place :]]
        try:
            while least > 0 and not self._is_whole:
                block = next(self._blocks, None)
                self._is_whole = block is None
                parts.append(self._decoder.decode(block or b"", final=self._is_whole))
                least -= len(parts[-1])
        except BrokenGzipError:
            self._is_whole = True
            raise
        finally:
            self._text, self._place = "".join(parts), 0
