"""A stream that is read ahead in a thread, so that whoever waits for it does not wait for ever."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

_AHEAD = 2
_POLL_SECONDS = 0.2


class Silence(Exception):  # noqa: N818 - it tells what happened and is never shown
    """The stream gave nothing for too long."""


def read_ahead(items: Iterator[Any], *, seconds: float) -> Generator[Any, None, None]:
    """Yield the items of a stream that runs in a thread of its own, at most a few of them ahead.

    Its errors come out here as they are. When the consumer stops early, the stream is closed in its thread.

    Args:
        items: the stream; the thread alone touches it from now on.
        seconds: longest wait for the next item.

    Raises:
        Silence: no item came for that long; the thread is left behind and ends when the stream does.
    """
    ready: queue.Queue[tuple[str, Any]] = queue.Queue(_AHEAD)
    stopped = threading.Event()
    threading.Thread(target=_feed, args=(items, ready, stopped), daemon=True, name="journeys-read-ahead").start()
    try:
        while True:
            try:
                what, item = ready.get(timeout=seconds)
            except queue.Empty:
                raise Silence from None
            if what == "end":
                return
            if what == "error":
                raise item
            yield item
    finally:
        stopped.set()


def _feed(items: Iterator[Any], ready: queue.Queue[tuple[str, Any]], stopped: threading.Event) -> None:
    try:
        for item in items:
            if not _hand_over(ready, ("item", item), stopped):
                break
        last: tuple[str, Any] = ("end", None)
    except BaseException as error:  # noqa: BLE001 - raised again where the stream is read
        last = ("error", error)
    close = getattr(items, "close", None)
    if close is not None:
        with suppress(Exception):  # nobody reads it any more, and a stream that ended by itself has nothing to say
            close()
    _hand_over(ready, last, stopped)


def _hand_over(ready: queue.Queue[tuple[str, Any]], item: tuple[str, Any], stopped: threading.Event) -> bool:
    while not stopped.is_set():
        try:
            ready.put(item, timeout=_POLL_SECONDS)
        except queue.Full:
            continue
        return True
    return False
