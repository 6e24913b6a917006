"""Worlds of identities."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from world_of_identities import World


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    """`world(text, identity=..., rule=...)` -> a World, each in a folder of its own."""
    count = 0

    def make(text: str, **options: str) -> World:
        nonlocal count
        count += 1
        folder = tmp_path / f"world{count}"
        folder.mkdir()
        return World(folder, text, **options)

    return make


@pytest.fixture(scope="session")
def refresh() -> Callable[..., Any]:
    """The nightly flow without Prefect's start-up and without the page, which no test here looks at."""
    from pipelines_direct import refresh_tables

    return refresh_tables
