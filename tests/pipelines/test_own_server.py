"""Without a server of the user's a refresh starts one, which is closed to others and dies with it however it dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from loopback import webhook

from journeys.sample import CompanyParameters, write_company
from journeys.warehouse import find_folder

PARENT = """
import os, sys, time
from pathlib import Path
from pipelines.own_server import OwnServer, has_server
server = OwnServer(Path(sys.argv[1]))
server.wait()
assert not has_server()
print(server._process.pid, os.environ["PREFECT_API_URL"], flush=True)
time.sleep(float(sys.argv[2]))
"""
PATHS = os.pathsep.join([str(find_folder("pipelines").parent), *filter(None, sys.path)])


def start(home: Path, seconds: float, **variables: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": PATHS, "PREFECT_HOME": str(home)} | variables
    return subprocess.Popen([sys.executable, "-c", PARENT, str(home), str(seconds)], env=env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def is_alive(pid: int) -> bool:
    """Whether a process that is no child of this one still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def ends(pid: int, seconds: float = 10) -> bool:
    """Wait for a process to end."""
    ends_at = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < ends_at:
        time.sleep(0.05)
    return not is_alive(pid)


def has_group(pid: int) -> bool:
    """Whether a process is left of the group that a process of ours began."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, *(pytest.param(how, marks=pytest.mark.prove) for how in (signal.SIGTERM, None))]
)
def test_the_server_dies_with_its_parent(home: Path, how: signal.Signals | None) -> None:
    parent = start(home, 60 if how else 0)
    assert parent.stdout is not None
    pid, url = parent.stdout.readline().split()
    if how:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{url}/flows/count", data=b"{}", timeout=10)
        assert is_alive(int(pid))
        parent.send_signal(how)
    parent.communicate(timeout=20)
    assert parent.returncode == (-how if how else 0)
    assert ends(int(pid))


@pytest.mark.prove
def test_a_server_that_cannot_start_is_told(tmp_path: Path) -> None:
    lost = f"sqlite+aiosqlite:///{tmp_path}/nowhere/prefect.db"
    parent = start(tmp_path, 0, PREFECT_API_DATABASE_CONNECTION_URL=lost)
    _, told = parent.communicate(timeout=120)
    assert parent.returncode == 1
    assert "[prefect-server] Prefect's server for this run did not start" in told
    assert str(tmp_path / "server.log") in told


@pytest.mark.prove
def test_a_refresh_without_a_server_tells_its_failure_and_leaves_no_process(tmp_path: Path) -> None:
    write_company(tmp_path, CompanyParameters(person_count=20))
    shutil.rmtree(tmp_path / "data" / "web")
    with webhook() as sink:
        with (tmp_path / "journeys.toml").open("a", encoding="utf-8") as file:
            file.write('\n[alert]\nwebhook = "${ALERT_URL}"\n')
        command = [sys.executable, "-m", "journeys.cli", "refresh", "-c", str(tmp_path / "journeys.toml")]
        env = {**os.environ, "PYTHONPATH": PATHS, "ALERT_URL": sink.address}
        env = {name: value for name, value in env.items() if name != "PREFECT_HOME"}
        run = subprocess.Popen(command, env=env, text=True, stderr=subprocess.PIPE, start_new_session=True)
        _, err = run.communicate(timeout=240)
    assert run.returncode == 1
    assert not has_group(run.pid)
    assert err.count("JourneysError [no-files]") == 1, err
    (post,) = sink.posts
    assert (post["flow"], post["state"], post["code"]) == ("nightly", "failed", "no-files")
    assert post["flow_run"]
    assert "source 'web'" in post["text"]
