"""The configurations that the pages in docs/sources show are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from journeys.config import load_settings
from journeys.presets import list_presets

PAGES = sorted((Path(__file__).parents[2] / "docs" / "sources").glob("*.md"))
PROJECT = '[project]\nname = "Acme"\n'
BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{place}")
    for page in PAGES
    for place, block in enumerate(re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1)
    if "preset =" in block
]


@pytest.mark.parametrize("block", BLOCKS)
def test_what_a_page_shows_can_be_read(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r"\$\{(\w+)\}", block):
        monkeypatch.setenv(name, "postgresql+psycopg://reader@host/name")
    file = tmp_path / "journeys.toml"
    file.write_text(block if "[project]" in block else PROJECT + block, encoding="utf-8")
    assert load_settings(file).sources


def test_each_preset_is_on_a_page() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in list_presets() if f"`{name}`" not in text] == []
