"""The dirt of real logs, planted in known amounts: repeats, late and swapped lines, ties, useless ids, broken lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from journeys.sample.clickstream import MS_PER_DAY, WebEvents, make_event_ids
from journeys.sample.pages import KINDS, Kind
from journeys.sample.parameters import CompanyParameters
from journeys.sample.people import Ints
from journeys.sample.randomness import open_stream
from journeys.sample.weblog import encode_lines, list_days, write_day

FUTURE = date(2099, 1, 1)
NOT_OBJECTS = (b"[1, 2, 3]", b'"page_view"', b"42", b"null")
EMPTY_DAY_LINE = b'{"event_id":"a","occurred_at":"2026-01-01T00:00:00.000Z","anonymous_id":"a","name":"page_view"}'
BLANK_IDS = ("", "undefined")
BLANK_LINE_COUNT = 2


@dataclass(frozen=True)
class DirtyLog:
    """The web events as they will be sent, and how much dirt of which kind is in them.

    Args:
        events: all events once, with their useless ids, ties and late arrivals.
        repeats: further copies of some of them.
        counts: name of the dirt to its count.
    """

    events: WebEvents
    repeats: WebEvents
    counts: dict[str, int]


def soil_events(events: WebEvents, parameters: CompanyParameters) -> DirtyLog:
    """Plant the dirt that lives in the values of events, and the repeats.

    Only page views lose their anonymous id, so that the planted conversions stay complete.
    """
    stream = open_stream(parameters.seed, "dirt")
    last_ms = parameters.day_count * MS_PER_DAY - 1
    device, occurred, received = events.device.copy(), events.occurred_ms.copy(), events.received_ms.copy()

    views = np.flatnonzero(np.array([look.name == "page_view" for look in KINDS])[events.kind] & (events.person >= 0))
    blanks = _pick(stream, views, 2 * _amount(parameters.blank_id_share, len(views), at_most=len(views) // 2))
    device[blanks[::2]] = ""
    device[blanks[1::2]] = "undefined"

    # An event shares the time of the one before it in its visit; never two in a row, so each tie is a pair.
    inside = np.flatnonzero(np.r_[False, (events.visit[1:] == events.visit[:-1]) & (events.visit[1:] >= 0)])
    inside = inside[(inside % 2 == 1) & (device[inside] == device[inside - 1]) & ~np.isin(device[inside], BLANK_IDS)]
    ties = _pick(stream, inside, _amount(parameters.tie_share, len(events), at_most=len(inside)))
    occurred[ties] = occurred[ties - 1]

    early = np.flatnonzero((received < last_ms - 4 * MS_PER_DAY) & (events.person >= 0))
    chosen = _pick(stream, early, _amount(parameters.late_share, len(events), at_most=len(early)))
    received[chosen] += stream.integers(MS_PER_DAY, 3 * MS_PER_DAY, len(chosen))
    soiled = events.with_columns(device=device, occurred_ms=occurred, received_ms=received)

    is_prompt = (received < last_ms - 2 * MS_PER_DAY) & (received - occurred < 60_000) & (events.person >= 0)
    sizes = [
        _amount(share, len(events), at_most=int(is_prompt.sum()) // 4)
        for share in (parameters.resent_share, parameters.resent_later_share, parameters.changed_repeat_share)
    ]
    repeated = _pick(stream, np.flatnonzero(is_prompt), sum(sizes))
    same, later, changed = np.split(repeated, np.cumsum(sizes)[:-1])
    repeats = soiled.take(same).join(_send_later(soiled.take(later))).join(_change(soiled.take(changed), stream))
    counts = {
        "resent_line_count": len(same),
        "resent_later_line_count": len(later),
        "changed_repeat_line_count": len(changed),
        "late_event_count": len(chosen),
        "empty_id_event_count": len(blanks[::2]),
        "undefined_id_event_count": len(blanks[1::2]),
        "no_identifier_event_count": int((np.isin(device, BLANK_IDS) & (events.user == "")).sum()),
        "tied_event_count": len(ties),
    }
    return DirtyLog(soiled, repeats, counts)


def write_dirty_log(folder: Path, log: DirtyLog, parameters: CompanyParameters) -> dict[str, int]:
    """Write the daily files, with swapped and broken lines, and return all counts of dirt and lines."""
    stream = open_stream(parameters.seed, "broken lines")
    future = _clone_for_the_future(log.events, parameters)
    everything = log.events.join(future).join(log.repeats)
    order = np.argsort(everything.received_ms, kind="stable")
    day_of = everything.received_ms[order] // MS_PER_DAY
    counts = dict(log.counts)
    names = ("swapped", "cut", "not_utf8", "not_object", "no_time", "blank")
    counts |= {f"{name}_line_count": 0 for name in names}
    counts |= {"future_event_count": len(future), "line_count": 0, "file_count": parameters.day_count}
    broken_days = _choose_broken_days(parameters, len(everything), stream)
    for number, day in enumerate(list_days(parameters.first_day, parameters.day_count)):
        today = everything.take(order[np.searchsorted(day_of, number) : np.searchsorted(day_of, number, side="right")])
        lines = [line.encode() for line in encode_lines(today, parameters.first_day)]
        counts["swapped_line_count"] += _swap_lines(lines, today, share=parameters.swapped_share, stream=stream)
        model = lines[0] if lines else EMPTY_DAY_LINE
        for kind in (kind for kind, days in broken_days.items() for one in days if one == number):
            line = _break_line(kind, model, stream)
            lines.insert(int(stream.integers(0, len(lines) + 1)), line)
            counts[f"{kind}_line_count"] += 1
        counts["line_count"] += sum(1 for line in lines if line)
        write_day(folder, day, lines)
    return counts


def _choose_broken_days(
    parameters: CompanyParameters, line_count: int, stream: np.random.Generator
) -> dict[str, list[int]]:
    """Choose the days on which broken lines of each kind appear."""
    some = _amount(parameters.malformed_share, line_count, at_most=line_count)
    sizes = {"cut": some, "not_utf8": some, "not_object": some, "no_time": 1, "blank": BLANK_LINE_COUNT}
    return {kind: stream.integers(0, parameters.day_count, size).tolist() for kind, size in sizes.items()}


def _break_line(kind: str, model: bytes, stream: np.random.Generator) -> bytes:
    """Make one broken line of a kind; what breaks is a further copy of `model`, so that no event is lost."""
    if kind == "cut":
        return model[: model.index(b'"name"') + 9]
    if kind == "not_utf8":
        return model.replace(b'"name":"', b'"name":"\xff\xfe\xe9', 1)
    if kind == "not_object":
        return NOT_OBJECTS[int(stream.integers(0, len(NOT_OBJECTS)))]
    if kind == "no_time":
        values = json.loads(model) | {"event_id": stream.bytes(8).hex()}
        del values["occurred_at"]
        return json.dumps(values, ensure_ascii=False).encode()
    return b""


def _swap_lines(lines: list[bytes], today: WebEvents, *, share: float, stream: np.random.Generator) -> int:
    """Let some lines change places with the next one; each swap is one step back in time of arrival."""
    times = today.received_ms
    places = np.flatnonzero(times[1:] > times[:-1])
    places = places[places % 2 == 0]
    chosen = _pick(stream, places, min(len(places), round(share * len(lines))))
    for place in chosen:
        lines[place], lines[place + 1] = lines[place + 1], lines[place]
    return len(chosen)


def _send_later(events: WebEvents) -> WebEvents:
    """The same events, received one day later: equal but for `received_at`, in the next file."""
    return events.with_columns(received_ms=events.received_ms + MS_PER_DAY)


def _change(events: WebEvents, stream: np.random.Generator) -> WebEvents:
    """The same ids, a little later and with other content."""
    delay = stream.integers(5_000, 120_000, len(events))
    return events.with_columns(
        occurred_ms=events.occurred_ms + delay,
        received_ms=events.received_ms + delay,
        extra=np.asarray(events.extra + ',"retry":true'),
    )


def _clone_for_the_future(events: WebEvents, parameters: CompanyParameters) -> WebEvents:
    """One further page view of somebody known, with a clock of the year 2099."""
    place = int(np.flatnonzero(events.person >= 0)[0])
    clone = events.take(np.array([place]))
    return clone.with_columns(
        event_id=make_event_ids(parameters.seed, "future", 1),
        kind=np.array([int(Kind.HOME)]),
        occurred_ms=np.array([(FUTURE - parameters.first_day).days * MS_PER_DAY]),
        amount=np.zeros(1),
    )


def _amount(share: float, count: int, *, at_most: int) -> int:
    """How many of `count` a share is: at least one unless the share is 0 or there are none."""
    return min(at_most, max(1, round(share * count))) if share > 0 else 0


def _pick(stream: np.random.Generator, places: Ints, count: int) -> Ints:
    """Pick `count` different places in random order."""
    return stream.permutation(places)[:count]
