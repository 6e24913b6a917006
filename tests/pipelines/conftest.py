"""Lets the tests of the pipelines import them, and what they share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.warehouse import find_folder

sys.path[:0] = [str(Path(__file__).parent), str(find_folder("pipelines").parent)]


@pytest.fixture
def text_again() -> Iterator[None]:
    """Give later tests lines for people again."""
    yield
    from pipelines.announce import use_format

    use_format("text")
