"""The published vectors, beside the public logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def evaluation(real_data: Path) -> dict[str, Any]:
    """Worked examples of tests and intervals."""
    return read(real_data, "evaluation")


@pytest.fixture(scope="session")
def survival(real_data: Path) -> dict[str, Any]:
    """A small Kaplan-Meier example."""
    return read(real_data, "funnel")["kaplan_meier"]


def read(real_data: Path, name: str) -> dict[str, Any]:
    file = real_data.parent / "vectors" / f"{name}.json"
    if not file.is_file():
        pytest.skip("no vectors beside the public logs")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found
