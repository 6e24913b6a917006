"""Against a real Prefect server: what is deployed, scheduled, run, queued, refused, killed and told."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from loopback import Sink, webhook

from journeys.sample import CompanyParameters, write_company
from journeys.warehouse import find_folder

BIN = Path(sys.executable).parent
ROOT = find_folder("pipelines").parent
LONGEST_SECONDS = 90
BUSY = 503


def ask(url: str, body: dict[str, Any] | None = None) -> Any:
    """Ask the server, again when its database was busy."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json"})
    for _ in range(20):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != BUSY:
                raise
            time.sleep(0.5)
    raise TimeoutError(url)


def wait_until(is_so: Callable[[], Any]) -> None:
    ends_at = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        assert time.monotonic() < ends_at, "waited too long"
        time.sleep(0.2)


@dataclass(frozen=True)
class Night:
    """A company, a Prefect server, and the webhook that is told of failures."""

    api: str
    folder: Path
    sink: Sink
    env: dict[str, str]

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a program against the server, in the folder of `prefect.yaml`."""
        return subprocess.run([str(BIN / program), *words], cwd=ROOT, env=self.env, capture_output=True, text=True,
                              timeout=LONGEST_SECONDS, check=False)  # fmt: skip

    @contextlib.contextmanager
    def running(self, program: str, *words: str, cwd: Path) -> Iterator[None]:
        """Keep a program running; its words are shown when a test fails."""
        command = [str(BIN / program), *words]
        with subprocess.Popen(command, cwd=cwd, env=self.env, stdout=subprocess.DEVNULL) as process:
            try:
                yield
            finally:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()

    def deployment(self, name: str) -> dict[str, Any]:
        """Read a deployment."""
        return ask(f"{self.api}/deployments/name/{name}")

    def schedule(self, name: str, **parameters: str) -> str:
        """Schedule a run of a deployment for now, and return its id."""
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        return ask(f"{self.api}/deployments/{self.deployment(name)['id']}/create_flow_run", body)["id"]

    def state(self, run_id: str) -> str:
        """Say how a run stands."""
        return ask(f"{self.api}/flow_runs/{run_id}")["state"]["type"]

    def ended(self, run_id: str) -> str:
        """Wait for a run's end and say how it ended."""
        wait_until(lambda: self.state(run_id) in ("COMPLETED", "FAILED", "CRASHED"))
        return self.state(run_id)

    def tasks(self, run_id: str) -> set[str]:
        """Name the tasks of a run."""
        found = ask(f"{self.api}/task_runs/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
        return {task["name"].rsplit("-", 1)[0] for task in found}

    def stages(self, run_id: str) -> list[str]:
        """List the stages in a run's log; its lines arrive after a while."""
        asked = {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_ASC"}
        lines = [log["message"] for log in ask(f"{self.api}/logs/filter", asked)]
        return [line.split()[0] for line in lines if line.endswith(" s")]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, CompanyParameters(person_count=60))
    with (folder / "journeys.toml").open("a", encoding="utf-8") as file:
        file.write('\n[alert]\nwebhook = "${ALERT_URL}"\n')
    with webhook() as sink:
        home, api = str(tmp_path_factory.mktemp("prefect")), f"http://127.0.0.1:{port}/api"
        env = {**os.environ, "PREFECT_HOME": home, "ALERT_URL": sink.address}
        env |= {"PREFECT_API_URL": api, "JOURNEYS_CONFIG": str(folder / "journeys.toml")}
        env |= {"PREFECT_WORKER_QUERY_SECONDS": "1", "PREFECT_RUNNER_POLL_FREQUENCY": "1"}
        command = [str(BIN / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                wait_until(lambda: is_up(api))
                yield Night(api, folder, sink, env)
            finally:
                process.terminate()


def is_up(api: str) -> bool:
    try:
        return bool(ask(f"{api}/health"))
    except OSError:
        return False


@pytest.fixture(scope="module")
def deployed(night: Night) -> Iterator[Night]:
    """Both flows deployed from `prefect.yaml`, and a worker."""
    for words in (
        ("work-pool", "create", "journeys", "--type", "process"),
        ("work-pool", "set-concurrency-limit", "journeys", "1"),
        ("--no-prompt", "deploy", "--all"),
    ):
        done = night.run("prefect", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    with night.running("prefect", "worker", "start", "--pool", "journeys", cwd=night.folder):
        yield night


@pytest.mark.prove
def test_prefect_yaml_deploys_both_flows(deployed: Night) -> None:
    nightly, backfill = deployed.deployment("nightly/nightly"), deployed.deployment("backfill/backfill")
    config = {"config": str(deployed.folder / "journeys.toml")}
    assert nightly["parameters"] == config | {"full": False}
    assert backfill["parameters"] == config
    (schedule,) = nightly["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 3 * * *", "UTC")
    assert backfill["schedules"] == []
    for deployment in (nightly, backfill):
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    due = ask(f"{deployed.api}/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})
    assert all(run["expected_start_time"][11:16] == "03:00" for run in due)


def test_a_scheduled_run_completes_and_leaves_its_artifacts(deployed: Night) -> None:
    run_id = deployed.schedule("nightly/nightly")
    assert deployed.ended(run_id) == "COMPLETED"
    sources = {"pull web", "pull crm_contacts", "pull crm_deals", "pull crm_activities", "pull surveys", "pull tickets"}
    assert deployed.tasks(run_id) == sources | {"events", "persons", "sessions", "journeys", "insights", "gates",
                                                 "retention"}  # fmt: skip

    found = ask(f"{deployed.api}/artifacts/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
    artifacts = {artifact["key"]: artifact["data"] for artifact in found}
    assert set(artifacts) == {"sample-shop-key-figures", "sample-shop-data-quality", "sample-shop-report"}
    figures = {row["figure"]: row["value"] for row in json.loads(artifacts["sample-shop-key-figures"])}
    assert int(figures["Persons"]) > 0
    quality = json.loads(artifacts["sample-shop-data-quality"])
    assert {f"pull {row['source']}" for row in quality} == sources
    assert all(row["read"] == row["accepted"] + row["duplicate"] + row["rejected"] for row in quality)
    assert (deployed.folder / "report.html").as_uri() in artifacts["sample-shop-report"]

    wait_until(lambda: deployed.stages(run_id)[-1:] == ["publish"])
    assert deployed.stages(run_id)[-6:-1] == ["events", "persons", "sessions", "journeys", "insights"]


@pytest.mark.prove
def test_one_run_at_a_time_and_a_killed_one_is_told_and_taken_over(deployed: Night) -> None:
    holder = deployed.folder / "warehouse" / ".refresh.pid"
    told = len(deployed.sink.posts)
    database = sqlite3.connect(deployed.folder / "data" / "crm.sqlite")
    database.execute("BEGIN EXCLUSIVE")  # the run waits for it
    first = deployed.schedule("nightly/nightly")
    wait_until(holder.exists)
    second = deployed.schedule("backfill/backfill", from_date="2026-03-01", to_date="2026-03-31")

    pid = holder.read_text()
    command = ("refresh", "-c", str(deployed.folder / "journeys.toml"), "--log-format", "json")
    refused = deployed.run("journeys", *command)
    assert refused.returncode == 1
    (line,) = map(json.loads, refused.stderr.splitlines())
    assert line["code"] == "refresh-running"
    assert f"held by process {pid}" in line["message"]
    assert deployed.sink.wait(told + 1)[told]["code"] == "refresh-running"
    assert (deployed.state(first), deployed.state(second)) == ("RUNNING", "SCHEDULED")

    os.kill(int(pid), 9)
    database.close()
    assert deployed.ended(first) == "CRASHED"
    post = deployed.sink.wait(told + 2)[told + 1]
    assert (post["project"], post["flow_run_id"], post["state"]) == ("Sample Shop", first, "crashed")
    assert deployed.ended(second) == "COMPLETED"
    assert len(deployed.sink.posts) == told + 2


@pytest.mark.prove
def test_served_flows_run_from_any_folder_and_tell_their_failure(night: Night, tmp_path: Path) -> None:
    with night.running("journeys", "serve", "-c", night.env["JOURNEYS_CONFIG"], "--cron", "30 2 * * *", cwd=tmp_path):
        asked = {"deployments": {"name": {"any_": ["sample-shop"]}}}
        wait_until(lambda: ask(f"{night.api}/deployments/count", asked) == len(("nightly", "backfill")))
        (schedule,) = night.deployment("nightly/sample-shop")["schedules"]
        assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("30 2 * * *", "Europe/Riga")
        told = len(night.sink.posts)
        done = night.schedule("nightly/sample-shop")
        failed = night.schedule("backfill/sample-shop", from_date="2026-02-30", to_date="2026-03-31")
        assert night.ended(done) == "COMPLETED"
        assert night.ended(failed) == "FAILED"
        assert night.sink.wait(told + 1)[told]["text"] == "from: not a day of the calendar"


def test_a_served_flow_needs_a_server(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    done = subprocess.run([str(BIN / "journeys"), "serve"], cwd=tmp_path, env=env, capture_output=True, text=True,
                          timeout=LONGEST_SECONDS, check=False)  # fmt: skip
    assert done.returncode == 2
    assert "PREFECT_API_URL is not set" in done.stderr
