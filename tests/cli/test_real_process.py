"""The installed program itself: Prefect started, standard streams piped, killed from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shop_script import EVENTS, RULES, SOURCE, Script

PROGRAM = Path(sys.executable).with_name("journeys")
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the package is not installed beside this Python")


def run(*words: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program and wait for its end."""
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=300, check=False,
                          env=os.environ | variables)  # fmt: skip


def has_group(pid: int) -> bool:
    """Whether a process is left of a group."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.prove
def test_a_stranger_gets_from_a_csv_to_a_report(script: Script) -> None:
    script.write(source=SOURCE + '[gates]\nfreshness = "off"\n')  # the log grows no younger
    done = run("refresh", "-c", script.config)
    assert done.returncode == 0, done.stderr
    assert str(script.folder / "report.html") in done.stdout
    stages = [line.split()[0] for line in done.stderr.splitlines()]
    assert stages == ["pull", "events", "persons", "sessions", "journeys", "insights", "gates", "publish"]
    answer = run("funnel", "-c", script.config, "--format", "json")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert [row["reached_count"] for row in json.loads(answer.stdout)["frame"]] == [3, 2, 1]


def test_the_module_is_the_program(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "journeys.cli", "check"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "journeys init" in done.stderr


@pytest.mark.prove
def test_a_failed_refresh_says_only_what_failed(script: Script) -> None:
    script.write(source=SOURCE.replace('"visitor"', '"visitr"'))
    done = run("refresh", "-c", script.config)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith("JourneysError [missing-column]")
    assert len(lines) <= 5, done.stderr
    assert {path.name for path in script.warehouse.iterdir()} <= {".refresh.lock", ".prefect", "last_run.json"}


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("sessions",),
        ("identity", "--explain", "device_id:a"),
        pytest.param(("sessions", "--format", "csv"), marks=pytest.mark.prove),
        pytest.param(("sessions", "--format", "json"), marks=pytest.mark.prove),
        pytest.param(("identity",), marks=pytest.mark.prove),
    ],
)
def test_answers_can_be_piped_into_head(shop: Script, words: tuple[str, ...]) -> None:
    given = words if words == ("--help",) else (*words, "-c", str(shop.config))
    reader, writer = os.pipe()
    os.close(reader)  # the reader has gone before the first byte
    ended = subprocess.run([PROGRAM, *given], stdout=writer, stderr=subprocess.PIPE, text=True,
                           timeout=60, check=False)  # fmt: skip
    os.close(writer)
    assert ended.stderr == "", ended.stderr
    assert ended.returncode == 0


def test_a_screen_that_cannot_show_a_letter_gets_another(shop: Script) -> None:
    for encoding in ("ascii", "latin-1"):
        ended = run("sessions", "-c", shop.config, PYTHONIOENCODING=encoding)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "session_id" in ended.stdout


@pytest.mark.prove
def test_the_real_flow_killed_in_the_middle_is_finished_by_the_next(script: Script) -> None:
    script.write()
    assert run("refresh", "-c", script.config).returncode == 0
    before = script.current()
    script.log([(f"{n}", f"v{n % 9000}", "2026-03-01T10:00:00Z", "land", f"https://x/{n}", "") for n in range(60_000)])
    told = script.folder / "told.txt"
    with told.open("w") as stream:
        process = subprocess.Popen([PROGRAM, "refresh", "-c", script.config], stderr=stream, start_new_session=True)
    while "pull web" not in told.read_text():
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    ends_at = time.monotonic() + 10
    while has_group(process.pid) and time.monotonic() < ends_at:
        time.sleep(0.05)
    assert not has_group(process.pid)  # Prefect's server has gone with it
    assert script.current() == before
    assert run("refresh", "-c", script.config).returncode == 0
    assert script.rows("SELECT count(*) FROM events") == [(60_000,)]
    assert not (script.warehouse / "work").exists()


@pytest.mark.prove
def test_a_database_that_does_not_answer_is_given_up_within_two_minutes(script: Script) -> None:
    source = (
        SOURCE
        + """
[[source]]
name = "crm"
kind = "database"
url = "sqlite:///crm.sqlite"
table = "deals"
columns = { occurred_at = "changed_at", event = "stage", user_id = "contact" }
"""
    )
    script.write(EVENTS, source=source, rules=RULES)
    holder = sqlite3.connect(script.folder / "crm.sqlite", isolation_level=None)
    holder.execute("CREATE TABLE deals (changed_at, stage, contact)")
    holder.execute("BEGIN EXCLUSIVE")
    started = time.perf_counter()
    done = run("refresh", "-c", script.config)
    holder.close()
    assert time.perf_counter() - started < 120
    assert done.returncode == 1
    assert "'crm'" in done.stderr
    assert "locked" in done.stderr
    assert len(done.stderr.splitlines()) < 12, done.stderr
