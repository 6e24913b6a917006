"""A frame, an Arrow table or a file of events -> one table in memory, its columns under names of our own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from journeys.errors import CallError, InputError
from journeys.warehouse import Engine

FRAME_TABLE = "frame"
ROW_COLUMN = "row_index"


@dataclass(frozen=True)
class FrameTable:
    """The loaded data: table `frame`, with `row_index` counting its rows from 0.

    DuckDB takes names that differ in case only for one, so each column stands under a name made here.

    Attributes:
        columns: the data's own column name -> the column of `frame`.
        types: the data's own column name -> DuckDB type.
    """

    columns: Mapping[str, str]
    types: Mapping[str, str]


def load_frame(engine: Engine, data: pd.DataFrame | pa.Table | str | Path) -> FrameTable:
    """Keep the data as table `frame`.

    Raises:
        InputError: the file is missing or unreadable, or the data has no rows or repeats a column name.
        CallError: the data is neither frame, Arrow table nor path.
    """
    table = _arrow_of(data)
    repeated = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if repeated:
        raise InputError("repeated-column", "the data has columns of one name", found=", ".join(map(repr, repeated)))
    if table.num_rows == 0:
        raise InputError("no-events", "the data has no rows", do="check the file or the query behind it")
    columns = {name: f"c{place}" for place, name in enumerate(table.column_names)}
    kept = pa.table([_without_nanoseconds(column) for column in table.columns], names=list(columns.values()))
    engine.load(FRAME_TABLE, kept.append_column(ROW_COLUMN, pa.array(np.arange(table.num_rows, dtype=np.int64))))
    types = dict(engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {FRAME_TABLE})"))
    return FrameTable(columns, {name: types[column] for name, column in columns.items()})


def _arrow_of(data: object) -> pa.Table:
    if isinstance(data, str | Path):
        return _read_file(Path(data))
    if isinstance(data, pd.DataFrame):
        arrays = [_arrow_of_column(data.iloc[:, place]) for place in range(data.shape[1])]
        return pa.table(arrays, names=[str(name) for name in data.columns])
    if isinstance(data, pa.Table):
        return data
    raise CallError(
        "events",
        "the events cannot be read",
        found=type(data).__name__,
        allowed="a pandas DataFrame, a pyarrow Table, or a path to Parquet, CSV or JSON lines",
    )


def _arrow_of_column(column: pd.Series) -> pa.Array | pa.ChunkedArray:
    """Convert a column; one that mixes types Arrow cannot join, or times with and without a zone, is read as text."""
    if column.dtype == object and any(isinstance(cell, datetime) for cell in column):
        return pa.array([None if pd.isna(cell) else getattr(cell, "isoformat", cell.__str__)() for cell in column])
    try:
        return pa.Array.from_pandas(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if pd.api.types.is_scalar(cell) and pd.isna(cell) else str(cell) for cell in column])


def _without_nanoseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cut zoned times to microseconds, for DuckDB has no functions on zoned nanoseconds."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz and kind.unit == "ns":
        return pc.floor_temporal(column, unit="microsecond").cast(pa.timestamp("us", kind.tz), safe=False)
    return column


def _read_file(path: Path) -> pa.Table:
    if not path.is_file():
        raise InputError("no-file", "the file of events is not there", found=str(path), do="correct the path")
    kind = next((suffix.lower() for suffix in reversed(path.suffixes) if suffix.lower() != ".gz"), "")
    try:
        if kind in (".parquet", ".pq"):
            # `read_table` would first load pyarrow's data sets, which takes longer than a million rows.
            with pyarrow.parquet.ParquetFile(path) as file:
                return file.read()
        if kind in (".jsonl", ".ndjson", ".json"):
            return _read_json(path)
        if kind in (".csv", ".tsv", ".txt"):
            return _read_csv(path, "\t" if kind == ".tsv" else ",")
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError, EOFError) as error:
        raise InputError("unreadable-file", f"{path} cannot be read", found=str(error)) from error
    raise InputError(
        "file-kind", f"{path}: the ending does not say what the file is", allowed=".parquet, .csv, .tsv, .jsonl, .json"
    )


def _read_json(path: Path) -> pa.Table:
    """Read JSON lines with every field as text, as it is written: ids keep their digits, times are read by our rule."""
    columns: dict[str, list[str | None]] = {}
    count = 0
    with pa.input_stream(str(path), compression="detect") as stream, io.BufferedReader(stream) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            for name, value in _read_object(path, number, line).items():
                columns.setdefault(name, [None] * count).append(_json_text(value))
            count += 1
            for cells in columns.values():
                if len(cells) < count:
                    cells.append(None)
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


def _read_object(path: Path, number: int, line: bytes) -> dict[str, object]:
    try:
        found = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except ValueError as error:
        raise InputError("unreadable-file", f"{path}, line {number}: not JSON", found=str(error)) from error
    if not isinstance(found, dict):
        raise InputError(
            "unreadable-file", f"{path}, line {number}: not a JSON object", found=line[:80].decode("utf-8")
        )
    return found


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _read_csv(path: Path, delimiter: str) -> pa.Table:
    """Read every column as text: '007' stays '007', and times are read by our own rule."""
    with pa.input_stream(str(path), compression="detect") as stream:
        header = stream.read(1 << 20).decode("utf-8-sig", "replace").splitlines()[:1]
    names = next(csv.reader(header, delimiter=delimiter), [])
    return pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )
