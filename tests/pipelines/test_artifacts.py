"""Artifacts are left on a server of the user's only, and a server that fails ends no run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from pipelines import artifacts
from pipelines.artifacts import show_artifacts, write_slug

from journeys.config import Settings, load_settings
from journeys.sample import CompanyParameters, write_company
from journeys.warehouse import Snapshot, find_current


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, refresh: Callable[..., Any]) -> tuple[Settings, Snapshot]:
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, CompanyParameters(person_count=20))
    refresh(folder / "journeys.toml")
    settings = load_settings(folder / "journeys.toml")
    snapshot = find_current(settings.warehouse.path)
    assert snapshot is not None
    return settings, snapshot


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> mock.Mock:
    """Stand in for Prefect, and record what it is asked."""
    asked = mock.Mock()
    monkeypatch.setattr(artifacts, "create_table_artifact", asked.table)
    monkeypatch.setattr(artifacts, "create_link_artifact", asked.link)
    return asked


def test_without_a_server_nothing_is_asked(published: tuple[Settings, Snapshot], calls: mock.Mock) -> None:
    show_artifacts(*published, Path("report.html"))
    assert calls.mock_calls == []


def test_two_tables_and_a_link_are_left(
    published: tuple[Settings, Snapshot], calls: mock.Mock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    show_artifacts(*published, tmp_path / "the report.html")
    assert [call.kwargs["key"] for call in calls.mock_calls] == [
        "sample-shop-key-figures",
        "sample-shop-data-quality",
        "sample-shop-report",
    ]
    figures, quality = (call.args[0] for call in calls.table.mock_calls)
    assert all(isinstance(value, str) for row in figures for value in row.values())
    assert {"web"} <= {row["source"] for row in quality} <= {source.name for source in published[0].sources}
    assert calls.link.mock_calls[0].args[0].endswith("/the%20report.html")


def test_a_server_that_fails_is_told_and_ends_nothing(
    published: tuple[Settings, Snapshot],
    calls: mock.Mock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    calls.table.side_effect = httpx.ConnectError("refused")
    show_artifacts(*published, Path("/report.html"))
    assert "could not be left on the Prefect server: ConnectError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("project", "slug"),
    [("Acme", "acme"), ("Café & Söhne, Ltd.", "cafe-sohne-ltd"), ("東京", ""), ("--", ""), ("A/B", "a-b")],
)
def test_keys_hold_only_letters_that_prefect_allows(project: str, slug: str) -> None:
    assert write_slug(project) == slug
