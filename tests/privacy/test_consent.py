"""Rows without consent: kept as rejects without content, or as the events of nobody; every row stays counted."""

from __future__ import annotations

import json

import pytest

from journeys.sources.events import build_events
from journeys.warehouse import Engine

REJECT = {"consent": {"match": {"agreed": ["yes", True]}}}
ANONYMISE = {"consent": {"match": {"agreed": True}, "without": "anonymise"}}
CONTENT = ("event_id", "occurred_at_text", "occurred_at_us", "device_id", "user_id", "account_id", "identifiers", "url",
           "referrer", "event", "properties", "raw", "user_agent", "local_date", "note", "value_amount")  # fmt: skip


def test_a_row_without_consent_is_kept_as_an_empty_reject(protector) -> None:
    protector.write(
        {"agreed": "yes"}, {"agreed": True}, {"agreed": "no", "email": "anna@x.example"}, {}, {"agreed": None},
        '{"agreed": "yes", "email": "anna@x.example"',
    )  # fmt: skip
    rows = protector.protect(REJECT)
    assert [row["unreadable"] for row in rows] == [None, None, "no consent", "no consent", "no consent", "not JSON"]
    for row in rows[2:]:
        assert [name for name in CONTENT if row[name] is not None] == []
        assert (row["source"], row["file"], row["is_event"]) == ("web", "web.jsonl", True)
    assert protector.protection == "3 without consent"


def test_a_source_may_have_its_own_condition_or_none(protector) -> None:
    protector.write({"agreed": "yes", "tracking": 0}, {"tracking": 1})
    own = {"consent": {"match": {"agreed": "yes"}, "sources": {"web": {"tracking": 1}}}}
    assert [row["unreadable"] for row in protector.protect(own)] == ["no consent", None]
    none = {"consent": {"match": {"agreed": "yes"}, "sources": {"web": {}}}}
    assert [row["unreadable"] for row in protector.protect(none)] == [None, None]


def test_read_is_accepted_and_duplicate_and_rejected(protector) -> None:
    protector.write({"agreed": True, "device": "d-1"}, {"device": "d-2"}, {"agreed": True, "device": "undefined"})
    for privacy, expected in ((REJECT, [(3, 1, 0, 2)]), (ANONYMISE | {"scrub": True}, [(3, 2, 0, 1)])):
        protector.protect(privacy)
        with Engine() as engine:
            build_events(engine, protector.settings(privacy), [protector.folder / "landed" / "web.parquet"])
            counts = "SELECT read_count, accepted_count, duplicate_count, rejected_count FROM data_quality"
            assert engine.rows(counts) == expected
            reasons = dict(engine.rows("SELECT reason, COUNT(*) FROM rejected_events GROUP BY 1"))
    assert reasons == {"no identifier": 1}


def test_events_without_consent_hang_together_for_a_day_and_no_longer(protector) -> None:
    columns = {"occurred_at": "time", "event": "name", "device_id": "device", "user_id": "user", "event_id": "id",
               "url": "url", "session_id": "sid"}  # fmt: skip
    day, next_day = "2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z"
    protector.write(
        {"id": 1, "time": day, "user": "anna", "sid": 5, "url": "https://x.example/a?uid=anna#f", "email": "anna@x.lv"},
        {"id": 2, "time": day},
        {"id": 3, "time": next_day},
        {"id": 4, "time": day, "device": "d-2"},
        {"id": 5, "time": day, "device": None, "user": "anna"},
        {"id": 6, "time": day, "device": None},
        {"id": 7, "time": day, "agreed": True, "user": "anna"},
    )  # fmt: skip
    rows = protector.protect(ANONYMISE | {"scrub": True}, source={"columns": columns})
    devices = [row["device_id"] for row in rows]
    assert devices[0] == devices[1]
    assert len({*devices[:5]}) == 4
    assert devices[5] is None
    assert (devices[6], rows[6]["user_id"], rows[6]["event_id"]) == ("d-1", "anna", "7")
    for row in rows[:6]:
        assert (row["user_id"], row["identifiers"], row["source_session_id"]) == (None, None, None)
        assert "anna" not in json.dumps({key: str(value) for key, value in row.items()})
        assert "d-1" not in row["properties"]
        assert row["event_id"].startswith("p-")
    assert rows[0]["url"] == "https://x.example/a"
    assert protector.protection == "6 anonymised"


def test_equal_rows_of_two_strangers_are_no_repeats(protector) -> None:
    protector.write({"device": "d-1"}, {"device": "d-2"}, {"device": "d-2"})
    source = {"drop_repeats": True}
    protector.protect(ANONYMISE | {"scrub": True}, source=source)
    with Engine() as engine:
        settings = protector.settings(ANONYMISE | {"scrub": True}, source=source)
        build_events(engine, settings, [protector.folder / "landed" / "web.parquet"])
        assert engine.rows("SELECT accepted_count, duplicate_count FROM data_quality") == [(2, 1)]


def test_a_row_of_an_address_book_is_rejected_for_it_would_say_nothing(protector) -> None:
    source = {"holds": "contacts", "columns": {"occurred_at": "time"}}
    columns = {"occurred_at": "t", "event": "e", "user_id": "u"}
    events = {"name": "app", "kind": "file", "path": "a.csv", "columns": columns}
    protector.write({"email": "anna@x.example", "phone": "+37129123456"})
    (row,) = protector.protect(ANONYMISE | {"scrub": True}, source=source, more=[events])
    assert (row["unreadable"], row["identifiers"], row["properties"]) == ("no consent", None, None)


@pytest.mark.parametrize("value", ["'; DROP TABLE x; --", "%", "_", "\\", "*", '"', "$.a"])
def test_a_hostile_condition_is_only_compared(protector, value: str) -> None:
    protector.write({"agreed": "no"}, {"agreed": value if value != "*" else None})
    rows = protector.protect({"consent": {"match": {"agreed": value, "x\"'": [1]}}})
    assert [row["unreadable"] for row in rows] == ["no consent", "no consent"]
