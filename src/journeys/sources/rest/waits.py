"""How long a REST source waits: between requests, and before the next try of one that failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import tenacity

from journeys.sources.faults import TransientSourceError
from journeys.sources.rest.faults import PassingError

FIRST_WAIT_SECONDS = 1.0
_LONGEST_OWN_SECONDS = 60.0
_T = TypeVar("_T")


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


class Throttle:
    """Holds requests back so that no more than so many start in a second; None holds none."""

    def __init__(self, per_second: float | None) -> None:
        self._pause = 1 / per_second if per_second else 0.0
        self._next_at = 0.0

    def wait(self) -> None:
        """Wait until the next request may start."""
        now = time.monotonic()
        if self._next_at > now:
            pause(self._next_at - now)
        self._next_at = max(now, self._next_at) + self._pause


def try_again(ask: Callable[[], _T], *, retries: int) -> _T:
    """Call, and call again while the failure may pass: after what the server asks for, else after 1, 2, 4, ... s.

    Raises:
        TransientSourceError: the last try failed, too.
    """

    def find_wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, PassingError) else None
        own = min(FIRST_WAIT_SECONDS * 2 ** (state.attempt_number - 1), _LONGEST_OWN_SECONDS)
        return own if asked is None else asked

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(PassingError),
        stop=tenacity.stop_after_attempt(retries + 1),
        wait=find_wait,
        sleep=pause,
        reraise=True,
    )
    try:
        return retrying(ask)
    except PassingError as error:
        tries = f"; tried {retries + 1} times" if retries else ""
        told = TransientSourceError(error.code, error.what + tries, found=error.found, do=error.do)
    raise told


def read_retry_after(text: str | None) -> float | None:
    """Read a Retry-After header: seconds, or a date; None when it is missing or neither."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if seconds < float("inf") else None
