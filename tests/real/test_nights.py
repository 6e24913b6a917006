"""The real logs cut into nights: what the nights add up to is what the whole log gives, row for row."""

from __future__ import annotations

import gzip
import random
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "nights"))

from dealt_company import check_equal

HERE = Path(__file__).parent
NIGHTS = 5


@pytest.fixture(scope="module")
def refresh() -> Callable[..., Any]:
    """The nightly flow without Prefect's start-up and without the page, which no test here looks at."""
    from pipelines_direct import refresh_tables

    return refresh_tables


def read_lines(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines(keepends=True)


def cut(lines: list[bytes], nights: int, *, has_header: bool, seed: int) -> list[list[bytes]]:
    """Deal lines to nights: most in their order, a tenth at random; each night's file has the header."""
    source = random.Random(seed)
    header, rows = (lines[:1], lines[1:]) if has_header else ([], lines)
    hands = [list(header) for _ in range(nights)]
    for place, line in enumerate(rows):
        night = place * nights // len(rows) if source.random() < 0.9 else source.randrange(nights)
        hands[night].append(line if line.endswith(b"\n") else line + b"\n")
    return hands


@pytest.mark.prove
@pytest.mark.parametrize(("name", "has_header"), [("apache", False), ("retentioneering", True), ("cdnow", False)])
def test_nights_of_a_real_log_add_up(
    tmp_path: Path, real_data: Path, refresh: Callable[..., Any], name: str, has_header: bool
) -> None:
    text = (HERE / f"{name}.toml").read_text(encoding="utf-8")
    (written,) = re.findall(r"\$\{JOURNEYS_REAL_DATA\}/[^\"]+", text)
    file = written.removeprefix("${JOURNEYS_REAL_DATA}/")
    hands = cut(read_lines(real_data / file), NIGHTS, has_header=has_header, seed=7)
    ending = Path(file.removesuffix(".gz")).suffix or ".log"
    configs = {}
    for kind in ("nights", "once"):
        folder = tmp_path / kind
        (folder / "data").mkdir(parents=True)
        configs[kind] = folder / "journeys.toml"
        configs[kind].write_text(text.replace(written, f"data/*{ending}"), encoding="utf-8")
    for night, lines in enumerate(hands):
        (configs["nights"].parent / "data" / f"{night}{ending}").write_bytes(b"".join(lines))
        assert refresh(configs["nights"]).is_new
    shutil.copytree(configs["nights"].parent / "data", configs["once"].parent / "data", dirs_exist_ok=True)
    refresh(configs["once"])
    check_equal(configs["nights"], configs["once"])
