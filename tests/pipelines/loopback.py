"""Servers on the loopback address that keep what they are sent: a webhook, and a mail server."""

from __future__ import annotations

import http.server
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Sink:
    """Where a server is, and what came."""

    port: int
    posts: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    dialogue: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The webhook's address."""
        return f"http://127.0.0.1:{self.port}/hook"

    def wait(self, count: int = 1, seconds: float = 20) -> list[dict[str, Any]]:
        """Wait for so many posts."""
        ends_at = time.monotonic() + seconds
        while len(self.posts) < count and time.monotonic() < ends_at:
            time.sleep(0.05)
        return self.posts


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler], *, tls: ssl.SSLContext | None = None) -> Iterator[Sink]:
    """Serve with a handler on a free port, until the block ends."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # callers that hang up are what is tested
        server.sink = sink = Sink(server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield sink
        finally:
            server.shutdown()


@contextmanager
def webhook(status: int = 204, *, seconds: float = 0, location: str = "") -> Iterator[Sink]:
    """A webhook that answers with a status, after so many seconds, perhaps naming another address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.sink.posts.append(json.loads(body))
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            self.server.sink.paths.append(f"{self.command} {self.path}")
            time.sleep(seconds)
            self.send_response(status)
            if location:
                self.send_header("location", location)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with serving(Handler) as sink:
        yield sink


@contextmanager
def mail_server(refusal: str = "", *, byte_seconds: float = 0, tls: ssl.SSLContext | None = None) -> Iterator[Sink]:
    """A mail server that takes everything, or answers `MAIL FROM` with a refusal, or greets a byte at a time."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            sink = self.server.sink
            for byte in b"220 sink\r\n" if byte_seconds else ():
                self.wfile.write(bytes([byte]))
                time.sleep(byte_seconds)
            if not byte_seconds:
                self._say("220 sink")
            for raw in self.rfile:
                line = raw.decode().rstrip()
                sink.dialogue.append(line)
                verb = line.split(" ")[0].split(":")[0].upper()
                if verb == "DATA":
                    self._say("354 go on")
                    sink.mails.append(self._read_mail())
                    self._say("250 taken")
                elif verb == "EHLO":
                    self._say("250-sink\r\n250 AUTH PLAIN")
                elif verb == "AUTH":
                    self._say("235 welcome")
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say(refusal if refusal and verb == "MAIL" else "250 sink")

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def _read_mail(self) -> str:
            lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
            return "".join(lines)

    with serving(Handler, tls=tls) as sink:
        yield sink
