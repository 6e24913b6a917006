"""A frame, an Arrow table or a file of events in memory -> landed rows, and the rows that cannot be used."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from journeys.errors import CallError, InputError
from journeys.schema import LANDED_COLUMNS
from journeys.sources.times import INTEGER_TYPES, time_us_sql
from journeys.warehouse import Engine, quote_name, quote_text

FRAME_TABLE = "frame"
ROW_COLUMN = "#row"
_UNITS = ("", "s", "ms", "us")
_FLOATS = ("DOUBLE", "FLOAT")


@dataclass(frozen=True)
class FrameColumns:
    """Which column of the frame is what; `device` may be several columns, read as one key.

    Attributes are the keywords of `journeys.from_events`.
    """

    person: str
    occurred_at: str
    event: str
    event_id: str | None = None
    sequence: str | None = None
    session: str | None = None
    account: str | None = None
    channel: str | None = None
    value: str | None = None
    device: str | tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            names = value if field.name == "device" and isinstance(value, tuple) else (value,)
            is_optional = value is None and field.default is None
            if not is_optional and not (names and all(isinstance(name, str) and name for name in names)):
                or_list = " or a list of names" if field.name == "device" else ""
                raise CallError(
                    "column",
                    f"{field.name}= does not name a column",
                    found=repr(value),
                    allowed=f"the name of a column{or_list}",
                )

    def named(self) -> dict[str, str]:
        """Return keyword -> column for every column that is named."""
        pairs: dict[str, str] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                pairs[field.name] = value
            elif value is not None:
                pairs |= {f"{field.name}[{place}]": column for place, column in enumerate(value)}
        return pairs


def load_frame(engine: Engine, data: pd.DataFrame | pa.Table | str | Path) -> None:
    """Keep the data as table `frame`, with `#row` counting its rows from 0.

    Raises:
        InputError: the file is missing or unreadable, or the data has no rows or repeats a column name.
        CallError: the data is neither frame, Arrow table nor path.
    """
    if isinstance(data, str | Path):
        table = _read_file(engine, Path(data))
    elif isinstance(data, pd.DataFrame):
        table = _arrow_of_frame(data)
    elif isinstance(data, pa.Table):
        table = data
    else:
        raise CallError(
            "events",
            "the events cannot be read",
            found=type(data).__name__,
            allowed="a pandas DataFrame, a pyarrow Table, or a path to Parquet, CSV or JSON lines",
        )
    repeated = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if repeated:
        raise InputError("repeated-column", "the data has columns of one name", found=", ".join(repeated))
    if table.num_rows == 0:
        raise InputError("no-events", "the data has no rows", do="check the file or the query behind it")
    engine.load(FRAME_TABLE, table.append_column(ROW_COLUMN, pa.array(range(table.num_rows), pa.int64())))


def land_frame(engine: Engine, columns: FrameColumns, *, timezone: str, unit: str | None) -> pd.DataFrame:
    """Map table `frame` to `landed_rows`, and return the rows that cannot be used.

    Returns:
        One line per rejected row: `row` from 0, `column` by the source's name, `value` as text, `reason`.

    Raises:
        CallError: a named column is not there, integer times have no unit, or the unit is unknown.
    """
    types = dict(engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {FRAME_TABLE})"))
    _check_columns(columns, types)
    time_sql = _time_sql(columns, types, timezone, unit or "")
    person, event = _text_sql(columns.person, types), _text_sql(columns.event, types)
    time_text = f"CAST({quote_name(columns.occurred_at)} AS VARCHAR)"
    expressions = {
        "source": "'frame'",
        "source_index": "1",
        "file": "''",
        "line": quote_name(ROW_COLUMN),
        "event_id": _optional(columns.event_id, types),
        "occurred_at_text": f"CASE WHEN TRIM({time_text}) NOT IN ('', 'NaT') THEN {time_text} END",
        "occurred_at_us": time_sql,
        "sequence": f"TRY_CAST({quote_name(columns.sequence)} AS DOUBLE)" if columns.sequence else "NULL",
        "device_id": _device_sql(columns, types),
        "device_is_composite": str(isinstance(columns.device, tuple)),
        "user_id": person,
        "account_id": _optional(columns.account, types),
        "source_session_id": _optional(columns.session, types),
        "event": event,
        "traffic_source": _optional(columns.channel, types),
        "value_amount": f"TRY_CAST({quote_name(columns.value)} AS DOUBLE)" if columns.value else "NULL",
        "properties": _content_sql(sorted(types)),
        "is_interaction": "TRUE",
        "drop_repeats": "FALSE",
    }
    select = ", ".join(f"CAST({expressions.get(c.name, 'NULL')} AS {c.type}) AS {c.name}" for c in LANDED_COLUMNS)
    engine.save("read_rows", f"SELECT {select} FROM {FRAME_TABLE}")
    reason = """CASE WHEN user_id IS NULL THEN 'no person' WHEN event IS NULL THEN 'no event'
        WHEN occurred_at_text IS NULL THEN 'no time' WHEN occurred_at_us IS NULL THEN 'unreadable time' END"""
    local = f"CAST(timezone({quote_text(timezone)}, make_timestamptz(occurred_at_us)) AS DATE)"
    engine.save("landed_rows", f"SELECT * REPLACE ({local} AS local_date) FROM read_rows WHERE {reason} IS NULL")
    rejects = engine.frame(
        f"""
        WITH refused AS (SELECT line AS row, {reason} AS reason FROM read_rows WHERE {reason} IS NOT NULL)
        SELECT row,
          CASE reason WHEN 'no person' THEN $person WHEN 'no event' THEN $event ELSE $occurred_at END AS column,
          CASE reason WHEN 'no person' THEN CAST({quote_name(columns.person)} AS VARCHAR)
            WHEN 'no event' THEN CAST({quote_name(columns.event)} AS VARCHAR) ELSE {time_text} END AS value,
          reason
        FROM refused INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{quote_name(ROW_COLUMN)} = refused.row ORDER BY row
        """,
        {"person": columns.person, "event": columns.event, "occurred_at": columns.occurred_at},
    )
    engine.run("DROP TABLE read_rows")
    return rejects


def _check_columns(columns: FrameColumns, types: dict[str, str]) -> None:
    known = [name for name in types if name != ROW_COLUMN]
    absent = {keyword: column for keyword, column in columns.named().items() if column not in known}
    if absent:
        raise CallError(
            "column",
            "a named column is not in the data",
            found=", ".join(f"{keyword}={column!r}" for keyword, column in absent.items()),
            allowed=", ".join(map(repr, known)),
            do="name the column as the data does",
        )


def _time_sql(columns: FrameColumns, types: dict[str, str], timezone: str, unit: str) -> str:
    if unit not in _UNITS:
        raise CallError("unit", "unit of integer times is not known", found=repr(unit), allowed="'s', 'ms' or 'us'")
    kind = types[columns.occurred_at]
    if (kind in INTEGER_TYPES or kind in _FLOATS) and not unit:
        raise CallError(
            "unit",
            f"column {columns.occurred_at!r} holds numbers, and no unit says what they count",
            found=kind,
            allowed="unit='s', 'ms' or 'us'",
            do="give the unit",
        )
    return time_us_sql(quote_name(columns.occurred_at), timezone=timezone, unit=unit, column_type=kind)


def _text_sql(column: str, types: dict[str, str]) -> str:
    """Read a column as text; blank is null, and a whole number in a float column loses its '.0'."""
    name = quote_name(column)
    if types[column] in _FLOATS:
        return (
            f"CASE WHEN isfinite({name}) AND {name} = trunc({name}) THEN CAST(CAST({name} AS HUGEINT) AS VARCHAR) "
            f"WHEN NOT isnan({name}) THEN CAST({name} AS VARCHAR) END"
        )
    return f"CASE WHEN TRIM(CAST({name} AS VARCHAR)) <> '' THEN CAST({name} AS VARCHAR) END"


def _optional(column: str | None, types: dict[str, str]) -> str:
    return _text_sql(column, types) if column else "NULL"


def _device_sql(columns: FrameColumns, types: dict[str, str]) -> str:
    if not isinstance(columns.device, tuple):
        return _optional(columns.device, types)
    parts = [f"COALESCE({_text_sql(column, types)}, '')" for column in columns.device]
    return f"NULLIF(concat_ws(CHR(31), {', '.join(parts)}), REPEAT(CHR(31), {len(parts) - 1}))"


def _content_sql(names: list[str]) -> str:
    """Write a row's content as one text: its values in the order of column names, null apart from empty."""
    values = [f"COALESCE(CAST({quote_name(name)} AS VARCHAR), CHR(30))" for name in names if name != ROW_COLUMN]
    return f"concat_ws(CHR(31), {', '.join(values)})"


def _arrow_of_frame(frame: pd.DataFrame) -> pa.Table:
    arrays = []
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        try:
            arrays.append(pa.Array.from_pandas(column))
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            arrays.append(pa.array([None if pd.api.types.is_scalar(v) and pd.isna(v) else str(v) for v in column]))
    columns = [each.combine_chunks() if isinstance(each, pa.ChunkedArray) else each for each in arrays]
    return pa.table(columns, names=[str(name) for name in frame.columns])


def _read_file(engine: Engine, path: Path) -> pa.Table:
    if not path.is_file():
        raise InputError("no-file", "the file of events is not there", found=str(path), do="correct the path")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = next((suffix for suffix in reversed(suffixes) if suffix != ".gz"), "")
    try:
        if kind in (".parquet", ".pq"):
            return engine.arrow(f"SELECT * FROM read_parquet({quote_text(str(path))})")
        if kind in (".jsonl", ".ndjson", ".json"):
            options = "format='newline_delimited', sample_size=-1" if kind != ".json" else "sample_size=-1"
            return engine.arrow(f"SELECT * FROM read_json({quote_text(str(path))}, {options})")
        if kind in (".csv", ".tsv", ".txt"):
            return _read_csv(path, "\t" if kind == ".tsv" else ",")
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError, EOFError) as error:
        raise InputError("unreadable-file", f"{path} cannot be read", found=str(error)) from error
    raise InputError(
        "file-kind", f"{path}: the ending does not say what the file is", allowed=".parquet, .csv, .tsv, .jsonl, .json"
    )


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
