"""The connection of a database source: its URL, its time-outs, its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from journeys.errors import SourceError
from journeys.sources.database_mysql import is_mysql, start_mysql_session, whole_seconds
from journeys.units import US_PER_SECOND, duration_us

if TYPE_CHECKING:
    from pathlib import Path

    from journeys.config import Source

# A server whose machine is gone is noticed in about a minute.
_KEEP_ALIVE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def open_engine(source: Source, settings_folder: Path) -> sa.Engine:
    """Make the engine of a database source; nothing is connected yet.

    A relative SQLite file is looked up in the folder of the configuration and must exist: SQLite itself would make
    an empty one.

    Raises:
        SourceError: the URL is none, its driver is not installed, or the SQLite file is missing.
    """
    try:
        url = sa.make_url(source.url or "")
        if url.get_backend_name() == "sqlite":
            url = _find_sqlite(source, url, settings_folder)
        engine = sa.create_engine(url, poolclass=sa.NullPool, **_limit_connecting(source, url))
        if is_mysql(url.get_backend_name()) and url.get_driver_name() == "pymysql":
            from journeys.sources.pymysql_connection import use_patient_connections  # where the driver is installed

            use_patient_connections(engine)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, TypeError) as error:
        raise _refuse_url(source, error, is_told=isinstance(error, ImportError)) from None
    return engine


def connect(engine: sa.Engine, source: Source) -> sa.Connection:
    """Connect to the database.

    Raises:
        SourceError: the driver takes no such option, or lacks a package that the server's kind of login needs.
        sqlalchemy.exc.SQLAlchemyError: the server cannot be reached, or refuses.
    """
    try:
        return engine.connect()
    except (RuntimeError, TypeError, ValueError, AttributeError, LookupError, ImportError) as error:
        raise _refuse_url(source, error, is_told=True) from None


def start_session(connection: sa.Connection, source: Source) -> None:
    """Bound the statements of a connection in time and make its times come in UTC, where the server can.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the server refuses.
    """
    if connection.dialect.name == "postgresql":
        milliseconds = max(1, duration_us(source.read_timeout) // 1_000)
        connection.exec_driver_sql(f"SET statement_timeout = {milliseconds}")
        connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        connection.exec_driver_sql("SET default_transaction_read_only = on")
        connection.commit()
    elif is_mysql(connection.dialect.name):
        start_mysql_session(connection, duration_us(source.read_timeout))


def _refuse_url(source: Source, error: Exception, *, is_told: bool) -> SourceError:
    """The error for a URL that cannot be used; the text of some errors repeats it, with its password."""
    return SourceError(
        "bad-url",
        f"source {source.name!r}: the database URL cannot be used",
        found=f"dialect {(source.url or '').split(':', 1)[0]!r}: {type(error).__name__}"
        + (f": {error}" if is_told else ""),
        allowed="a SQLAlchemy URL such as 'sqlite:///crm.db', 'postgresql+psycopg://user:password@host/name' or "
        "'mysql+pymysql://user:password@host/name'",
        do="correct `url` in the [[source]], or install the driver it names and what that asks for",
    )


def _limit_connecting(source: Source, url: sa.URL) -> dict[str, Any]:
    # Drivers take whole seconds, and 0 means to wait for ever.
    seconds = max(1, round(duration_us(source.connect_timeout) / US_PER_SECOND))
    backend, driver = url.get_backend_name(), url.get_driver_name()
    if backend == "postgresql" and driver in ("psycopg", "psycopg2"):
        return {"connect_args": {"connect_timeout": seconds, **_KEEP_ALIVE}}
    if backend == "postgresql":
        return {}
    if not is_mysql(backend):
        return {}
    limits = {"connect_timeout": seconds}
    if driver in ("pymysql", "mysqldb"):
        # A little longer than the server waits for a lock, which it tells by name.
        limits["read_timeout"] = whole_seconds(duration_us(source.read_timeout)) + 1
    return {"connect_args": limits}


def _find_sqlite(source: Source, url: sa.URL, settings_folder: Path) -> sa.URL:
    if not url.database or url.database.startswith(("file:", ":memory:")):
        return url
    path = settings_folder / url.database
    if not path.is_file():
        raise SourceError(
            "no-database",
            f"source {source.name!r}: the SQLite file {url.database!r} does not exist",
            found=f"no such file, seen from {settings_folder}",
            allowed="an existing SQLite file",
            do="correct `url` in the [[source]]",
        )
    return url.set(database=str(path))
