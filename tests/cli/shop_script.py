"""The command line in this process, with a small shop whose answers were worked by hand."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import duckdb
import pytest

from journeys.cli import main

COLUMNS = ("id", "visitor", "when", "what", "page", "amount")
# a buys within 15 minutes; b pauses for 45 minutes before the cart (two sessions); c only looks; d and e only land.
EVENTS = (
    ("1", "a", "2026-03-01T10:00:00Z", "land", "https://shop.example/", ""),
    ("2", "a", "2026-03-01T10:05:00Z", "view", "https://shop.example/p/1", ""),
    ("3", "a", "2026-03-01T10:10:00Z", "cart", "https://shop.example/cart", ""),
    ("4", "a", "2026-03-01T10:15:00Z", "buy", "https://shop.example/done", "20.50"),
    ("5", "b", "2026-03-01T11:00:00Z", "view", "https://shop.example/p/2", ""),
    ("6", "b", "2026-03-01T11:45:00Z", "cart", "https://shop.example/cart", ""),
    ("7", "c", "2026-03-02T09:00:00Z", "view", "https://shop.example/p/1", ""),
    ("8", "d", "2026-03-02T12:00:00Z", "land", "https://shop.example/", ""),
    ("9", "e", "2026-05-01T12:00:00Z", "land", "https://shop.example/", ""),
)
HEADER = ",".join(COLUMNS) + "\n"
HEAD = '[project]\nname = "Test shop"\n'
SOURCE = """
[[source]]
name = "web"
kind = "file"
path = "web.csv"
[source.columns]
event_id = "id"
occurred_at = "when"
device_id = "visitor"
event = "what"
url = "page"
value_amount = "amount"
"""
CRM = """
[[source]]
name = "crm"
kind = "database"
url = "sqlite:///crm.sqlite"
table = "deals"
[source.columns]
occurred_at = "changed_at"
event = "stage"
user_id = "contact"
"""
RULES = """
[[touchpoint]]
name = "Home"
stage = "awareness"
match = { event = "land" }
[[touchpoint]]
name = "Product"
stage = "consideration"
match = { event = "view" }
[[touchpoint]]
name = "Cart"
stage = "purchase"
match = { event = "cart" }
[[goal]]
name = "bought"
stage = "purchase"
match = { event = "buy" }
[[funnel]]
name = "shop"
steps = ["Product", "Cart", "bought"]
window = "7d"
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    def succeeds(self) -> str:
        """Assert exit code 0 and return what stands on standard output."""
        assert self.code == 0, self
        return self.out

    def fails(self, code: int, *words: str) -> None:
        """Assert the exit code and one error of ours on standard error that names the words."""
        assert self.code == code, self
        assert self.err.count("JourneysError [") == 1, self.err
        assert "[unexpected]" not in self.err, self.err
        for word in words:
            assert word in self.err, (word, self.err)


@dataclass(frozen=True)
class Script:
    """Runs `journeys ...` in this process over one folder; a refresh runs the flow without Prefect's start-up."""

    folder: Path

    @property
    def config(self) -> Path:
        """The configuration, which `write` makes."""
        return self.folder / "journeys.toml"

    @property
    def warehouse(self) -> Path:
        """Where the configuration publishes."""
        return self.folder / "warehouse"

    def write(
        self, events: Sequence[Sequence[str]] | bytes = EVENTS, *, source: str = SOURCE, rules: str = RULES
    ) -> Script:
        """Write a configuration and its web log (rows, or the file's bytes)."""
        self.config.write_text(HEAD + source + rules, encoding="utf-8")
        return self.log(events)

    def log(self, events: Sequence[Sequence[str]] | bytes) -> Script:
        """Write the web log only."""
        if isinstance(events, bytes):
            (self.folder / "web.csv").write_bytes(events)
        else:
            with (self.folder / "web.csv").open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([COLUMNS, *events])
        return self

    def copy_to(self, folder: Path) -> Script:
        """Return the same company in another folder, which a test may change."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Script(folder)

    def __call__(self, *words: object) -> Ended:
        """Run one command on the configuration."""
        return run_here(*words, "-c", self.config)

    def rows(self, select: str) -> list[tuple[object, ...]]:
        """Ask the published snapshot."""
        file = self.warehouse / "current" / "results.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(select).fetchall()

    def current(self) -> str:
        """Name the published snapshot."""
        return os.path.realpath(self.warehouse / "current")


def run_here(*words: object) -> Ended:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ))
        stack.enter_context(mock.patch.object(sys, "path", list(sys.path)))
        if words[:1] in (("refresh",), ("demo",), ("backfill",), ("forget",)):
            stack.enter_context(plain_flow())
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
    assert isinstance(ended.value.code, int)
    assert "Traceback" not in out.getvalue() + err.getvalue()
    return Ended(ended.value.code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def plain_flow() -> Iterator[None]:
    """Let the command line find the flow as a plain function with plain tasks."""
    from pipelines_direct import plain_tasks  # Prefect is slow to import, and not all tests need it

    with plain_tasks() as module, mock.patch.object(module, "nightly", module.nightly.fn):
        yield
