"""The notebooks run from top to bottom on a stranger's file, and are kept without their outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture
def strangers_file(tmp_path: Path) -> Path:
    """A log that nobody here wrote down in our words: 40 people, every second of whom buys on the third day."""
    rows = []
    for person in range(40):
        visits = [("catalog", 0), ("cart", 5), ("purchase", 9)] if person % 2 else [("catalog", 0), ("catalog", 3)]
        rows += [(f"u{person}", f"2026-03-0{1 + person % 3}T10:{minute:02d}:00", name) for name, minute in visits]
    path = tmp_path / "events.csv"
    pd.DataFrame(rows, columns=["user_id", "timestamp", "event"]).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, strangers_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS", str(strangers_file))
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "outputs are stripped before a commit"
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("application/vnd.plotly.v1+json" in output.get("data", {}) for output in shown)


def test_the_first_notebook_takes_ten_lines() -> None:
    notebook = nbformat.read(NOTEBOOKS / "1_from_a_file_to_a_funnel.ipynb", as_version=4)
    code = [line for cell in notebook.cells if cell.cell_type == "code" for line in cell.source.splitlines() if line]
    assert len([line for line in code if not line.startswith(("import", "EVENTS"))]) <= 10
