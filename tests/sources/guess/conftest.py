"""What the tests of guesses share: an API on the loopback address."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "rest"))
from rest_api import Api, serving


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server of its own; requests to it go through no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("JOURNEYS_SOURCE_TOKEN", raising=False)
    monkeypatch.setattr("journeys.sources.rest.waits.FIRST_WAIT_SECONDS", 0.0)
    with serving() as own:
        yield own
