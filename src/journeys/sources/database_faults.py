"""Errors of databases by name, and which of them may heal by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from journeys.errors import SourceError
from journeys.sources.database_mysql import is_mysql
from journeys.sources.faults import TransientSourceError, name_nearest

if TYPE_CHECKING:
    from journeys.config import Source

# SQLSTATE classes that pass: connection, serialization, resources, operator intervention (time-outs too), system.
_PASSING_CLASSES = ("08", "40", "53", "57", "58")
_LOCKED = "55P03"
# A refused login comes without a SQLSTATE from PostgreSQL's drivers, and as a number from MySQL's.
_REFUSED_TEXTS = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "not permitted to log in",
    "permission denied for database",
)
# To MySQL also a host that may not connect, a password that is too old and a locked account.
_REFUSED_NUMBERS = (1044, 1045, 1130, 1698, 1820, 1862, 3118, 4151)
_NO_DATABASE_NUMBERS = (1049,)
_NO_TABLE_NUMBERS = (1146,)
_FORBIDDEN_NUMBERS = (1142, 1143)
# A lock, MariaDB's max_statement_time, MySQL's max_execution_time.
_SILENT_NUMBERS = (1205, 1969, 3024)
_LOST_NUMBER = 2013
# MySQL's errors that pass: too many connections or too much asked, a full disk or memory, shutdown, a table changed
# meanwhile, a killed query or connection, no server there, a connection that broke.
_PASSING_NUMBERS = frozenset(
    (1021, 1037, 1038, 1040, 1041, 1053, 1077, 1079, 1080, 1135, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226,
     1317, 1412, 1615, 1927, 1969, 2002, 2003, 2005, 2006, 2012, 2013, 2014, 2055, 3024, 3169, 4031)
)  # fmt: skip
_URL_KEYS = "correct user and password in `url` of the [[source]]"


def name_error(engine: sa.Engine, source: Source, error: sa.exc.SQLAlchemyError) -> SourceError:
    """Make the error that the user sees of one that the database or its driver raised."""
    reason = _write_reason(error)
    state, number = _read_codes(engine, error)
    what = f"source {source.name!r}: "
    if state.startswith("28") or number in _REFUSED_NUMBERS or _has_any(reason, _REFUSED_TEXTS):
        return SourceError(
            "login-refused", what + "the database refuses the login", found=reason, allowed="a login that may read",
            do=_URL_KEYS,
        )  # fmt: skip
    if state == "3D000" or number in _NO_DATABASE_NUMBERS or _is_unknown(reason, "database"):
        return SourceError(
            "missing-database",
            what + "the server has no such database",
            found=reason,
            do="correct `url` in the [[source]], or what stands before the dot in `table`",
        )
    if _is_unknown(reason, "role"):
        return SourceError("login-refused", what + "the database knows no such user", found=reason, do=_URL_KEYS)
    if state == "42501" or number in _FORBIDDEN_NUMBERS:
        return _name_forbidden(source, reason)
    is_late = number == _LOST_NUMBER and "timed out" in reason
    if state in ("57014", _LOCKED) or number in _SILENT_NUMBERS or is_late:
        return name_silence(source, reason)
    if may_heal(engine, error):
        return TransientSourceError(
            "database",
            what + "the database could not be reached or broke off",
            found=reason,
            do="try again later, or check `url` and the server",
        )
    return _name_missing_table(engine, source, state=state, number=number) or SourceError(
        "database", what + "the database could not be read", found=reason, do="correct the [[source]]"
    )


def name_silence(source: Source, reason: str = "") -> TransientSourceError:
    """The error for a database that did not answer within `read_timeout`."""
    return TransientSourceError(
        "database-timeout",
        f"source {source.name!r}: the database gave no rows for {source.read_timeout}",
        found=reason or "no answer",
        allowed=f'an answer within read_timeout = "{source.read_timeout}"',
        do="see what holds or slows the server, try again later, or raise `read_timeout` in the [[source]]",
    )


def may_heal(engine: sa.Engine, error: sa.exc.SQLAlchemyError) -> bool:
    """Whether the same statement may succeed later.

    SQLite reports wrong statements as operational errors, too; only its locks heal.
    """
    state, number = _read_codes(engine, error)
    if engine.dialect.name == "sqlite":
        return _has_any(_write_reason(error), ("locked", "busy", "I/O"))
    if number:
        return number in _PASSING_NUMBERS
    if state:
        return state.startswith(_PASSING_CLASSES) or state == _LOCKED
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.TimeoutError)


def _name_forbidden(source: Source, found: str) -> SourceError:
    return SourceError(
        "permission-denied",
        f"source {source.name!r}: the database does not let this user read it",
        found=found,
        allowed="a user that may use the schema and SELECT from the table",
        do="GRANT USAGE and GRANT SELECT to the user of `url`, or name another user",
    )


def _name_missing_table(engine: sa.Engine, source: Source, *, state: str, number: int) -> SourceError | None:
    is_stated = state == "42P01" or number in _NO_TABLE_NUMBERS
    if not source.table or not (is_stated or engine.dialect.name == "sqlite" or not state):
        return None
    schema, _, name = source.table.rpartition(".")
    known = _list_tables(engine, schema)
    if known is None or (name in known and not is_stated):
        return None
    if name in known:
        return _name_forbidden(source, f"table {source.table!r}, which is hidden from this user")
    return SourceError(
        "missing-table",
        f"source {source.name!r}: the database has no table {source.table!r}",
        found=f"table {source.table!r}",
        allowed=name_nearest(name, known) if known else "no table at all that this user can see",
        do="correct `table` in the [[source]], or let the user see its schema",
    )


def _list_tables(engine: sa.Engine, schema: str) -> list[str] | None:
    """Tables and views of a schema; None when it cannot be asked."""
    try:
        inspector = sa.inspect(engine)
        return [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
    except sa.exc.SQLAlchemyError:
        return None


def _read_codes(engine: sa.Engine, error: sa.exc.SQLAlchemyError) -> tuple[str, int]:
    """SQLSTATE and MySQL's own number of an error; '' and 0 where it has none."""
    origin = getattr(error, "orig", None)
    state = getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None) or ""
    arguments = _list_arguments(error)
    is_numbered = is_mysql(engine.dialect.name) and arguments and isinstance(arguments[0], int)
    return str(state), arguments[0] if is_numbered else 0


def _list_arguments(error: sa.exc.SQLAlchemyError) -> tuple[Any, ...]:
    """What the driver's own error was made of: with MySQL's drivers a number and a text."""
    return tuple(getattr(getattr(error, "orig", None), "args", ()))


def _write_reason(error: sa.exc.SQLAlchemyError) -> str:
    told = str(getattr(error, "orig", None) or error)
    arguments = _list_arguments(error)
    if [type(argument) for argument in arguments[:2]] == [int, str]:  # MySQL's drivers
        told = f"{arguments[1]} ({arguments[0]})"
    lines = told.strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _has_any(reason: str, texts: tuple[str, ...]) -> bool:
    return any(text in reason for text in texts)


def _is_unknown(reason: str, what: str) -> bool:
    return f'FATAL:  {what} "' in reason and "does not exist" in reason
