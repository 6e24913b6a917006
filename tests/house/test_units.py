"""The systemd units that README shows are ones systemd accepts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
UNITS = dict(re.findall(r"```ini\n# (journeys\.\w+)\n(.*?)```", README, re.DOTALL))


def test_both_units_are_shown() -> None:
    assert set(UNITS) == {"journeys.service", "journeys.timer"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for name, text in UNITS.items():
        # The program is not installed where the example says.
        (tmp_path / name).write_text(re.sub(r"(?<=ExecStart=)\S+", "/bin/true", text), encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or line.startswith("journeys.")]
    assert (done.returncode, ours) == (0, []), done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_the_timer_is_due_at_three() -> None:
    (when,) = re.findall(r"OnCalendar=(.*)", UNITS["journeys.timer"])
    done = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Normalized form: *-*-* 03:00:00 Europe/Riga" in done.stdout
