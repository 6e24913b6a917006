"""`records` of a REST source: the items of a list inside each record are the rows; pages go by the records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from postgres import Nights
from rest_api import Api, Asked

COLUMNS = {"event_id": "items.id", "occurred_at": "at", "event": "items.state", "user_id": "buyer"}


def make_orders(*states: str) -> list[dict[str, Any]]:
    """Orders of two items, one a minute, whose second item is in a state."""
    return [
        {
            "id": number,
            "at": f"2026-01-01T00:{number:02}:00Z",
            "buyer": "ann",
            "items": [{"id": f"{number}a", "state": "sent"}, {"id": f"{number}b", "state": state}],
        }
        for number, state in enumerate(states, 1)
    ]


def test_pages_and_cursor_go_by_the_records_and_rows_by_their_items(api: Api, nights: Callable[..., Nights]) -> None:
    orders = make_orders("new", "new", "new")

    def answer(asked: Asked) -> object:
        first = int(asked.query["offset"])
        return {"data": orders[first : first + 2]}

    api.answer = answer
    pulls = nights(
        records="items", columns=COLUMNS, cursor="at", overlap="1m",
        request={"records": "data", "cursor_param": "since"}, paging={"kind": "offset", "param": "offset"},
    )  # fmt: skip
    rows = pulls.pull()
    assert [(row["line"], row["event_id"], row["event"], row["user_id"]) for row in rows] == [
        (1, "1a", "sent", "ann"),
        (2, "1b", "new", "ann"),
        (3, "2a", "sent", "ann"),
        (4, "2b", "new", "ann"),
        (5, "3a", "sent", "ann"),
        (6, "3b", "new", "ann"),
    ]
    pulls.pull()
    assert api.asked[-1].query["since"] == "2026-01-01T00:02:00Z"


def test_items_that_are_updated_in_place_become_events(api: Api, nights: Callable[..., Nights]) -> None:
    api.answer = lambda _: make_orders("new")
    columns = {name: column for name, column in COLUMNS.items() if name != "event_id"}
    pulls = nights(records="items", columns=columns, cursor="at", key=("items.id",), tracks=("items.state",),
                   request={"cursor_param": "since"}, paging={"kind": "none"})  # fmt: skip
    assert [row["event"] for row in pulls.pull()] == ["sent", "new"]
    api.answer = lambda _: make_orders("paid")
    assert [row["event"] for row in pulls.pull()] == ["paid"]


def test_a_record_without_the_list_is_kept_with_its_reason(api: Api, nights: Callable[..., Nights]) -> None:
    api.answer = lambda _: [*make_orders("new"), {"id": 2, "at": "2026-01-01T00:02:00Z", "buyer": "bob", "items": None}]
    rows = nights(records="items", columns=COLUMNS, paging={"kind": "none"}).pull()
    assert [row["unreadable"] for row in rows] == [None, None, "'items' is no list"]
