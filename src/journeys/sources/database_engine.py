"""The connection of a database source: its URL, its time-outs, its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from journeys.errors import SourceError
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
        return sa.create_engine(url, poolclass=sa.NullPool, **_limit_connecting(source, url))
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, TypeError) as error:
        raise SourceError(
            "bad-url",
            f"source {source.name!r}: the database URL cannot be used",
            found=f"dialect {(source.url or '').split(':', 1)[0]!r}: {type(error).__name__}"
            + (f": {error}" if isinstance(error, ImportError) else ""),
            allowed="a SQLAlchemy URL such as 'sqlite:///crm.db' or 'postgresql+psycopg://user:password@host/name'",
            do="correct `url` in the [[source]], or install the driver it names",
        ) from None


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


def _limit_connecting(source: Source, url: sa.URL) -> dict[str, Any]:
    # Drivers take whole seconds, and 0 means to wait for ever.
    seconds = max(1, round(duration_us(source.connect_timeout) / US_PER_SECOND))
    backend, driver = url.get_backend_name(), url.get_driver_name()
    if backend == "postgresql" and driver in ("psycopg", "psycopg2"):
        return {"connect_args": {"connect_timeout": seconds, **_KEEP_ALIVE}}
    if backend == "postgresql":
        return {}
    return {"connect_args": {"connect_timeout": seconds}} if backend in ("mysql", "mariadb") else {}


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
