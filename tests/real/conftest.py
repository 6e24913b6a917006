"""The public logs, each refreshed once through its own configuration in this folder, and how to look at the result."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pandas as pd
import pytest

import journeys as jn
from journeys.config import Settings, load_settings
from journeys.warehouse import find_current


@dataclass(frozen=True)
class Published:
    """A published log: its configuration, the log itself and the seconds its refresh took."""

    config: Path
    log: jn.Journeys
    seconds: float

    @cached_property
    def settings(self) -> Settings:
        """What the configuration says."""
        return load_settings(self.config)

    def query(self, sql: str) -> pd.DataFrame:
        """Ask the published tables by plain SQL, past the library's own readers."""
        snapshot = find_current(self.settings.warehouse.path)
        assert snapshot is not None
        with duckdb.connect(snapshot.results, read_only=True) as connection:
            return connection.execute(sql).df()


@pytest.fixture(scope="session")
def published(
    real_data: Path, refresh: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Published]]:
    """`published("apache")`: the log of tests/real/apache.toml, refreshed when it is first asked for.

    `published("apache", folder)` reads files of the same names in a folder other than that of the public logs.
    """
    known: dict[tuple[str, Path], Published] = {}

    def publish(name: str, data: Path = real_data) -> Published:
        if (name, data) not in known:
            config = tmp_path_factory.mktemp(name) / "journeys.toml"
            shutil.copyfile(Path(__file__).with_name(f"{name}.toml"), config)
            started = time.perf_counter()
            with mock.patch.dict(os.environ, JOURNEYS_REAL_DATA=str(data)):
                refresh(config)
                known[name, data] = Published(config, jn.open(config), time.perf_counter() - started)
        return known[name, data]

    with mock.patch.dict(os.environ, JOURNEYS_REAL_DATA=str(real_data)):
        yield publish
    for one in known.values():
        one.log.close()


@pytest.fixture(scope="session")
def read_text() -> Callable[[Path], pd.DataFrame]:
    """`read_text(path)`: a CSV file with every value as the text it is."""
    return lambda path: pd.read_csv(path, dtype=str, keep_default_na=False)
