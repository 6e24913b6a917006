"""Lets the tests of this folder import `world` beside them, and spares them the drawing of a page per night."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _blank_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write an empty page: these tests look at tables, and a page is drawn from the tables of its snapshot alone."""
    from pipelines import nightly

    def write_blank(settings: Any, snapshot: Any, path: Path | None = None) -> Path:
        target = path or settings.report.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
        return Path(target)

    monkeypatch.setattr(nightly, "write_report", write_blank)
