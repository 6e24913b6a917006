"""Whatever changes between any two requests, a row that was there all the time is read, or the reading says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config import Source
from journeys.errors import SourceError
from journeys.sources.rest.faults import Faults
from journeys.sources.rest.pages import CountedPages
from journeys.sources.rest.session import Answer
from journeys.sources.rest.since import SincePages

# Before a request: a row goes, one is updated and moves to the end, one comes in front or at the end.
CHANGES = st.lists(
    st.lists(st.tuples(st.sampled_from(["remove", "touch", "front", "end"]), st.integers(0, 40)), max_size=2),
    max_size=60,
)


@dataclass
class ChangingSession:
    """Answers as an API over a sorted table, which changes before each request; knows which rows were left alone."""

    source: Source
    size: int
    count: int
    changes: list[list[tuple[str, int]]]
    base: httpx.URL = field(default_factory=lambda: httpx.URL("http://127.0.0.1/"))

    def __post_init__(self) -> None:
        self.faults = Faults(self.source)
        self.rows = [{"id": number, "at": 1_000 + 10 * number} for number in range(self.count)]
        self.alone = set(range(self.count))
        self.last = 10_000

    def get(self, address: httpx.URL, *, page: int, ends: Any = ()) -> Answer:
        for what, place in self.changes.pop(0) if self.changes else ():
            self._change(what, place)
        params = address.params
        if "since" in params or (self.source.paging and self.source.paging.kind == "since"):
            found = [row for row in self.rows if row["at"] >= int(params.get("since", 0))]
            return self._answer(sorted(found, key=lambda row: row["at"])[: self.size])
        start = (int(params["page"]) - 1) * self.size if "page" in params else int(params["skip"])
        return self._answer(self.rows[start : start + self.size])

    def _answer(self, rows: list[Any]) -> Answer:
        return Answer(self.base, 200, {}, [dict(row) for row in rows])

    def _change(self, what: str, place: int) -> None:
        self.last += 10
        if what in ("remove", "touch") and self.rows:
            row = self.rows.pop(place % len(self.rows))
            self.alone.discard(row["id"])
            if what == "touch":
                self.rows.append(row | {"at": self.last})
        elif what in ("front", "end"):
            new = {"id": self.last, "at": -self.last if what == "front" else self.last}
            self.rows.insert(0 if what == "front" else len(self.rows), new)


@pytest.mark.parametrize("kind", ["page", "offset", "since"])
@settings(max_examples=60, deadline=None)
@given(size=st.integers(2, 6), count=st.integers(0, 25), changes=CHANGES, has_ids=st.booleans())
def test_a_row_that_is_left_alone_is_read(
    kind: str, size: int, count: int, changes: list[list[tuple[str, int]]], has_ids: bool
) -> None:
    own = {"page": {"param": "page"}, "offset": {"param": "skip"}, "since": {"size": size}}[kind]
    source = Source(
        name="shop", kind="rest", url="http://127.0.0.1/", cursor="at", request={"cursor_param": "since"},
        columns={"event_id": "id"} if has_ids else {}, paging={"kind": kind, "most_pages": 1_000} | own,
    )  # fmt: skip
    session = ChangingSession(source, size, count, [list(each) for each in changes])
    pages = (SincePages if kind == "since" else CountedPages)(session, source, {})
    try:
        found = [row["id"] for records in pages for row in records]
    except SourceError as error:  # changes that undo each other can look like a page that comes twice
        if error.code != "same-page" or not any(changes):
            raise
        return
    assert session.alone <= set(found) or pages.is_doubtful
    if not any(changes):
        assert found == list(range(count))
        assert (pages.notes, pages.is_doubtful) == ([], False)
