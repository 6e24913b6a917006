"""Lets the tests of this folder import `world` beside them, and spares them the drawing of a page per night."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def refresh() -> Callable[..., Any]:
    """The nightly flow without Prefect's start-up and without the page."""
    from pipelines_direct import refresh_tables

    return refresh_tables
