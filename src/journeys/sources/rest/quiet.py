"""Requests whose addresses are written into no log: they may hold keys."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_IS_QUIET: ContextVar[bool] = ContextVar("journeys_rest_is_quiet", default=False)
_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.http2", "httpcore.socks")


class _Silencer(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - what any filter takes
        return not _IS_QUIET.get()


_SILENCER = _Silencer()


@contextmanager
def quietly() -> Iterator[None]:
    """Keep the HTTP client's own log lines of this thread's requests back; other threads' are written as before."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_SILENCER)  # adding it twice changes nothing
    token = _IS_QUIET.set(True)
    try:
        yield
    finally:
        _IS_QUIET.reset(token)
