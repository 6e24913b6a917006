"""What is MySQL's and MariaDB's own: the session of a pull, types as the server states them, values without a zone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from journeys.units import US_PER_SECOND

BACKENDS = ("mysql", "mariadb")
# No DATE or DATETIME is earlier, but for zero dates.
EARLIEST = date(1000, 1, 1)
_LEAST_WRITE_SECONDS = 60
_US_PER_MINUTE = 60 * US_PER_SECOND
_MINUTES_PER_HOUR = 60
# Codes of column types in the protocol, the same in all drivers.
_TIMESTAMP, _TIME, _BIT = 7, 11, 16

Reader = Callable[[Any], Any]


def is_mysql(name: str) -> bool:
    """Whether a dialect or backend is one of these."""
    return name in BACKENDS


def whole_seconds(microseconds: int) -> int:
    """The next whole number of seconds, at least 1: locks are timed in whole seconds."""
    return max(1, math.ceil(microseconds / US_PER_SECOND))


def start_mysql_session(connection: sa.Connection, patience_us: int) -> None:
    """Let locks be waited for no longer than `patience_us`, times come in UTC, and nothing be written.

    Statements are not bounded here: one statement lasts as long as its rows are read, however many they are. That
    rows keep coming is seen where they are read. The server waits as long for a reader who is busy.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the server refuses.
    """
    seconds = whole_seconds(patience_us)
    connection.exec_driver_sql(
        f"SET SESSION time_zone = '+00:00', lock_wait_timeout = {seconds}, "
        f"net_write_timeout = {max(_LEAST_WRITE_SECONDS, seconds)}"
    )
    connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
    connection.commit()


def find_readers(result: sa.CursorResult[Any]) -> dict[int, Reader]:
    """Which columns of a result have values that are read otherwise than the driver gives them, and how.

    - TIMESTAMP is a moment that the server gives in the zone of the session, which is UTC: it gets that zone.
    - TIME goes up to 838 hours and may be negative: it is written as the server writes it.
    - BIT is a number, not text.
    """
    readers: Mapping[Any, Reader] = {_TIMESTAMP: _read_moment, _TIME: _write_clock, _BIT: _read_bits}
    described = result.cursor.description if result.cursor is not None else None
    return {place: readers[column[1]] for place, column in enumerate(described or ()) if column[1] in readers}


def apply_readers(rows: Sequence[Any], readers: Mapping[int, Reader]) -> Sequence[Any]:
    """The rows with these columns read; the rows themselves where there are none."""
    if not readers:
        return rows
    return [
        tuple(readers[place](value) if place in readers else value for place, value in enumerate(row)) for row in rows
    ]


def list_column_types(engine: sa.Engine, schema: str, table: str) -> dict[str, str]:
    """Column names of a table with their types as the server writes them, such as 'int(10) unsigned'.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the server cannot be asked.
    """
    statement = sa.text(
        "SELECT column_name, column_type FROM information_schema.columns "
        "WHERE table_schema = coalesce(:schema, database()) AND table_name = :table"
    )
    with engine.connect() as connection:
        found = connection.execute(statement, {"schema": schema or None, "table": table}).all()
    return {_read_text(name): _read_text(kind) for name, kind in found}


def _read_text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _read_moment(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _write_clock(value: Any) -> Any:
    if not isinstance(value, timedelta):
        return value
    microseconds = round(abs(value) / timedelta(microseconds=1))
    minutes, rest = divmod(microseconds, _US_PER_MINUTE)
    hours, minutes = divmod(minutes, _MINUTES_PER_HOUR)
    seconds, fraction = divmod(rest, US_PER_SECOND)
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}" + (f".{fraction:06}" if fraction else "")


def _read_bits(value: Any) -> Any:
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value
