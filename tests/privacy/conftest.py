"""What the tests of privacy share: a key, small sources pulled and protected, their rows as dictionaries."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from journeys.config import Settings, build_settings
from journeys.privacy import pull_protected
from journeys.schema import LANDED_COLUMNS

KEY = "the key of these tests, long enough to be one"
LOADED_AT_US = 1_800_000_000_000_000


def token_of(value: str, domain: str = "") -> str:
    """The token of a value that was made alike, worked out by Python's own HMAC."""
    digest = hmac.new(KEY.encode(), value.encode(), hashlib.sha256).hexdigest()
    return f"p-{digest[:32]}" + (f"@{domain}" if domain else "")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key in the environment."""
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", KEY)
    return KEY


class Protector:
    """Protects small sources in `folder`; `protection` is the text of the last pull."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.protection = ""

    def settings(self, privacy: dict[str, Any], **document: Any) -> Settings:
        """Settings with one source 'web' of JSON lines, changed by what is given; one with a kind stands as it is."""
        given = document.pop("source", {})
        lines = {
            "name": "web",
            "kind": "file",
            "path": "web.jsonl",
            "columns": {"occurred_at": "time", "event": "name", "device_id": "device"},
            "identifiers": {"email": "email", "phone": "phone"},
        }
        source = {"name": "web", **given} if "kind" in given else lines | given
        return build_settings(
            {
                "project": {"name": "Acme"},
                "goal": [{"name": "buy", "match": {"event": "buy"}}],
                "source": [source, *document.pop("more", [])],
                "privacy": privacy,
                **document,
            },
            self.folder / "journeys.toml",
            environment=os.environ,
        )

    def write(self, *rows: dict[str, Any] | str) -> None:
        """Write the source's lines; each row gets a time, a name and a device where it names none."""
        filled = {"time": "2026-03-01T10:00:00Z", "name": "view", "device": "d-1"}
        lines = [row if isinstance(row, str) else json.dumps(filled | row) for row in rows]
        (self.folder / "web.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def protect(self, privacy: dict[str, Any], **document: Any) -> list[dict[str, Any]]:
        """Pull and return the protected rows by line."""
        settings = self.settings(privacy, **document)
        folder = self.folder / "landed"
        report = pull_protected(settings.sources[0], settings, folder=folder, loaded_at_us=LOADED_AT_US)
        self.protection = report.protection
        assert [path.name for path in folder.iterdir()] == ["web.parquet"]
        with duckdb.connect() as connection:
            found = connection.execute(f"SELECT * FROM '{folder / 'web.parquet'}' ORDER BY file, line")
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        assert names == [column.name for column in LANDED_COLUMNS]
        assert report.row_count == len(rows)
        return rows

    def one(self, row: dict[str, Any] | str, privacy: dict[str, Any], **document: Any) -> dict[str, Any]:
        """Protect one row."""
        self.write(row)
        (found,) = self.protect(privacy, **document)
        return found


@pytest.fixture
def protector(tmp_path: Path) -> Protector:
    """Protect sources in a temporary folder."""
    return Protector(tmp_path)


@pytest.fixture(scope="session")
def token() -> Callable[..., str]:
    """`token(value, domain)`: what stands for a value."""
    return token_of
