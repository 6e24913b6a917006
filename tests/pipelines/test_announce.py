"""A line per stage: columns for people, JSON for programs, spinners only where a person watches."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from pipelines.announce import Stopwatch, announce, announce_error, use_format

from journeys.errors import SourceError
from journeys.warehouse import find_folder

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
WATCHED = """
import sys
from pipelines.announce import Stopwatch, announce
with Stopwatch(["pull web", "pull crm"], ["events", "persons"]) as stage:
    announce("pull web", rows=1000, seconds=0.5)
    announce("nothing new", "[red]the published snapshot stays")
    announce("pull crm", rows=2, seconds=0.1)
    stage.done("events")
"""


def test_text_stands_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    announce("events", rows=2842, rejected=10, seconds=0.61)
    announce("pull web", "3 unreadable", rows=12, seconds=0.04)
    announce("publish", seconds=1.25)
    announce("dry run", "nothing was published")
    announce(message="the database did not answer")
    assert capsys.readouterr().err.splitlines() == [
        "events                        2,842 rows       10 rejected      0.6 s",
        "pull web                         12 rows                        0.0 s  3 unreadable",
        "publish                                                         1.2 s",
        "dry run                nothing was published",
        "the database did not answer",
    ]


def test_json_is_one_object_a_line_with_the_same_keys(capsys: pytest.CaptureFixture[str], text_again: None) -> None:
    use_format("json")
    announce("events", rows=2842, rejected=10, seconds=0.61234)
    announce("dry run", 'nothing "was"\npublished: Āda')
    announce_error(SourceError("no-files", "no file matches", found="nothing"))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert all(datetime.fromisoformat(line.pop("time")).utcoffset() is not None for line in lines)
    nothing = {"stage": None, "rows": None, "rejected": None, "seconds": None, "message": ""}
    assert lines == [
        nothing | {"stage": "events", "rows": 2842, "rejected": 10, "seconds": 0.612},
        nothing | {"stage": "dry run", "message": 'nothing "was"\npublished: Āda'},
        nothing | {"message": "[no-files] no file matches\n  found    nothing", "code": "no-files"},
    ]


def test_a_stage_is_told_with_the_rows_of_its_tables(capsys: pytest.CaptureFixture[str], text_again: None) -> None:
    use_format("json")
    with Stopwatch() as stage:
        stage.done("events", rows=3, rejected=1)
        stage.done("publish")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["rows"], first["rejected"], second["rows"], second["rejected"]) == (3, 1, None, None)
    assert 0 <= second["seconds"] <= first["seconds"] + 5


def watch(setup: str = "", **variables: str) -> str:
    """Run the small flow with standard error on a terminal, and return what that shows."""
    ours, theirs = pty.openpty()
    paths = [str(find_folder("pipelines").parent), *filter(None, sys.path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TERM": "xterm", "COLUMNS": "100"} | variables
    run = subprocess.Popen([sys.executable, "-c", setup + WATCHED], env=env, stderr=theirs, stdout=subprocess.DEVNULL)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # Linux says so that the other end has closed
        pass
    os.close(ours)
    assert run.wait() == 0, shown
    return shown.decode()


def test_a_person_sees_which_stages_run_and_keeps_the_lines() -> None:
    shown = watch()
    assert "\x1b[?25l" in shown  # the cursor is hidden, and comes back
    assert "\x1b[?25h" in shown
    plain = ESCAPE.sub("", shown)
    assert re.search(r". pull web\s+0:00:00", plain)
    assert re.search(r". events\s+0:00:00", plain)
    assert re.search(r". persons\s+0:00:00", plain)
    assert plain.index("events ") < plain.index("persons ")
    assert "pull web                      1,000 rows                        0.5 s" in plain
    assert "[red]the published snapshot stays" in plain


@pytest.mark.parametrize(
    ("setup", "variables"),
    [
        ("from pipelines.announce import use_format; use_format('json')", {}),
        ("", {"TERM": "dumb"}),
        ("", {"PREFECT_API_URL": "http://127.0.0.1:9/api"}),
    ],
)
def test_no_spinner_where_none_belongs(setup: str, variables: dict[str, str]) -> None:
    assert "\x1b" not in watch(setup, **variables)


def test_no_spinner_in_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with Stopwatch(["pull web"], ["events"]) as stage:
        stage.done("events")
    assert "\x1b" not in capsys.readouterr().err
