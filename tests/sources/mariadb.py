"""A real MariaDB server of its own for the tests of a module."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

_START_SECONDS = 60


class MariaDB:
    """A server in a folder, reached by its socket alone; `url` leads to its database `crm` as its owner."""

    def __init__(self, folder: Path, programs: tuple[str, str]) -> None:
        self.folder = folder
        self._program, install = programs
        self.socket = folder / "server.sock"
        self.server_url = sa.make_url(f"mysql+pymysql://root@localhost/?unix_socket={self.socket}")
        self.url = self.server_url.set(database="crm")
        self.engine = sa.create_engine(self.server_url, poolclass=sa.NullPool)
        self._process: subprocess.Popen[bytes] | None = None
        # As root the server starts only when told so. Nothing has to outlive the machine, only the server's own death.
        self._options = [f"--datadir={folder / 'data'}", "--innodb-log-file-size=8M", "--innodb-flush-method=nosync",
                         "--innodb-flush-log-at-trx-commit=2"]  # fmt: skip
        self._options += ["--user=root"] if os.geteuid() == 0 else []
        command = [install, "--no-defaults", *self._options,
                   "--auth-root-authentication-method=normal", "--skip-test-db"]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)

    def start(self) -> None:
        """Start the server, also one that was killed, and wait until it answers."""
        command = [self._program, "--no-defaults", *self._options, "--skip-networking",
                   f"--socket={self.socket}", f"--pid-file={self.folder / 'pid'}", "--innodb-buffer-pool-size=16M",
                   "--default-time-zone=+05:00", "--character-set-server=utf8mb4"]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        ends_at = time.monotonic() + _START_SECONDS
        while True:
            try:
                return self.run("SELECT 1")
            except sa.exc.OperationalError:
                if self._process.poll() is not None or time.monotonic() > ends_at:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def send(self, number: int) -> None:
        """Send the server a signal; wait for its end where that is what the signal brings."""
        assert self._process is not None
        self._process.send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self._process.wait(timeout=_START_SECONDS)

    def stop(self) -> None:
        """Stop the server, in whatever state it is."""
        if self._process is not None and self._process.poll() is None:
            self.send(signal.SIGKILL)

    def run(self, *statements: str, schema: str = "") -> None:
        """Run statements, each by itself."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in (f"USE {schema}", *statements) if schema else statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))

    def pulls(self) -> list[int]:
        """Ids of the connections that read now."""
        sql = "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND command = 'Query'"
        with self.engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql(sql)]

    def kill(self, what: str = "CONNECTION") -> None:
        """End what reads now: CONNECTION or QUERY."""
        for number in self.pulls():
            with suppress(sa.exc.OperationalError):
                self.run(f"KILL {what} {number}")


def start_mariadb(programs: tuple[str, str]) -> Iterator[MariaDB]:
    """Start a server in a folder of its own, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="journeys-maria-", ignore_cleanup_errors=True) as folder:
        mariadb = MariaDB(Path(folder), programs)
        try:
            mariadb.start()
            yield mariadb
        finally:
            mariadb.stop()
