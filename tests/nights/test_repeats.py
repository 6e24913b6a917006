"""Repeats in a later night: of one id the earliest time wins, then the smallest content; rows without an id count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from journeys.nights import rows

HEAD = """
[project]
name = "Repeats"
[[source]]
name = "web"
kind = "file"
path = "web-*.csv"
interaction = true
[source.columns]
event_id = "id"
occurred_at = "at"
user_id = "who"
event = "what"
[[source]]
name = "till"
kind = "file"
path = "till-*.csv"
[source.columns]
occurred_at = "at"
user_id = "who"
event = "what"
[[source]]
name = "door"
kind = "file"
path = "door-*.csv"
drop_repeats = true
[source.columns]
occurred_at = "at"
user_id = "who"
event = "what"
[[touchpoint]]
name = "Page"
match = { event = ["page", "other"] }
[[goal]]
name = "sale"
match = { event = "sale" }
"""
WEB = [
    # 1 comes again earlier, 2 later, 3 with the same time and a smaller content, 4 the same.
    (
        "id,at,who,what\n1,2026-03-01T10:00:00Z,a,page\n2,2026-03-01T10:00:00Z,b,page\n3,2026-03-01T10:00:00Z,c,page\n"
        "4,2026-03-01T10:00:00Z,d,page\n"
    ),
    (
        "id,at,who,what\n1,2026-03-01T09:00:00Z,x,page\n2,2026-03-01T11:00:00Z,y,page\n3,2026-03-01T10:00:00Z,c,other\n"
        "4,2026-03-01T10:00:00Z,d,page\n"
    ),
]
SALE = "2026-03-02T10:00:00Z,a,sale\n"
# Two equal sales in the first night, one more in the second: three. At the door, repeats count once.
TILL = ["at,who,what\n" + SALE * 2, "at,who,what\n" + SALE]


def write(folder: Path, night: int) -> None:
    (folder / f"web-{night}.csv").write_text(WEB[night], encoding="utf-8")
    for name in ("till", "door"):
        (folder / f"{name}-{night}.csv").write_text(TILL[night], encoding="utf-8")


def check(found: Any) -> None:
    """Hold the published snapshot to what was worked out by hand."""
    with duckdb.connect(found.snapshot.results, read_only=True) as connection:
        events = connection.execute(
            "SELECT event_id, occurred_at::VARCHAR, user_id, event FROM events WHERE source = 'web' ORDER BY 1"
        ).fetchall()
        assert events == [
            ("1", "2026-03-01 09:00:00", "x", "page"),
            ("2", "2026-03-01 10:00:00", "b", "page"),
            ("3", "2026-03-01 10:00:00", "c", "other"),
            ("4", "2026-03-01 10:00:00", "d", "page"),
        ]
        counts = connection.execute(
            "SELECT source, read_count, accepted_count, duplicate_count, rejected_count FROM data_quality ORDER BY 1"
        ).fetchall()
        assert counts == [("door", 3, 1, 2, 0), ("till", 3, 3, 0, 0), ("web", 8, 4, 4, 0)]
        # Nobody is left of the row that was replaced: a is known by sales only.
        persons = "SELECT COUNT(*) FROM person_events INNER JOIN events USING (event_id) WHERE user_id = 'a'"
        assert connection.execute(persons).fetchall() == [(4,)]
        assert connection.execute("SELECT COUNT(*) FROM touchpoints WHERE touchpoint = 'Page'").fetchall() == [(4,)]


@pytest.mark.prove
def test_repeats_of_a_later_night_are_those_of_one_night(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "journeys.toml"
    config.write_text(HEAD, encoding="utf-8")
    for night in range(2):
        write(tmp_path, night)
        found = refresh(config)
    check(found)
    check(refresh(config, full=True))
    monkeypatch.setattr(rows, "PART_ROWS", 1)
    check(refresh(config, full=True))


def test_repeats_in_the_other_order_are_the_same(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    config = tmp_path / "journeys.toml"
    config.write_text(HEAD, encoding="utf-8")
    for night in (1, 0):
        write(tmp_path, night)
        found = refresh(config)
    check(found)
