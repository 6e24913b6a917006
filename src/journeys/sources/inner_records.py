"""A list inside each row -> rows of their own: an order becomes its items, a visit its actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from journeys.sources.files import BLOCK_BYTES
from journeys.sources.json_spans import find_end, find_span, list_items, skip_blanks
from journeys.sources.lines import LINE_SCHEMA

_Part = tuple[str | None, str | None, str | None]  # text, reason, raw


def read_inner_records(batches: Iterable[pa.RecordBatch], path: str) -> Iterator[pa.RecordBatch]:
    """Make a row of each item of the list at a path: the whole row, with the item in the place of its list.

    So 'items' of `{"id": 7, "items": [{"sku": 1}, {"sku": 2}]}` makes `{"id": 7, "items": {"sku": 1}}` and one more,
    each as it was written. A row whose list is missing, empty or none is unreadable and says so; what is no JSON
    object stays as it is. The rows of a file are numbered through.

    Args:
        batches: of lines.LINE_SCHEMA, each of one file.
        path: of the list, such as 'items' or 'visit.items'.

    Yields:
        Batches of lines.LINE_SCHEMA.
    """
    numbers: Counter[str] = Counter()
    for batch in batches:
        label = batch.column("_file").dictionary
        columns = (batch.column(name).to_pylist() for name in ("_text", "_unreadable", "_raw"))
        parts: list[_Part] = []
        size = 0
        for row in zip(*columns, strict=True):
            for part in _split(row, path):
                parts.append(part)
                size += len(part[0] or part[2] or "")
                if size >= BLOCK_BYTES:
                    yield _build(label, parts, numbers)
                    parts, size = [], 0
        if parts:
            yield _build(label, parts, numbers)


def _split(row: _Part, path: str) -> Iterator[_Part]:
    text = row[0]
    if text is None or not _is_object(text):
        yield row
        return
    span = find_span(text, path)
    if span is None or not text.startswith("[", span[0]):
        yield None, f"no {path!r}" if span is None else f"{path!r} is no list", text
        return
    items = list(list_items(text, span[0]))
    if not items:
        yield None, f"{path!r} is an empty list", text
    before, after = text[: span[0]], text[span[1] :]
    for start, end in items:
        yield f"{before}{text[start:end]}{after}", None, None


def _is_object(text: str) -> bool:
    start = skip_blanks(text, 0)
    end = find_end(text, start) if text.startswith("{", start) else None
    return end is not None and skip_blanks(text, end) == len(text)


def _build(label: pa.Array, parts: list[_Part], numbers: Counter[str]) -> pa.RecordBatch:
    count, file = len(parts), str(label[0])
    first = numbers[file] + 1
    numbers[file] += count
    texts, reasons, raws = zip(*parts, strict=True)
    arrays = [
        pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), label),
        pa.array(range(first, first + count), pa.int64()),
        pa.array(texts, pa.large_string()),
        pa.array(reasons, pa.string()),
        pa.array(raws, pa.large_string()),
    ]
    return pa.record_batch(arrays, schema=LINE_SCHEMA)
