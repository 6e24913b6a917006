"""What the visits of a small shop come to, counted by hand; fixtures tell of them, each in its vendor's words.

Ann comes to her first device by a newsletter, looks at a product, logs in, buys; a day later she comes to a second
device and logs in there; the shop's server tells that her order was sent. Bob comes from a search engine, looks at a
product, comes again after 40 minutes and the next day. Cleo sees one page and is named on it. Somebody comes from a
social network and searches. One purchase is told twice, one event has no time that is one, one names nobody.
"""

from __future__ import annotations

from shop_script import Script

PERSONS = [["A1", "A2"], ["B1"], ["C1"], ["D1"]]
FUNNEL = [2, 2, 1, 1]  # product: Ann, Bob; cart: Ann, and Bob a day later; checkout and purchase: Ann

# Device, events of the session, its channel.
SESSIONS = [
    ("A1", 5, "Email"),
    ("A2", 2, "Direct"),
    ("B1", 2, "Organic Search"),
    ("B1", 1, None),
    ("B1", 1, None),
    ("C1", 1, "Direct"),
    ("D1", 2, "Organic Social"),
]


def count_events(script: Script) -> int:
    """Count the events."""
    return int(str(script.rows("SELECT count(*) FROM events")[0][0]))


def list_reasons(script: Script) -> list[object]:
    """List the reasons of rejected rows."""
    return [row[0] for row in script.rows("SELECT reason FROM rejected_events ORDER BY reason")]


def list_persons(script: Script) -> list[object]:
    """List the devices of each person who was in a session."""
    return [row[0] for row in script.rows(
        "SELECT list_sort(list(DISTINCT device_id)) FROM sessions GROUP BY person_id ORDER BY 1"
    )]  # fmt: skip


def list_sessions(script: Script) -> list[tuple[object, ...]]:
    """List device, number of events and channel of each session."""
    return script.rows("SELECT device_id, event_count, channel FROM sessions ORDER BY device_id, started_at")


def list_funnel(script: Script) -> list[int]:
    """List how many reached each step."""
    return [int(str(row[0])) for row in script.rows("SELECT reached_count FROM funnel_steps ORDER BY step_index")]


def owner_of(script: Script, event: str) -> object:
    """The devices of the person whose event it is."""
    return script.rows(f"""
        SELECT list_sort(list(DISTINCT sessions.device_id)) FROM event_persons
        INNER JOIN events USING (event_id) INNER JOIN sessions USING (person_id) WHERE event = '{event}'
    """)[0][0]
