"""What is read again adds only what is new: a bag of contents over the places that were read or have gone."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config import Project, Source
from journeys.errors import CallError, PublishError
from journeys.sources import Pulled, Store, add_load, commit, open_store, pull_source, read_span, remove_unlisted

PROJECT = Project(name="Acme")
COLUMNS = {"occurred_at": "at", "user_id": "user", "event": "what"}


def line(number: int) -> bytes:
    """One of few different rows, so that equal ones meet."""
    row = {"at": f"2026-03-0{1 + number % 9}T10:00:00Z", "user": "u", "what": f"e{number}"}
    return json.dumps(row).encode() + b"\n"


class Night:
    """A folder of files and the store they are pulled into."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, 1_780_000_000_000_000
        self.source = Source(name="web", kind="file", path="*.jsonl*", columns=COLUMNS)
        self.store = Store(folder / "store")

    def write(self, name: str, numbers: list[int]) -> None:
        content = b"".join(map(line, numbers))
        (self.folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    def pull(self, span: tuple[str, str] | None = None) -> int:
        """Pull and commit; return how many rows were new."""
        self.clock += 1
        known = Store(self.store.folder) if span else self.store
        landing = self.folder / "landing"
        report = pull_source(self.source, PROJECT, folder=landing, settings_folder=self.folder,
                             loaded_at_us=self.clock, bookmark=known.bookmark("web"))  # fmt: skip
        landed = {"web": landing / "web.parquet"} if report.row_count else {}
        before = sum(load.row_count for load in self.store.loads)
        pulled = Pulled(landed, {"web": report}, self.clock)
        self.store = commit(add_load(self.store, pulled, span=read_span(*span, timezone="UTC") if span else None))
        assert open_store(self.folder) == self.store
        return sum(load.row_count for load in self.store.loads) - before


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def test_a_file_that_is_as_it_was_is_not_read(night: Night) -> None:
    night.write("a.jsonl", [1, 2, 2])
    assert [night.pull(), night.pull()] == [3, 0]
    assert len(night.store.loads) == 1


def test_a_file_that_grew_gives_what_it_grew_by(night: Night) -> None:
    night.write("a.jsonl", [1, 2])
    night.pull()
    night.write("a.jsonl", [1, 2, 2, 3])
    assert night.pull() == 2


def test_a_rotated_log_is_not_read_twice(night: Night) -> None:
    night.write("access.jsonl", [1, 2, 3])
    night.pull()
    # The old log got one more line before it was moved away; a new one was begun, with a line like an old one.
    night.write("access.jsonl.1.jsonl", [1, 2, 3, 4])
    night.write("access.jsonl", [5, 1])
    assert night.pull() == 3


def test_daily_files_put_together_are_nothing_new(night: Night) -> None:
    night.write("1.jsonl", [1, 2])
    night.write("2.jsonl", [2, 3])
    night.pull()
    (night.folder / "1.jsonl").unlink()
    (night.folder / "2.jsonl").unlink()
    night.write("all.jsonl.gz", [3, 2, 2, 1])
    assert night.pull() == 0


def test_equal_rows_in_two_files_count_twice(night: Night) -> None:
    night.write("1.jsonl", [7])
    night.pull()
    night.write("2.jsonl", [7])
    assert night.pull() == 1


def test_rows_that_have_gone_stay(night: Night) -> None:
    night.write("a.jsonl", [1, 2])
    night.pull()
    night.write("a.jsonl", [2])
    assert night.pull() == 0
    assert sum(load.row_count for load in night.store.loads) == 2


def test_a_backfill_takes_what_is_missing_of_a_span(night: Night) -> None:
    night.write("a.jsonl", [0, 1, 2, 3])
    assert night.pull(("2026-03-02", "2026-03-03")) == 2
    assert night.store.bookmarks == {}
    assert night.pull(("2026-03-02", "2026-03-03")) == 0
    assert night.pull() == 2, "the rest of the file is still to come"


@settings(max_examples=15)
@given(versions=st.lists(st.lists(st.integers(0, 3), max_size=6), min_size=1, max_size=5))
def test_versions_of_a_file_add_up_to_their_largest_bag(
    tmp_path_factory: pytest.TempPathFactory, versions: list
) -> None:
    night = Night(tmp_path_factory.mktemp("night"))
    most: Counter[int] = Counter()
    for place, numbers in enumerate(versions):
        night.write("a.jsonl", numbers)
        # Equal sizes within one tick of the clock would be taken for the same file.
        os.utime(night.folder / "a.jsonl", ns=(place, place))
        night.pull()
        most |= Counter(numbers)
        assert sum(load.row_count for load in night.store.loads) == sum(most.values())


def test_what_a_dead_run_left_is_removed(night: Night) -> None:
    night.write("a.jsonl", [1])
    night.pull()
    left = night.store.folder / "000002" / "web" / "data_0.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    remove_unlisted(night.store)
    assert not left.exists()
    assert [path for path in night.store.list_files() if not path.exists()] == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "loads": 3, "bookmarks": {}}'])
def test_a_damaged_listing_is_told(night: Night, text: str) -> None:
    night.store.folder.mkdir()
    (night.store.folder / "store.json").write_text(text)
    with pytest.raises(PublishError, match="store-damaged"):
        open_store(night.folder)


@pytest.mark.parametrize(("since", "until"), [("2026-03-02", "2026-03-01"), ("soon", None), (None, "later")])
def test_a_span_that_is_none_is_refused(since: str | None, until: str | None) -> None:
    with pytest.raises(CallError):
        read_span(since, until, timezone="UTC")


def test_a_landed_file_of_new_places_moves_into_the_store(night: Night) -> None:
    night.write("a.jsonl", [1, 2])
    night.pull()
    assert not (night.folder / "landing" / "web.parquet").exists(), "it was moved, not written a second time"
    night.write("b.jsonl", [1, 2])
    assert night.pull() == 2
    night.write("b.jsonl", [1, 2, 3])
    assert night.pull() == 1
    assert (night.folder / "landing" / "web.parquet").exists(), "of a place that was read before only some rows are new"
