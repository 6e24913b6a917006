"""What all tests share: the public logs, a browser, Hypothesis profiles, a Prefect kept in a temporary folder."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

NO_REAL_DATA = "JOURNEYS_REAL_DATA names no folder with the public logs"
NO_MARIADB = "no MariaDB on this machine (Debian: apt-get install mariadb-server)"
# Reasons for which tests are not run that show something no other test shows, and what those tests are about.
COUNTED = {NO_REAL_DATA: "real-data", NO_MARIADB: "MariaDB"}

_prefect_home = tempfile.mkdtemp(prefix="journeys-prefect-")
atexit.register(shutil.rmtree, _prefect_home, ignore_errors=True)
os.environ.pop("PREFECT_API_URL", None)
os.environ.update(
    PREFECT_HOME=_prefect_home,
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
    # The default of 20 seconds is too short on a busy machine.
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="120",
)

# DuckDB's first call in a process takes longer than Hypothesis' deadline; slowness is not what these tests are about.
settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("prove", settings.get_profile("ci"), derandomize=False, max_examples=500)
settings.load_profile("ci")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose a seed where examples are drawn at random, so that it can be printed and given again."""
    if config.getoption("--hypothesis-profile") == "prove" and config.getoption("--hypothesis-seed") is None:
        # Continuous integration draws the same examples each time, so that a red run is about the change.
        config.option.hypothesis_seed = 0 if os.environ.get("CI") else secrets.randbelow(2**32)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which examples are drawn and which data is read."""
    seed = config.getoption("--hypothesis-seed")
    drawn = "the same examples each time" if seed is None else f"repeat with --hypothesis-seed={seed}"
    return [
        f"hypothesis: profile {config.getoption('--hypothesis-profile') or 'ci'}, {drawn}",
        f"real data: {os.environ.get('JOURNEYS_REAL_DATA') or 'none (JOURNEYS_REAL_DATA is not set)'}",
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes `real_data` or `chromium` by itself, and skip what has no data to read."""
    has_data = bool(os.environ.get("JOURNEYS_REAL_DATA"))
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "real_data" in fixtures:
            item.add_marker("real_data")
        if "chromium" in fixtures:
            item.add_marker("browser")
        if item.get_closest_marker("real_data") and not has_data:
            item.add_marker(pytest.mark.skip(reason=NO_REAL_DATA))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests recorded as "shown"; say how many were not run for want of something: less was proved."""
    for report in terminalreporter.stats.get("passed", ()):
        for text in (value for name, value in report.user_properties if name == "shown"):
            terminalreporter.write_sep("-", report.nodeid.split("::")[-1])
            terminalreporter.write_line(text)
    for reason, name in COUNTED.items():
        skipped = [report for report in terminalreporter.stats.get("skipped", ()) if reason in str(report.longrepr)]
        if skipped:
            terminalreporter.write_sep("-", name)
            terminalreporter.write_line(f"{len(skipped)} {name} tests were not run: {reason}.")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the public logs; without one the test is skipped and counted."""
    named = os.environ.get("JOURNEYS_REAL_DATA")
    if not named:
        pytest.skip(NO_REAL_DATA)
    folder = Path(named).resolve()
    if not folder.is_dir():
        pytest.fail(f"JOURNEYS_REAL_DATA names {named!r}, which is no folder")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program file of a Chromium for the browser tests; without one the test is skipped."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def mariadb_programs() -> tuple[str, str]:
    """The programs that run MariaDB and make its first files; without them the test is skipped and counted."""
    # Debian keeps the server where only root looks.
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = [shutil.which(name, path=folders) for name in ("mariadbd", "mariadb-install-db")]
    if not all(found):
        pytest.skip(NO_MARIADB)
    return str(found[0]), str(found[1])


@pytest.fixture(scope="session")
def refresh() -> Callable[..., Any]:
    """`refresh(config, full=..., dry_run=...)`: the nightly flow without Prefect's start-up."""
    from pipelines_direct import refresh_plainly  # Prefect is slow to import, and few tests need it

    return refresh_plainly
