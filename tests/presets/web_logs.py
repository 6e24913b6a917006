"""The same few visits of a web site in the layouts of several web analytics, each by naming its preset.

Ann looks at prices at her desk, signs up on her phone, and logs in at her desk. Zoe, whom no CRM knows, comes later.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

SITE = "https://shop.example"
# time, browser, user (ANN stands for Ann's id), page
ANN, ZOE = "(ann)", "zoe@else.example"
VISITS = (
    ("2026-02-25 10:00:00", "desk", "", "/prices?utm_source=google&utm_medium=cpc"),
    ("2026-02-25 10:05:00", "desk", "", "/prices/team"),
    ("2026-02-26 09:00:00", "phone", "", "/sign-up"),
    ("2026-02-26 09:05:00", "phone", ANN, "/welcome"),
    ("2026-02-27 12:00:00", "other", "", "/"),
    ("2026-02-28 20:00:00", "desk", ANN, "/account"),
    ("2026-03-28 12:00:00", "other", ZOE, "/prices"),
)


def list_visits(ann: str) -> list[tuple[str, str, str, str]]:
    """The visits, Ann's user id filled in."""
    return [(text, browser, ann if user == ANN else user, page) for text, browser, user, page in VISITS]


def write_ga4(folder: Path, ann: str) -> str:
    """JSON lines as BigQuery exports them (https://support.google.com/analytics/answer/7029846)."""
    lines = []
    for text, browser, user, page in list_visits(ann):
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        values = {"page_location": {"string_value": SITE + page}, "ga_session_id": {"int_value": f"{moment:%d}"}}
        row = {
            "event_date": f"{moment:%Y%m%d}",
            "event_timestamp": f"{int(moment.timestamp())}000000",
            "event_name": "page_view",
            "event_params": [{"key": key, "value": value} for key, value in values.items()],
            "user_pseudo_id": browser,
            "user_id": user or None,
        }
        lines.append(json.dumps(row))
    (folder / "web.json").write_text("\n".join(lines), encoding="utf-8")
    return 'preset = "ga4"\npath = "web.json"\n'


def write_segment(folder: Path, ann: str) -> str:
    """Tables of the warehouse (https://www.twilio.com/docs/segment/connections/storage/warehouses/schema)."""
    times = ("received_at", "sent_at", "original_timestamp", "timestamp")
    pages, logins = [], []
    for number, (text, browser, user, page) in enumerate(list_visits(ann), 1):
        row = {"anonymous_id": browser, "user_id": user} | dict.fromkeys(times, f"{text}.000")
        pages.append({"id": f"p{number}", **row, "url": SITE + page, "path": page.partition("?")[0]})
        if user:
            logins.append({"id": f"i{number}", **row, "context_page_url": SITE + page})
    tracks = [dict.fromkeys(("id", "anonymous_id", "user_id", *times, "event", "event_text"), "")]
    _write(folder / "pages.csv", pages)
    _write(folder / "identifies.csv", logins)
    _write(folder / "tracks.csv", tracks, rows=())
    return 'preset = "segment"\npath = "{part}.csv"\n'


def write_snowplow(folder: Path, ann: str) -> str:
    """The atomic events table (https://docs.snowplow.io/docs/fundamentals/canonical-event)."""
    rows = [
        {
            "app_id": "shop",
            "platform": "web",
            "collector_tstamp": f"{text}.250",
            "event": "page_view",
            "event_id": f"e{number}",
            "user_id": user,
            "domain_userid": browser,
            "domain_sessionid": f"{browser}-{text[:10]}",
            "page_url": SITE + page,
            "derived_tstamp": f"{text}.000",
            "event_name": "page_view",
            "load_tstamp": f"{text}.900",
        }
        for number, (text, browser, user, page) in enumerate(list_visits(ann), 1)
    ]
    _write(folder / "events.csv", rows)
    return 'preset = "snowplow"\npath = "events.csv"\n'


WEB_LOGS: Mapping[str, Callable[[Path, str], str]] = {
    "ga4": write_ga4,
    "segment": write_segment,
    "snowplow": write_snowplow,
}


def _write(file: Path, made: Sequence[Mapping[str, str]], rows: Sequence[Mapping[str, str]] | None = None) -> None:
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(made[0]))
        writer.writeheader()
        writer.writerows(made if rows is None else rows)
