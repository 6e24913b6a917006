"""A REST source -> its records as JSON lines, page by page.

The HTTP client is httpx with tenacity, both needed anyway, and not dlt's REST client: tried beside DuckDB 2 it works
without its pipelines, but it adds eleven packages, takes a missing record path for an empty page, sends the login to
whatever server a next link names, and follows a link that leads back for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from journeys.sources.cursors import CursorWatch, find_kind
from journeys.sources.lines import LINE_SCHEMA
from journeys.sources.rest.columns import ColumnWatch
from journeys.sources.rest.cursor import read_cursor
from journeys.sources.rest.faults import Faults, label_rows
from journeys.sources.rest.pages import CountedPages, LinkedPages, OnePage, Pages
from journeys.sources.rest.session import Session
from journeys.sources.rest.since import SincePages

if TYPE_CHECKING:
    from journeys.config import Source

_PAGES: dict[str, type[Pages]] = {
    "none": OnePage,
    "next_link": LinkedPages,
    "link_header": LinkedPages,
    "cursor": LinkedPages,
    "page": CountedPages,
    "offset": CountedPages,
    "since": SincePages,
}


@dataclass
class Reading:
    """One reading of a REST source; `batches` can be read once.

    Args:
        source: of kind rest.
        params: of the first request beside the source's own: where to read from.
        columns: sees all records.
        watch: sees all cursor values.
        retries: further tries of each request; None is as the source says.
    """

    source: Source
    params: dict[str, str]
    columns: ColumnWatch
    watch: CursorWatch | None = None
    retries: int | None = None

    def __post_init__(self) -> None:
        self._session = Session(self.source, Faults(self.source), retries=self.retries)
        self.pages = self._open(self.params)

    def _open(self, params: dict[str, str]) -> Pages:
        kind = self.source.paging.kind if self.source.paging else "none"
        return _PAGES[kind](self._session, self.source, params)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records of each page as rows of lines.LINE_SCHEMA, numbered through.

        Raises:
            SourceError: the API refuses, answers with something else, or its cursor cannot be put in order.
            TransientSourceError: it cannot be reached now.
        """
        return self._write(self._list_pages())

    def first_batch(self) -> Iterator[pa.RecordBatch]:
        """Yield the records of the first page that has some, and ask for no further one.

        Raises:
            SourceError: as `batches`.
        """
        return self._write(islice(self.pages, 1))

    def _list_pages(self) -> Iterator[list[Any]]:
        """The pages from the mark on, or all of them where the cursor is of another kind than the mark now."""
        pages = iter(self.pages)
        for first in pages:
            if self.watch is not None and self._has_other_kind(first):
                self.watch.start_from(None)
                self.pages = self._open({})
                note = f"the cursor {self.source.cursor!r} holds another kind of value now: everything was read"
                self.pages.notes.append(note)
                yield from self.pages
                return
            yield first
            yield from pages

    def _has_other_kind(self, records: list[Any]) -> bool:
        mark = self.watch.mark if self.watch is not None else None
        kinds = {find_kind(read_cursor(self.source, record)) for record in records} - {""}
        return mark is not None and bool(kinds) and mark.kind not in kinds

    def _write(self, pages: Iterable[list[Any]]) -> Iterator[pa.RecordBatch]:
        line = 1
        label = pa.array([label_rows(self.source)])
        try:
            for records in pages:
                self.columns.see(records)
                if self.watch is not None:
                    self.watch.see(read_cursor(self.source, record) for record in records)
                count = len(records)
                yield pa.record_batch(
                    [
                        pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), label),
                        pa.array(range(line, line + count), pa.int64()),
                        pa.array(map(_write_line, records), pa.large_string()),
                        pa.nulls(count, pa.string()),
                        pa.nulls(count, pa.large_string()),
                    ],
                    schema=LINE_SCHEMA,
                )
                line += count
        finally:
            self._session.close()


def _write_line(record: Any) -> str:
    """A record as one line, the same for the same content; half a surrogate pair stays escaped, for it is no text."""
    line = json.dumps(record, ensure_ascii=False, sort_keys=True)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(record, sort_keys=True)
    return line
