"""CSV record by record with Python's csv module, for text that is not clean: exact lines and text of every record."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from journeys.sources.lines import NOT_UTF8


def is_utf8(data: bytes) -> bool:
    """Tell whether bytes are UTF-8 text."""
    try:
        return data.isascii() or bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


class RecordReader:
    """Record by record: (first physical line, reason it is unreadable or None, its text, its values).

    `line` is the physical line after the last record.
    """

    def __init__(self, blocks: Iterable[bytes], delimiter: str, line: int = 1, *, has_quotes: bool = True) -> None:
        csv.field_size_limit(2**31 - 1)
        self.line = line
        self._blocks = iter(blocks)
        self._consumed: list[bytes] = []
        self._pending: list[bytes] = []
        self._is_over = False
        self._has_quotes = has_quotes
        self._reader = (
            csv.reader(self._feed(), delimiter=delimiter)
            if has_quotes
            else csv.reader(self._feed(), delimiter=delimiter, quoting=csv.QUOTE_NONE)
        )

    def __iter__(self) -> Iterator[tuple[int, str | None, str, list[str]]]:
        while True:
            reason, values = None, []
            try:
                values = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = f"not CSV: {error}"
            record = b"".join(self._consumed)
            first_line = self.line
            self.line += len(self._consumed)
            self._consumed.clear()
            if not record.strip():
                continue
            text = record.decode("utf-8", "replace").rstrip("\r\n")
            if not is_utf8(record):
                reason = NOT_UTF8
            elif reason is None and self._has_quotes and self._is_over and record.count(b'"') % 2:
                reason = "a quote is never closed"
            yield first_line, reason, text, values

    def take_rest(self) -> bytes:
        """What was read of a record that is not complete."""
        return b"".join([*self._consumed, *self._pending])

    def _feed(self) -> Iterator[str]:
        for line in self._split_lines():
            self._consumed.append(line)
            yield line.decode("utf-8", "surrogateescape")
        self._is_over = True

    def _split_lines(self) -> Iterator[bytes]:
        for block in self._blocks:
            cut = block.rfind(b"\n") + 1
            if not cut:
                self._pending.append(block)
                continue
            lines = b"".join([*self._pending, block[:cut]])
            self._pending = []
            yield from (line + b"\n" for line in lines[:-1].split(b"\n"))
            self._pending = [block[cut:]] if block[cut:] else []
        if self._pending:
            rest = b"".join(self._pending)
            self._pending = []
            if rest:
                yield rest
