"""A command line that runs in this process, and a small shop to run it on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from shop_script import Script


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """A command line in an empty folder."""
    return Script(tmp_path)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """A command line over the small shop, published; for tests that only read."""
    made = Script(tmp_path_factory.mktemp("shop")).write()
    made("refresh").succeeds()
    return made


@pytest.fixture
def blank_page() -> Iterator[None]:
    """Leave the page of each refresh empty: for tests that do not look at it."""
    from pipelines_direct import blank_pages

    with blank_pages():
        yield
