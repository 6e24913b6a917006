"""The rows of a log in memory -> landed rows, and the rows that cannot be used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, fields

import pandas as pd

from journeys.errors import CallError
from journeys.schema import LANDED_COLUMNS
from journeys.sources.frame_data import FRAME_TABLE, ROW_COLUMN, FrameTable
from journeys.sources.times import INTEGER_TYPES, time_us_sql
from journeys.warehouse import Engine, quote_text

_UNITS = ("", "s", "ms", "us")
_FLOATS = ("DOUBLE", "FLOAT")
_TYPES = {column.name: column.type for column in LANDED_COLUMNS}
_REASON = """CASE WHEN user_id IS NULL THEN 'no person' WHEN event IS NULL THEN 'no event'
  WHEN has_no_time THEN 'no time' WHEN occurred_at_us IS NULL THEN 'unreadable time' END"""


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


def land_frame(
    engine: Engine, frame: FrameTable, columns: FrameColumns, *, timezone: str, unit: str | None
) -> pd.DataFrame:
    """Map table `frame` to `read_rows`, and return the rows that cannot be used.

    `read_rows` holds what the named columns give, under the names of landed rows, with the number of the row (`line`)
    and why it cannot be used (`reason`, else null). `landed_rows` shows the usable rows with all columns that the
    models of `sql/1_events` read.

    Returns:
        One line per rejected row: `row` from 0, `column` by the source's name, `value` as text, `reason`.

    Raises:
        CallError: a named column is not there, integer times have no unit, or the unit is unknown.
    """
    _check_columns(columns, frame)
    mapped = _map_columns(frame, columns, _time_sql(frame, columns, timezone, unit or ""))
    read = ", ".join(f"CAST({sql} AS {_TYPES[name]}) AS {name}" for name, sql in mapped.items())
    has_no_time = _no_time_sql(frame, columns.occurred_at)
    engine.save(
        "read_rows",
        f"WITH mapped AS (SELECT {ROW_COLUMN} AS line, {read}, {has_no_time} AS has_no_time FROM {FRAME_TABLE}) "
        f"SELECT * EXCLUDE (has_no_time), {_REASON} AS reason FROM mapped",
    )
    _show_landed(engine, frame, columns, mapped, timezone)
    return _list_rejects(engine, frame, columns)


def _map_columns(frame: FrameTable, columns: FrameColumns, time_sql: str) -> dict[str, str]:
    """Write what the named columns give, by the name of the landed column."""
    texts = {
        "event_id": columns.event_id,
        "user_id": columns.person,
        "account_id": columns.account,
        "source_session_id": columns.session,
        "event": columns.event,
        "traffic_source": columns.channel,
    }
    mapped = {name: _text_sql(frame, column) for name, column in texts.items() if column is not None}
    mapped["occurred_at_us"] = time_sql
    if columns.device is not None:
        mapped["device_id"] = _device_sql(frame, columns.device)
    for name, column in (("sequence", columns.sequence), ("value_amount", columns.value)):
        if column is not None:
            mapped[name] = f"TRY_CAST({frame.columns[column]} AS {_TYPES[name]})"
    return mapped


def _show_landed(
    engine: Engine, frame: FrameTable, columns: FrameColumns, mapped: Iterable[str], timezone: str
) -> None:
    """Show the usable rows as any source lands them: what no column gives is the same for all."""
    given = {
        "source": "'frame'",
        "source_index": "1",
        "file": "''",
        "reading": "1",
        "line": "line",
        "occurred_at_text": f"CAST({FRAME_TABLE}.{frame.columns[columns.occurred_at]} AS VARCHAR)",
        "device_is_composite": str(isinstance(columns.device, tuple)),
        "properties": content_sql(frame),
        "is_event": "TRUE",
        "is_interaction": "TRUE",
        "drop_repeats": "FALSE",
        "local_date": local_date_sql(timezone),
        **{name: f"read_rows.{name}" for name in mapped},
    }
    select = ", ".join(f"CAST({given.get(c.name, 'NULL')} AS {c.type}) AS {c.name}" for c in LANDED_COLUMNS)
    engine.show(
        "landed_rows",
        f"SELECT {select} FROM read_rows INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{ROW_COLUMN} = read_rows.line "
        "WHERE read_rows.reason IS NULL",
    )


def _list_rejects(engine: Engine, frame: FrameTable, columns: FrameColumns) -> pd.DataFrame:
    named = {"person": columns.person, "event": columns.event, "time": columns.occurred_at}
    values = {name: f"CAST({FRAME_TABLE}.{frame.columns[column]} AS VARCHAR)" for name, column in named.items()}
    return engine.frame(
        f"""
        SELECT line AS "row",
          CASE reason WHEN 'no person' THEN $person WHEN 'no event' THEN $event ELSE $time END AS "column",
          CASE reason WHEN 'no person' THEN {values["person"]} WHEN 'no event' THEN {values["event"]}
            ELSE {values["time"]} END AS "value",
          reason
        FROM read_rows INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{ROW_COLUMN} = read_rows.line
        WHERE reason IS NOT NULL ORDER BY line
        """,
        named,
    )


def local_date_sql(timezone: str) -> str:
    """Write the calendar day of `occurred_at_us` in a zone."""
    if timezone == "UTC":
        return "CAST(make_timestamp(occurred_at_us) AS DATE)"
    return f"CAST(timezone({quote_text(timezone)}, make_timestamptz(occurred_at_us)) AS DATE)"


def _check_columns(columns: FrameColumns, frame: FrameTable) -> None:
    known = list(frame.columns)
    absent = {keyword: column for keyword, column in columns.named().items() if column not in known}
    if absent:
        near = [name for column in absent.values() for name in difflib.get_close_matches(column, known, n=1)]
        raise CallError(
            "column",
            "a named column is not in the data",
            found=", ".join(f"{keyword}={column!r}" for keyword, column in absent.items()),
            allowed=", ".join(map(repr, known)),
            do=f"did you mean {' and '.join(map(repr, near))}?" if near else "name the column as the data does",
        )


def _time_sql(frame: FrameTable, columns: FrameColumns, timezone: str, unit: str) -> str:
    if unit not in _UNITS:
        raise CallError("unit", "unit of integer times is not known", found=repr(unit), allowed="'s', 'ms' or 'us'")
    kind = frame.types[columns.occurred_at]
    if (kind in INTEGER_TYPES or kind in _FLOATS) and not unit:
        raise CallError(
            "unit",
            f"column {columns.occurred_at!r} holds numbers, and no unit says what they count",
            found=kind,
            allowed="unit='s', 'ms' or 'us'",
            do="give the unit",
        )
    return time_us_sql(frame.columns[columns.occurred_at], timezone=timezone, unit=unit, column_type=kind)


def _no_time_sql(frame: FrameTable, name: str) -> str:
    column, kind = frame.columns[name], frame.types[name]
    if kind in INTEGER_TYPES or kind in _FLOATS or kind == "DATE" or kind.startswith("TIMESTAMP"):
        return f"{column} IS NULL"
    return f"COALESCE(TRIM(CAST({column} AS VARCHAR)) IN ('', 'NaT'), TRUE)"


def _text_sql(frame: FrameTable, name: str) -> str:
    """Read a column as text; blank is null, and a whole number in a float column loses its '.0'."""
    column, kind = frame.columns[name], frame.types[name]
    if kind in INTEGER_TYPES:
        return f"CAST({column} AS VARCHAR)"
    if kind in _FLOATS:
        whole = f"isfinite({column}) AND {column} = trunc({column})"
        text = f"CASE WHEN NOT isnan({column}) THEN CAST({column} AS VARCHAR) END"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS HUGEINT) AS VARCHAR) ELSE {text} END"
    return f"CASE WHEN TRIM(CAST({column} AS VARCHAR)) <> '' THEN CAST({column} AS VARCHAR) END"


def _device_sql(frame: FrameTable, device: str | tuple[str, ...]) -> str:
    if isinstance(device, str):
        return _text_sql(frame, device)
    parts = [f"COALESCE({_text_sql(frame, column)}, '')" for column in device]
    return f"NULLIF(concat_ws(CHR(31), {', '.join(parts)}), REPEAT(CHR(31), {len(parts) - 1}))"


def content_sql(frame: FrameTable) -> str:
    """Write a row's content as one text: its values in the order of column names, null apart from empty."""
    values = [
        f"COALESCE(CAST({FRAME_TABLE}.{frame.columns[name]} AS VARCHAR), CHR(30))" for name in sorted(frame.columns)
    ]
    return f"concat_ws(CHR(31), {', '.join(values)})"
