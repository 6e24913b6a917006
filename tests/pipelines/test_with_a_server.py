"""The same command against a real Prefect server: the run is there to see, with a task per source and stage."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from journeys.sample import CompanyParameters, write_company

BIN = Path(sys.executable).parent


def ask(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server of our own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect"))}
    command = [str(BIN / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}/api"
        for _ in range(240):
            try:
                ask(f"{address}/health")
                break
            except OSError:
                time.sleep(0.5)
        yield address
        process.terminate()


def test_a_refresh_is_a_run_on_the_server(server: str, tmp_path: Path) -> None:
    write_company(tmp_path, CompanyParameters(person_count=100))
    done = subprocess.run(
        [str(BIN / "journeys"), "refresh", "-c", str(tmp_path / "journeys.toml")],
        env={**os.environ, "PREFECT_API_URL": server},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (run,) = ask(f"{server}/flow_runs/filter", {})
    assert run["state"]["type"] == "COMPLETED"
    options = dict.fromkeys(("full", "dry_run", "accept_gates"), False)
    assert run["parameters"] == {"config": str(tmp_path / "journeys.toml"), **options}
    tasks = {task["name"].rsplit("-", 1)[0] for task in ask(f"{server}/task_runs/filter", {})}
    sources = {"pull web", "pull crm_contacts", "pull crm_deals", "pull crm_activities", "pull surveys", "pull tickets"}
    assert tasks == sources | {"events", "persons", "sessions", "journeys", "insights", "gates"}
    assert "report" in done.stdout
