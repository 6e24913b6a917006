"""Imports point one way: the contracts hold for the project, and each of them refuses what it is there to refuse."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = {
    "Imports point one way",
    "An insight never imports another",
    "Only pipelines import Prefect",
    "Only the command line runs pipelines",
    "The sample company stands alone",
}
ROOMS = [
    *("cli", "api", "report", "insights", "paths", "sessions", "identity", "sources", "warehouse", "config"),
    *("schema", "units", "errors", "version", "sample"),
]


def lint_imports(folder: Path, source: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--no-logo", "--no-cache", "--config", str(folder / "pyproject.toml")],
        cwd=folder,
        env={"PYTHONPATH": str(source), "PATH": "", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


def verdicts(output: str) -> dict[str, str]:
    return {match[1]: match[2] for match in re.finditer(r"^(.+?) (KEPT|BROKEN)\b", output, re.MULTILINE)}


def test_contracts_hold() -> None:
    run = lint_imports(ROOT, ROOT / "src")
    assert run.returncode == 0, run.stdout + run.stderr
    assert verdicts(run.stdout) == dict.fromkeys(CONTRACTS, "KEPT")


def test_each_contract_refuses_its_fault(tmp_path: Path) -> None:
    package = tmp_path / "src" / "journeys"
    for room in ROOMS:
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "insights" / "funnel.py").touch()
    (package / "insights" / "loops.py").write_text("from journeys.insights import funnel\n", encoding="utf-8")
    (package / "identity" / "graph.py").write_text("import prefect\nimport journeys.paths\n", encoding="utf-8")
    (package / "report" / "page.py").write_text("import pipelines.nightly\n", encoding="utf-8")
    (package / "sample" / "shop.py").write_text("import journeys.config\n", encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    run = lint_imports(tmp_path, tmp_path / "src")

    assert run.returncode == 1, run.stdout + run.stderr
    assert verdicts(run.stdout) == dict.fromkeys(CONTRACTS, "BROKEN")


def test_new_room_needs_a_place(tmp_path: Path) -> None:
    package = tmp_path / "src" / "journeys"
    for room in [*ROOMS, "attic"]:
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    (package / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    run = lint_imports(tmp_path, tmp_path / "src")

    assert run.returncode == 1
    assert "journeys.attic" in run.stdout


def test_importing_the_package_starts_no_prefect() -> None:
    code = "import sys, journeys; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
