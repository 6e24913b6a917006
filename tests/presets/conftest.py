"""Five lines of configuration over an export in a vendor's layout, published."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
sys.path.insert(0, str(Path(__file__).parent))

from shop_script import Script

FIXTURES = Path(__file__).parent
PROJECT = '[project]\nname = "Acme"\n'


@pytest.fixture(scope="module")
def publish(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Script]:
    """Refresh a configuration of these sources; `{fixtures}` stands for this folder."""

    def run(sources: str) -> Script:
        made = Script(tmp_path_factory.mktemp("preset"))
        made.config.write_text(PROJECT + sources.replace("{fixtures}", FIXTURES.as_posix()), encoding="utf-8")
        made("refresh").succeeds()
        return made

    return run
