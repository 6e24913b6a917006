"""The dirt in the files, counted by plain Python from the bytes, is what truth/dirt.json says."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest

DAY = timedelta(days=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def copies(company):
    """All copies of each event: event_id -> [(file, line, object)], the earliest first."""
    found = defaultdict(list)
    for name, line, event in company.events():
        found[event["event_id"]].append((name, line, event))
    return [sorted(some, key=lambda copy: (copy[2]["occurred_at"], copy[2]["received_at"])) for some in found.values()]


@pytest.fixture(scope="module")
def originals(copies):
    return [some[0][2] for some in copies]


@pytest.fixture(scope="module")
def dirt(company):
    return company.truth("dirt")


def test_every_line_is_an_event_or_broken_in_a_counted_way(company, dirt):
    found = Counter()
    for _, line in company.lines():
        if not line.strip():
            found["blank_line_count"] += 1
            continue
        found["line_count"] += 1
        try:
            value = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            found["not_utf8_line_count"] += 1
        except json.JSONDecodeError:
            found["cut_line_count"] += 1
        else:
            if not isinstance(value, dict):
                found["not_object_line_count"] += 1
            elif "occurred_at" not in value:
                found["no_time_line_count"] += 1
    assert len(found) == 6
    assert found == {name: dirt[name] for name in found}


def test_repeats_of_each_kind(copies, dirt):
    found = Counter()
    for (_, first_line, first), *others in copies:
        for _, line, event in others:
            if line == first_line:
                found["resent_line_count"] += 1
            elif {**event, "received_at": ""} == {**first, "received_at": ""}:
                found["resent_later_line_count"] += 1
            else:
                assert event["occurred_at"] > first["occurred_at"]
                found["changed_repeat_line_count"] += 1
    assert len(found) == 3
    assert found == {name: dirt[name] for name in found}


def test_repeats_sent_later_are_in_another_file(copies):
    files = [{name for name, _, _ in some} for some in copies if len({line for _, line, _ in some}) > 1]
    assert any(len(names) == 2 for names in files)


def test_late_events_arrive_in_the_file_of_a_later_day(company, originals, dirt):
    late = [one for one in originals if moment(one["received_at"]) - moment(one["occurred_at"]) >= DAY]
    assert len(late) == dirt["late_event_count"] > 0
    for name, _, event in company.events():
        assert name == event["received_at"][:10] + ".jsonl"


def test_swapped_lines_are_steps_back_in_time_of_arrival(company, dirt):
    steps_back, before = 0, ("", "")
    for name, _, event in company.events():
        steps_back += before[0] == name and event["received_at"] < before[1]
        before = (name, event["received_at"])
    assert steps_back == dirt["swapped_line_count"] > 0


def test_ties_share_device_and_millisecond(originals, dirt):
    times = Counter((one["anonymous_id"], one["occurred_at"]) for one in originals if len(one["anonymous_id"]) > 9)
    assert sum(count - 1 for count in times.values()) == dirt["tied_event_count"] > 0


def test_useless_ids(originals, dirt):
    ids = Counter(one["anonymous_id"] for one in originals)
    assert (ids[""], ids["undefined"]) == (dirt["empty_id_event_count"], dirt["undefined_id_event_count"])
    nobody = [one for one in originals if one["anonymous_id"] in ("", "undefined") and "user_id" not in one]
    assert len(nobody) == dirt["no_identifier_event_count"] > 0


def test_one_event_is_in_the_far_future(originals, dirt):
    assert [one["occurred_at"][:4] for one in originals if one["occurred_at"] > "2027"] == ["2099"]
    assert dirt["future_event_count"] == 1


def test_crawlers_say_so_and_fast_bots_do_not(originals, dirt):
    assert sum("bot" in one["user_agent"].lower() for one in originals) == dirt["crawler_event_count"] > 0
    times = defaultdict(list)
    for one in originals:
        if "bot" not in one["user_agent"].lower():
            times[one["anonymous_id"]].append(moment(one["occurred_at"]))
    fast = [some for some in times.values() if len(some) > 200 and max(some) - min(some) < timedelta(minutes=5)]
    assert len(fast) == dirt["fast_bot_device_count"] == 3
    assert sum(len(some) for some in fast) == dirt["fast_bot_event_count"]


def test_shared_devices_and_the_kiosk(originals, dirt):
    users = defaultdict(set)
    for one in originals:
        if "user_id" in one and one["anonymous_id"] not in ("", "undefined"):
            users[one["anonymous_id"]].add(one["user_id"])
    assert len(users.pop("kiosk-riga-01")) == dirt["kiosk_user_count"] > 20
    assert {len(some) for some in users.values()} == {1, 2}
    assert sum(len(some) == 2 for some in users.values()) == dirt["shared_device_count"] > 0
