"""A configuration for what a place holds, with what was found told in lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from journeys.config import Draft, DraftSource, write_draft
from journeys.config.problems import mask_secrets
from journeys.errors import CallError
from journeys.presets import list_presets, load_preset
from journeys.sources.guess.columns import Guess, guess_columns
from journeys.sources.guess.look import MOST_TABLES, Sample, look_at
from journeys.sources.guess.matching import Match, match_presets

URL_VARIABLE = "JOURNEYS_SOURCE_URL"
_SHOWN = 40
_MOST_PRESETS = 3
_NO_EVENT = "event"
_LOG_WORDS = ("event", "history", "log", "activit", "track")
_DEVICE_PARTS = ("ip", "ip_address", "remote_addr", "user_agent")


@dataclass(frozen=True)
class Drafted:
    """A configuration, and what led to it.

    Attributes:
        text: the file.
        lines: what was found, how surely and why.
    """

    text: str
    lines: tuple[str, ...]


def draft_settings(place: str, folder: Path, *, preset: str | None = None) -> Drafted:
    """Write the configuration of what a place holds.

    Args:
        place: a file, a folder, a pattern, or the URL of a database.
        folder: where the configuration will lie, absolute.
        preset: read it as this one, whatever it looks like.

    Raises:
        CallError: nothing is there, it cannot be told what it is, or there is no such preset.
        SourceError: the database cannot be read.
    """
    if preset is not None and preset not in list_presets():
        raise CallError("init", "there is no such preset", found=repr(preset), allowed=", ".join(list_presets()))
    samples = look_at(place, folder)
    if not samples[0].values:
        raise CallError("init", "no row can be read", found=samples[0].place, allowed="a log with rows")
    matches = match_presets(samples)
    if preset is not None:
        matches = [each for each in matches if each.preset == preset] or [Match(preset, (), "", 0, "as asked")]
    first = samples[0]
    head = [f"{len(samples)} tables" if len(samples) > 1 else f"{first.place}: the first {first.row_count:,} rows"]
    if len(samples) == MOST_TABLES:
        head.append(f"only the first {MOST_TABLES} tables were looked at")
    if matches:
        draft = _draft_preset(matches[0], samples, place, folder)
        return Drafted(write_draft(draft), (*head, *_tell_presets(matches)))
    draft, lines = _draft_columns(samples, place, folder)
    return Drafted(write_draft(draft), (*head, "no preset fits: columns are told by their names and values", *lines))


def _tell_presets(matches: Sequence[Match]) -> Iterator[str]:
    best = matches[0]
    yield f"preset {best.preset} ({load_preset(best.preset).title}): {best.why}"
    for each in matches[1:_MOST_PRESETS]:
        yield f"could also be --preset {each.preset}: {each.why}"


def _draft_preset(match: Match, samples: Sequence[Sample], place: str, folder: Path) -> Draft:
    known = load_preset(match.preset)
    is_database = samples[0].settings["kind"] == "database"
    if is_database:
        keys: dict[str, object] = {"name": "crm", "preset": match.preset, "url": _write_url(place)}
        if match.schema:
            keys["schema"] = match.schema
        if match.parts and set(match.parts) != set(known.parts) - known.extra:
            keys["parts"] = list(match.parts)
    else:
        preset = f"{match.preset}/{match.parts[0]}" if match.parts else match.preset
        shown = {key: value for key, value in samples[0].settings.items() if key != "kind"}
        keys = {"name": match.preset, "preset": preset, **shown}
    return Draft(_name_project(folder), [DraftSource(keys)], has_rules=True, notes=_notes(place))


def _draft_columns(samples: Sequence[Sample], place: str, folder: Path) -> tuple[Draft, list[str]]:
    guessed = [(sample, *guess_columns(sample)) for sample in samples]
    # Of several tables the one that looks most like a log: it says when, what and who; then the widest, the longest.
    sample, columns, identifiers = max(guessed, key=lambda each: (_judge(*each), each[0].row_count))
    if "occurred_at" not in columns:
        raise CallError("init", "no column holds times", found=", ".join(list(sample.values)[:_SHOWN]),
                        do="map the columns by hand; `journeys init` without --from shows how")  # fmt: skip
    lines = [*_tell_columns(sample, {**columns, **identifiers})]
    if others := [each.place for each in samples if each is not sample]:
        lines.append(f"other tables: {', '.join(others[:_SHOWN])}; each can be a [[source]] of its own")
    keys: dict[str, object] = {"name": _name_source(sample), **sample.settings}
    if sample.settings["kind"] == "database":
        keys["url"] = _write_url(place)
    keys |= columns["occurred_at"].keys
    rows: list[tuple[str, object, str]] = [_write_row(name, guess) for name, guess in columns.items()]
    if "event" not in columns:
        rows.append(("event", {"value": _NO_EVENT}, "no column says what happened: name the one that does"))
    if not identifiers and not {"device_id", "user_id"} & set(columns):
        if parts := [each for each in _DEVICE_PARTS if each in sample.values]:
            rows.append(("device_id", parts, "nobody is named: a device is told by these, which links no persons"))
            lines.append(f"nobody is named: devices are told by {' and '.join(parts)}")
        else:
            lines.append("nobody is named: map device_id, user_id or an identifier before the first refresh")
    source = DraftSource(keys, rows, [_write_row(kind, guess) for kind, guess in identifiers.items()])
    return Draft(
        _name_project(folder), [source], _list_events(sample, columns.get("event")), notes=_notes(place)
    ), lines


def _judge(sample: Sample, columns: dict[str, Guess], identifiers: dict[str, Guess]) -> tuple[int, bool, int]:
    has_who = bool(identifiers) or bool({"device_id", "user_id"} & set(columns))
    is_log = any(word in sample.place.lower() for word in _LOG_WORDS)
    return ("occurred_at" in columns) + ("event" in columns) + has_who, is_log, len(columns)


def _tell_columns(sample: Sample, guesses: dict[str, Guess]) -> Iterator[str]:
    width = max(len(guess.column) for guess in guesses.values())
    for name, guess in guesses.items():
        yield f"  {name:<15} {guess.column:<{width}}  {guess.sureness:<7}  {guess.why}"
    taken = {guess.column for guess in guesses.values()}
    left = [name for name in sample.values if name not in taken and "." not in name]
    if left:
        yield f"  kept, and usable in conditions: {', '.join(left[:_SHOWN])}{' ...' if len(left) > _SHOWN else ''}"


def _write_row(name: str, guess: Guess) -> tuple[str, object, str]:
    return name, guess.column, f"{guess.sureness}: {guess.why}"


def _list_events(sample: Sample, guess: Guess | None) -> list[str]:
    if guess is None:
        return [_NO_EVENT]
    counts = Counter(value.strip() for value in sample.values[guess.column] if value and value.strip())
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _write_url(place: str) -> str:
    """The URL; one with a password only as the variable that will hold it."""
    return place if mask_secrets(place) == place else f"${{{URL_VARIABLE}}}"


def _notes(place: str) -> list[str]:
    notes = [
        "A first configuration: look it over, then run `journeys check`. All keys: `journeys init` in an empty folder."
    ]
    if "://" in place and _write_url(place) != place:
        notes.append(f"Needs the URL of the database in the environment: export {URL_VARIABLE}=...")
    return notes


def _name_source(sample: Sample) -> str:
    last = re.split(r"[\\/]", sample.place)[-1].split(".")[0].replace("*", "")
    return re.sub(r"[^A-Za-z0-9]+", "_", last).strip("_")[:40] or "web"


def _name_project(folder: Path) -> str:
    return folder.name.replace("_", " ").replace("-", " ").strip().capitalize() or "My company"
