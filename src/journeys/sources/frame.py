"""The rows of a log in memory -> landed rows, and the rows that cannot be used."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields

import pandas as pd

from journeys.errors import CallError
from journeys.schema import LANDED_COLUMNS
from journeys.sources.frame_data import FRAME_TABLE, ROW_COLUMN, FrameTable
from journeys.sources.times import INTEGER_TYPES, time_us_sql
from journeys.warehouse import Engine, quote_text

_UNITS = ("", "s", "ms", "us")
_FLOATS = ("DOUBLE", "FLOAT")
_REASON = """CASE WHEN user_id IS NULL THEN 'no person' WHEN event IS NULL THEN 'no event'
  WHEN occurred_at_text IS NULL THEN 'no time' WHEN occurred_at_us IS NULL THEN 'unreadable time' END"""


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
    """Map table `frame` to `landed_rows`, and return the rows that cannot be used.

    Returns:
        One line per rejected row: `row` from 0, `column` by the source's name, `value` as text, `reason`.

    Raises:
        CallError: a named column is not there, integer times have no unit, or the unit is unknown.
    """
    _check_columns(columns, frame)
    engine.save("read_rows", _mapping_sql(frame, columns, _time_sql(frame, columns, timezone, unit or "")))
    local = f"CAST(timezone({quote_text(timezone)}, make_timestamptz(occurred_at_us)) AS DATE)"
    engine.save("landed_rows", f"SELECT * REPLACE ({local} AS local_date) FROM read_rows WHERE {_REASON} IS NULL")
    named = {"person": columns.person, "event": columns.event, "time": columns.occurred_at}
    values = {name: f"CAST({frame.columns[column]} AS VARCHAR)" for name, column in named.items()}
    rejects = engine.frame(
        f"""
        WITH refused AS (SELECT line, {_REASON} AS reason FROM read_rows WHERE {_REASON} IS NOT NULL)
        SELECT line AS "row",
          CASE reason WHEN 'no person' THEN $person WHEN 'no event' THEN $event ELSE $time END AS "column",
          CASE reason WHEN 'no person' THEN {values["person"]} WHEN 'no event' THEN {values["event"]}
            ELSE {values["time"]} END AS "value",
          reason
        FROM refused INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{ROW_COLUMN} = refused.line ORDER BY line
        """,
        named,
    )
    engine.run("DROP TABLE read_rows")
    return rejects


def _mapping_sql(frame: FrameTable, columns: FrameColumns, time_sql: str) -> str:
    """Write the SELECT that gives a landed row for every row of `frame`."""
    time_text = f"CAST({frame.columns[columns.occurred_at]} AS VARCHAR)"
    expressions = {
        "source": "'frame'",
        "source_index": "1",
        "file": "''",
        "reading": "1",
        "line": ROW_COLUMN,
        "event_id": _text_sql(frame, columns.event_id),
        "occurred_at_text": f"CASE WHEN TRIM({time_text}) NOT IN ('', 'NaT') THEN {time_text} END",
        "occurred_at_us": time_sql,
        "sequence": _number_sql(frame, columns.sequence, "DECIMAL(38,6)"),
        "device_id": _device_sql(frame, columns),
        "device_is_composite": str(isinstance(columns.device, tuple)),
        "user_id": _text_sql(frame, columns.person),
        "account_id": _text_sql(frame, columns.account),
        "source_session_id": _text_sql(frame, columns.session),
        "event": _text_sql(frame, columns.event),
        "traffic_source": _text_sql(frame, columns.channel),
        "value_amount": _number_sql(frame, columns.value, "DOUBLE"),
        "properties": _content_sql(frame),
        "is_event": "TRUE",
        "is_interaction": "TRUE",
        "drop_repeats": "FALSE",
    }
    select = ", ".join(f"CAST({expressions.get(c.name, 'NULL')} AS {c.type}) AS {c.name}" for c in LANDED_COLUMNS)
    return f"SELECT {select} FROM {FRAME_TABLE}"


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


def _text_sql(frame: FrameTable, name: str | None) -> str:
    """Read a column as text; blank is null, and a whole number in a float column loses its '.0'."""
    if name is None:
        return "NULL"
    column = frame.columns[name]
    if frame.types[name] in _FLOATS:
        whole = f"isfinite({column}) AND {column} = trunc({column})"
        text = f"CASE WHEN NOT isnan({column}) THEN CAST({column} AS VARCHAR) END"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS HUGEINT) AS VARCHAR) ELSE {text} END"
    return f"CASE WHEN TRIM(CAST({column} AS VARCHAR)) <> '' THEN CAST({column} AS VARCHAR) END"


def _number_sql(frame: FrameTable, name: str | None, kind: str) -> str:
    return "NULL" if name is None else f"TRY_CAST({frame.columns[name]} AS {kind})"


def _device_sql(frame: FrameTable, columns: FrameColumns) -> str:
    if not isinstance(columns.device, tuple):
        return _text_sql(frame, columns.device)
    parts = [f"COALESCE({_text_sql(frame, column)}, '')" for column in columns.device]
    return f"NULLIF(concat_ws(CHR(31), {', '.join(parts)}), REPEAT(CHR(31), {len(parts) - 1}))"


def _content_sql(frame: FrameTable) -> str:
    """Write a row's content as one text: its values in the order of column names, null apart from empty."""
    values = [f"COALESCE(CAST({frame.columns[name]} AS VARCHAR), CHR(30))" for name in sorted(frame.columns)]
    return f"concat_ws(CHR(31), {', '.join(values)})"
