"""A Prefect server for the length of one command, for who has none: it dies with its parent, however that dies.

Prefect would start one itself, as a child that outlives a killed parent. This one holds the reading end of a pipe
whose only writer is the parent: the kernel closes it when the parent ends, by itself or by `kill -9`.
"""

from __future__ import annotations

import atexit
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from journeys.errors import JourneysError
from journeys.warehouse import find_folder

_LONGEST_START_SECONDS = 120
_LONGEST_STOP_SECONDS = 5
_LOG = "server.log"
_own_url = ""


def has_server() -> bool:
    """Say whether runs go to a Prefect server of the user's, not to none or to one of our own."""
    url = os.environ.get("PREFECT_API_URL", "")
    return bool(url) and url != _own_url


class OwnServer:
    """A server on a free port of the loopback address, closed to all who do not know its random password.

    Args:
        home: Prefect's folder, for its database and the server's log.
    """

    def __init__(self, home: Path) -> None:
        global _own_url  # noqa: PLW0603
        self._log = home / _LOG
        password = f"journeys:{secrets.token_urlsafe(24)}"
        with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
            environment = {
                **os.environ,
                "PREFECT_SERVER_API_AUTH_STRING": password,
                "PREFECT_SERVER_UI_ENABLED": "false",
            }
            environment.pop("PREFECT_API_URL", None)
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(  # noqa: S603 - this program, and a number
                    [sys.executable, "-m", "pipelines.own_server", str(listener.fileno())],
                    cwd=find_folder("pipelines").parent,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    pass_fds=(listener.fileno(),),
                )
        # Prefect reads these when it is imported, and sends its last events when the interpreter ends: before `stop`.
        os.environ.update(PREFECT_API_URL=self.url, PREFECT_API_AUTH_STRING=password)
        _own_url = self.url
        atexit.register(self.stop)

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            JourneysError: it ended, or did not answer within two minutes.
        """
        assert self._process.stdout is not None
        killer = threading.Timer(_LONGEST_START_SECONDS, self._process.kill)
        killer.start()
        is_up = self._process.stdout.readline() == b"up\n"
        killer.cancel()
        if not is_up:
            self.stop()
            last = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise JourneysError(
                "prefect-server",
                "Prefect's server for this run did not start",
                found="".join(last) or "no word from it",
                do=f"see {self._log}, or set PREFECT_API_URL to a server that runs",
            )

    def stop(self) -> None:
        """Let it end, and see that it did."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(_LONGEST_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _serve(listener: int) -> None:
    """Serve on a socket that the parent opened, until the parent's end of standard input closes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import uvicorn
    from prefect.server.api.server import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                print("up", flush=True)

    app = create_app(ephemeral=True, final=True)
    Server(uvicorn.Config(app, log_level="error", lifespan="on")).run([socket.socket(fileno=listener)])


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    # What the server has written is in its database; there is nobody left to answer.
    time.sleep(0.1)
    os._exit(0)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
