"""A pull during which something happens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from journeys.errors import SourceError
from journeys.sources import database_rows


def fail(pull: Callable[[], Any]) -> SourceError:
    """Pull, and return the error that it has to end with."""
    with pytest.raises(SourceError) as caught:
        pull()
    return caught.value


def pull_and(pull: Callable[[], Any], act: Callable[[], Any]) -> Any:
    """Pull, and act once its first rows have come."""
    write = database_rows._write_value
    is_done = threading.Event()

    def act_once(value: Any) -> Any:
        if not is_done.is_set():
            is_done.set()
            act()
        return write(value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_rows, "_write_value", act_once)
        return pull()
