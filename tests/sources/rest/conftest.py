"""What the tests of REST sources share: an API on the loopback address, and pulls from it that wait for nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rest_api import Api, serving

sys.path.insert(0, str(Path(__file__).parents[1]))
from postgres import Nights

COLUMNS = {"event_id": "id", "occurred_at": "at", "event": "what", "user_id": "buyer.id"}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server of its own; requests to it go through no proxy, and failed ones are tried again at once."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("journeys.sources.rest.waits.FIRST_WAIT_SECONDS", 0.0)
    with serving() as own:
        yield own


@pytest.fixture
def nights(api: Api, tmp_path: Path) -> Callable[..., Nights]:
    """Make pulls from the API; `request`, `auth` and `paging` as in the configuration."""

    def make(**settings: Any) -> Nights:
        chosen = {"kind": "rest", "url": api.url, "columns": COLUMNS} | settings
        return Nights(tmp_path, **chosen)

    return make
