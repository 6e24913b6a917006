"""House rules for the files themselves: short, named for what they hold, free of one machine's traces."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}

# Put together from parts, so that this file does not hold what it forbids.
MACHINE_PATH = re.compile(r"(?<![\w.~$})-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "fa" + "rm"]) + r")/[\w.]")
INDEX_ADDRESS = re.compile(
    "|".join(
        ["index" + "-url", "find" + "-links", "pypi" + r"\.org/simple", "python" + "hosted", "registry" + r"\.npm"]
    )
)
UNFINISHED = re.compile(r"\b(?:" + "TO" + "DO|FIX" + r"ME)\b")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project that git keeps or would keep; outside a checkout (an sdist) all files."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        return tuple(sorted(path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts))
    return tuple(sorted({ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()}))


def files_with(*endings: str) -> list[Path]:
    found = [path for path in project_files() if path.suffix in endings]
    assert found or endings == (".ipynb",), f"no {endings} files: the listing is broken"
    return found


def broken_lines(pattern: re.Pattern[str], paths: list[Path] | tuple[Path, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_source_file_is_long() -> None:
    counts = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in files_with(".py", ".sql")
    }
    assert {str(path): count for path, count in counts.items() if count > LONGEST} == {}


def test_no_module_is_named_for_nothing() -> None:
    named = [path.relative_to(ROOT) for path in files_with(".py", ".sql")]
    assert [str(path) for path in named if NAMELESS & {part.strip("_") for part in path.with_suffix("").parts}] == []


def test_no_path_of_one_machine() -> None:
    assert broken_lines(MACHINE_PATH, project_files()) == []


def test_no_address_of_a_package_index() -> None:
    assert broken_lines(INDEX_ADDRESS, project_files()) == []


def test_nothing_is_left_for_later() -> None:
    assert broken_lines(UNFINISHED, files_with(".py", ".sql")) == []


def test_notebooks_are_stripped() -> None:
    for path in files_with(".ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == [], f"{path.name} holds outputs; run nbstripout"
                assert cell["execution_count"] is None, f"{path.name} holds execution counts; run nbstripout"


@pytest.mark.parametrize("text", ["open('/" + "work/main')", "/" + "root/.cache", '"/' + 'farm/data"'])
def test_pattern_finds_a_machine_path(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize(
    "text", ["https://shop.example/" + "work/page", "frame" + "/work/", "a/" + "root/b", "tmp_path / 'work'"]
)
def test_pattern_spares_other_text(text: str) -> None:
    assert not MACHINE_PATH.search(text)
