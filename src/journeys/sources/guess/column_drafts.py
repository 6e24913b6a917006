"""A source whose columns are told one by one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from journeys.config import DraftSource
from journeys.errors import CallError
from journeys.sources.guess.columns import UNSURE, Guess, guess_columns
from journeys.sources.guess.sample import SECTIONS, Sample
from journeys.sources.guess.times import Times, find_earliest

_SHOWN = 40
_LOG_WORDS = ("event", "history", "log", "activit", "track")
_DEVICE_PARTS = ("ip", "ip_address", "remote_addr", "user_agent")


def draft_columns(samples: Sequence[Sample]) -> tuple[Sample, DraftSource, list[str], list[str]]:
    """Write the source of the sample that looks most like a log: it says when, what and who.

    Returns:
        The sample, its source, the names of its events, and how surely and why each column is what it is.

    Raises:
        CallError: no column holds times.
    """
    guessed = [(sample, *_guess(sample)) for sample in samples]
    # Of those that say as much, the widest, then the longest.
    sample, columns, identifiers = max(guessed, key=lambda each: (_judge(*each), each[0].row_count))
    if "occurred_at" not in columns:
        shown = ", ".join(name for name in sample.values if "." not in name)
        raise CallError("init", "no column holds times", found=f"{sample.place}: {_shorten(shown)}",
                        allowed="a log: rows that say when something happened",
                        do="map the columns by hand; `journeys init` without --from shows how")  # fmt: skip
    lines = [*_tell_columns(sample, {**columns, **identifiers})]
    time = columns["occurred_at"]
    keys: dict[str, object] = {"name": name_source(sample), **sample.settings, **time.keys}
    if "cursor" in keys and "event_id" not in columns:
        _read_all(keys)
        lines.append("no id tells the records apart, so all is read each night")
    sections = {key: keys.pop(key) for key in SECTIONS if key in keys}
    values = [value.strip() for value in sample.values[time.column] if value and value.strip()]
    if earliest := find_earliest(values, Times(1, time.keys)):
        keys["earliest"] = earliest
        lines.append(f"times before 2000: earliest = {earliest}")
    rows: list[tuple[str, object, str]] = [_write_row(name, guess) for name, guess in columns.items()]
    event = name_source(sample)
    if "event" not in columns:
        rows.append(("event", {"value": event}, "no column says what happened: name the one that does"))
        lines.append(f"no column says what happened: each row is {event!r}; name the column that does")
    if not identifiers and not {"device_id", "user_id"} & set(columns):
        lines.append(_find_devices(sample, rows))
    source = DraftSource(keys, rows, [_write_row(kind, guess) for kind, guess in identifiers.items()], sections)
    return sample, source, _list_events(sample, columns.get("event")) or [event], lines


def _read_all(keys: dict[str, object]) -> None:
    """Leave the cursor out: what is read again could not be told from what is new."""
    del keys["cursor"]
    request = keys["request"]
    assert isinstance(request, Mapping)
    keys["request"] = {key: value for key, value in request.items() if not key.startswith("cursor_")}


def name_source(sample: Sample) -> str:
    """A name for a source, by its file, table or path."""
    last = re.split(r"[\\/]", sample.place.rstrip("/*"))[-1].split(".")[0].replace("*", "")
    return re.sub(r"[^A-Za-z0-9]+", "_", last).strip("_")[:40] or "web"


def _guess(sample: Sample) -> tuple[dict[str, Guess], dict[str, Guess]]:
    columns, identifiers = guess_columns(sample)
    if "header" not in sample.settings:
        return columns, identifiers
    return _doubt(columns), _doubt(identifiers)


def _doubt(guesses: dict[str, Guess]) -> dict[str, Guess]:
    """Names that were made up from the values tell nothing more."""
    return {
        name: replace(guess, sureness=UNSURE, why=guess.why.replace("its name", "its values", 1))
        for name, guess in guesses.items()
    }


def _judge(sample: Sample, columns: dict[str, Guess], identifiers: dict[str, Guess]) -> tuple[int, bool, int]:
    has_who = bool(identifiers) or bool({"device_id", "user_id"} & set(columns))
    is_log = any(word in sample.place.lower() for word in _LOG_WORDS)
    return ("occurred_at" in columns) + ("event" in columns) + has_who, is_log, len(columns)


def _find_devices(sample: Sample, rows: list[tuple[str, object, str]]) -> str:
    if parts := [each for each in _DEVICE_PARTS if each in sample.values]:
        rows.append(("device_id", parts, "nobody is named: a device is told by these, which links no persons"))
        return f"nobody is named: devices are told by {' and '.join(parts)}"
    return "nobody is named: map device_id, user_id or an identifier before the first refresh"


def _tell_columns(sample: Sample, guesses: dict[str, Guess]) -> Iterator[str]:
    width = max(len(guess.column) for guess in guesses.values())
    for name, guess in guesses.items():
        yield f"  {name:<15} {guess.column:<{width}}  {guess.sureness:<7}  {guess.why}"
    taken = {guess.column for guess in guesses.values()}
    left = [name for name in sample.values if name not in taken and "." not in name]
    if left:
        more = " ..." if len(left) > _SHOWN else ""
        yield f"  kept, and usable in conditions: {_shorten(', '.join(left[:_SHOWN]))}{more}"


def _shorten(text: str, most: int = 500) -> str:
    return text if len(text) <= most else text[:most].rpartition(",")[0] + " ..."


def _write_row(name: str, guess: Guess) -> tuple[str, object, str]:
    return name, guess.column, f"{guess.sureness}: {guess.why}"


def _list_events(sample: Sample, guess: Guess | None) -> list[str]:
    if guess is None:
        return []
    counts = Counter(value.strip() for value in sample.values[guess.column] if value and value.strip())
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
