"""Moves to an earlier stage, on a published log whose touchpoints have stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import journeys as jn

CONFIG = """
[project]
name = "World"
[[source]]
name = "web"
kind = "file"
path = "web.csv"
[source.columns]
event_id = "id"
occurred_at = "at"
user_id = "user"
event = "event"
[journey]
goal = "buy"
[[touchpoint]]
name = "Ad"
stage = "awareness"
match = { event = "ad" }
[[touchpoint]]
name = "Product"
stage = "consideration"
match = { event = "product" }
[[touchpoint]]
name = "Chat"
match = { event = "chat" }
[[touchpoint]]
name = "Cart"
stage = "purchase"
match = { event = "cart" }
[[goal]]
name = "buy"
stage = "purchase"
match = { event = "buy" }
"""
WALKS = {
    "ann": "ad product cart product cart ad buy product",  # back to product, back to ad, and once more after the goal
    "bob": "cart chat product chat ad",  # chat has no stage: cart > product, product > ad
    "cid": "ad product cart buy",
    "dan": "chat chat",
    "eve": "cart product",
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, refresh: Callable[..., Any]) -> Iterator[jn.Journeys]:
    """The published walks."""
    folder: Path = tmp_path_factory.mktemp("world")
    lines = [
        f"{user}{minute},2026-03-01T10:{minute:02d}:00Z,{user},{name}"
        for user, walk in WALKS.items()
        for minute, name in enumerate(walk.split())
    ]
    (folder / "web.csv").write_text("\n".join(["id,at,user,event", *lines]) + "\n", encoding="utf-8")
    (folder / "journeys.toml").write_text(CONFIG, encoding="utf-8")
    refresh(folder / "journeys.toml")
    with jn.open(folder / "journeys.toml") as opened:
        yield opened


def pairs(answer: jn.Result) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Moves, persons who made them, and persons in the later stage."""
    return {
        (row.from_stage, row.to_stage): (row.backtrack_count, row.person_count, row.met_count)
        for row in answer.frame.itertuples()
    }


def test_a_move_to_an_earlier_stage_counts_and_contacts_without_a_stage_are_passed_over(log: jn.Journeys) -> None:
    answer = log.backtracks()
    assert pairs(answer) == {
        ("purchase", "consideration"): (4, 3, 4),  # ann twice (cart, buy), bob, eve; cid was there too
        ("purchase", "awareness"): (1, 1, 4),  # ann
        ("consideration", "awareness"): (1, 1, 4),  # bob; ann, cid and eve were there too
    }
    assert (answer.definition["backtracking_count"], answer.definition["staged_count"]) == (3, 4)
    total = answer.tables["total"].iloc[0]
    assert (total["person_count"], total["met_count"], total["share"]) == (3, 4, 0.75)
    assert total["share_low"] < 0.75 < total["share_high"]


def test_shares_have_their_interval_and_too_few_are_said(log: jn.Journeys) -> None:
    frame = log.backtracks().frame
    assert list(frame["share"]) == [3 / 4, 1 / 4, 1 / 4]
    assert (frame["share_low"] < frame["share"]).all()
    assert (frame["share"] < frame["share_high"]).all()
    assert frame["is_too_few"].all()


def test_the_contacts_of_a_move_are_named(log: jn.Journeys) -> None:
    steps = log.backtracks().tables["steps"]
    found = {(row.from_step, row.to_step): row.backtrack_count for row in steps.itertuples()}
    assert found == {("Cart", "Product"): 3, ("buy", "Product"): 1, ("Cart", "Ad"): 1, ("Product", "Ad"): 1}
    assert steps["backtrack_count"].sum() == log.backtracks().frame["backtrack_count"].sum()


def test_a_goal_ends_the_path_before_what_comes_after(log: jn.Journeys) -> None:
    assert pairs(log.backtracks(goal="buy"))["purchase", "consideration"] == (3, 3, 4)
    assert pairs(log.backtracks(start="Cart"))["consideration", "awareness"] == (1, 1, 3)


def test_variants_of_a_published_log_know_the_stages(log: jn.Journeys) -> None:
    answer = log.variants("buy")
    stages = dict(answer.tables["stages"].dropna().itertuples(index=False, name=None))
    assert stages == {"Ad": "awareness", "Product": "consideration", "Cart": "purchase", "buy": "purchase"}
    assert answer.frame["count"].sum() == 5
    assert "consideration" in answer.figure().to_json()


def test_no_move_back_is_an_empty_table(log: jn.Journeys) -> None:
    answer = log.backtracks(start="Ad", end="Ad", unit="person", as_of="2026-03-01T10:00:30Z")
    assert answer.frame.empty
    assert [note.text for note in answer.figure().layout.annotations] == ["no data"]
