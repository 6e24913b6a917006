"""An API on the loopback address, answering as a test says and keeping what it is asked."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """One answer: JSON, or bytes as they are; sent after so many seconds.

    `cut` breaks it off in the middle, `drip` sends a byte in so many seconds.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    cut: bool = False
    drip: float = 0


class Api:
    """A server whose `answer` is a function of the request."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Any] = lambda _: []
        self.port = 0
        self.scheme = "http"

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def queries(self, name: str) -> list[str | None]:
        """The values of one parameter, request by request."""
        return [asked.query.get(name) for asked in self.asked]


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Api]:
    """Serve until the block ends, over TLS where there is a file with key and certificate."""
    api = Api()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body leave together

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("content-length") or 0)
            form = dict(parse_qsl(self.rfile.read(size).decode())) if size else {}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, form)
            api.asked.append(asked)
            given = api.answer(asked)
            self._send(given if isinstance(given, Reply) else Reply(given))

        def do_POST(self) -> None:
            self.do_GET()

        def _send(self, reply: Reply) -> None:
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            time.sleep(reply.seconds)
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            for byte in body if reply.drip else b"":
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(reply.drip)
            self.wfile.write(b"" if reply.drip else body[: len(body) // 2] if reply.cut else body)
            self.close_connection = self.close_connection or reply.cut

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # callers that hang up are what is tested
        api.port = server.server_address[1]
        if certificate is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            api.scheme = "https"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield api
        finally:
            server.shutdown()


def order(number: int, **values: Any) -> dict[str, Any]:
    """A record: the order of so many minutes after the start of 2026."""
    at = f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z"
    return {"id": f"o{number}", "at": at, "what": "ordered", "buyer": {"id": f"b{number % 3}"}} | values


def orders(first: int, last: int) -> list[dict[str, Any]]:
    """Records in order, the last one included."""
    return [order(number) for number in range(first, last + 1)]
