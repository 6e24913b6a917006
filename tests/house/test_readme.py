"""What README tells people to type works.

A fenced `sh` block is run when the line before its fence is `<!-- runnable -->`. All such blocks run in order in one
empty folder outside the checkout, so that a later block may use what an earlier one made. The first runs as typed, in
a shell with the installed `journeys` first on the path (in the quick tests but for what starts Prefect); the later
ones, where all commands are ours, run in this process. A line that begins with `$ ` is a command and the other lines
of that block are what it prints; without such a line every line is a command.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from shop_script import run_here

from journeys.cli import commands

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# They start Prefect, which `test_wheel.py` and `cli/test_real_process.py` show by the installed program.
STARTERS = ("demo", "refresh")
BLOCK = re.compile(r"(?P<mark><!-- runnable -->\n+)?```sh\n(?P<body>.*?)```", re.DOTALL)


def commands_of(body: str) -> list[str]:
    lines = [line for line in body.splitlines() if line.strip()]
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return typed or lines


def run_typed(lines: list[str], folder: Path) -> None:
    """Run lines as typed, in a shell that finds the installed program."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        ["bash", "-c", "set -euo pipefail\n" + "\n".join(lines)],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"{lines}\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}"


def run_inside(line: str) -> None:
    """Run one of our commands in this process and in its folder."""
    program, *words = shlex.split(line, comments=True)
    assert program == "journeys", line
    ended = run_here(*words)
    assert ended.code == 0, f"{line}\n{ended.err[-3000:]}"


@pytest.mark.parametrize("is_prefect_started", [False, pytest.param(True, marks=pytest.mark.prove)])
def test_marked_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_prefect_started: bool) -> None:
    first, *later = [commands_of(match["body"]) for match in BLOCK.finditer(README) if match["mark"]]
    monkeypatch.chdir(tmp_path)
    for line in first:
        if is_prefect_started or shlex.split(line)[1] not in STARTERS:
            run_typed([line], tmp_path)
        else:
            run_inside(line)
    typed = [line for block in later for line in block]
    assert len(typed) > 30, "README.md marks no further sh block with <!-- runnable -->"
    for line in typed:
        run_inside(line)


def test_every_command_named_exists() -> None:
    help_text = CliRunner().invoke(commands, ["--help"]).output
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    typed = [
        shlex.split(line, comments=True) for match in BLOCK.finditer(README) for line in commands_of(match["body"])
    ]
    verbs = {
        words[1] for words in typed if words[:1] == ["journeys"] and len(words) > 1 and not words[1].startswith("-")
    }
    makes = {words[1] for words in typed if words[:1] == ["make"] and len(words) > 1}
    assert verbs, "README.md shows no journeys command"
    assert {verb for verb in verbs if not re.search(rf"^  {verb}\b", help_text, re.MULTILINE)} == set()
    assert makes - set(targets) == set()


def test_links_to_files_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
