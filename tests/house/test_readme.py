"""What README tells people to type works.

A fenced `sh` block is run when the line before its fence is `<!-- runnable -->`. All such blocks run in order in one
empty folder outside the checkout, with the installed `journeys` first on the path, so that a later block may use what
an earlier one made. A line that begins with `$ ` is a command and the other lines of that block are what it prints;
without such a line every line is a command.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from journeys.cli import commands

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?P<mark><!-- runnable -->\n+)?```sh\n(?P<body>.*?)```", re.DOTALL)


def commands_of(body: str) -> list[str]:
    lines = [line for line in body.splitlines() if line.strip()]
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return typed or lines


def test_marked_blocks_run(tmp_path: Path) -> None:
    blocks = [commands_of(match["body"]) for match in BLOCK.finditer(README) if match["mark"]]
    assert blocks, "README.md marks no sh block with <!-- runnable -->"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for block in blocks:
        script = "set -euo pipefail\n" + "\n".join(block)
        run = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{block}\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}"


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
