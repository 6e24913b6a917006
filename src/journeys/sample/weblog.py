"""The web log on disk: one JSON object a line, one file a day (UTC) of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from journeys.sample.clickstream import WebEvents
from journeys.sample.pages import KINDS
from journeys.sample.people import Ints

CURRENCY = "EUR"


def encode_lines(events: WebEvents, first_day: date) -> list[str]:
    """Write each event as one line of JSON, without the line end."""
    occurred = format_times(events.occurred_ms, first_day)
    received = format_times(events.received_ms, first_day)
    names = [KINDS[kind].name for kind in events.kind]
    users = [f'"user_id":"{user}",' if user else "" for user in events.user]
    money = [f',"value":{amount:g},"currency":"{CURRENCY}"' if amount else "" for amount in events.amount]
    columns = zip(
        events.event_id, occurred, received, events.device, users, names, events.url, events.referrer, events.profile,
        money, events.extra, strict=True,
    )  # fmt: skip
    return [
        f'{{"event_id":"{event_id}","occurred_at":"{at}","received_at":"{arrived}","anonymous_id":"{device}",{user}'
        f'"name":"{name}","url":{url},"referrer":{referrer}{profile}{amount}{extra}}}'
        for event_id, at, arrived, device, user, name, url, referrer, profile, amount, extra in columns
    ]


def format_times(times_ms: Ints, first_day: date) -> list[str]:
    """Write milliseconds since the start of `first_day` (UTC) as ISO texts with milliseconds and a Z."""
    moments = np.datetime64(first_day, "ms") + times_ms.astype("timedelta64[ms]")
    texts: list[str] = np.datetime_as_string(moments, unit="ms", timezone="UTC").tolist()
    return texts


def write_day(folder: Path, day: date, lines: Sequence[bytes]) -> Path:
    """Write the lines of one day, in the order given, into `folder`/YYYY-MM-DD.jsonl."""
    path = folder / f"{day.isoformat()}.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def list_days(first_day: date, day_count: int) -> list[date]:
    """Give all days of the period in order."""
    return [first_day + timedelta(days=number) for number in range(day_count)]
