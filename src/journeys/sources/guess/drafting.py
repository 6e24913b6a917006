"""A configuration for what a place holds, with what was found told in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from journeys.config import Draft, write_draft
from journeys.errors import CallError
from journeys.presets import list_presets
from journeys.sources.guess.column_drafts import draft_columns
from journeys.sources.guess.look import look_at
from journeys.sources.guess.preset_drafts import (
    draft_preset,
    draft_store_tables,
    find_presets,
    refuse_database_tables,
    tell_presets,
)
from journeys.sources.guess.sample import Sample, shorten
from journeys.sources.guess.tables import MOST_TABLES

_SHOWN = 40


@dataclass(frozen=True)
class Drafted:
    """A configuration, and what led to it.

    Attributes:
        text: the file.
        lines: what was found, how surely and why.
        environment: variables that the file names, with the values that were used.
    """

    text: str
    lines: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def draft_settings(place: str, folder: Path, *, preset: str | None = None, login: str | None = None) -> Drafted:
    """Write the configuration of what a place holds.

    Args:
        place: a file, a folder, a pattern, the address of an API, or the URL of a database.
        folder: where the configuration will lie, absolute.
        preset: read it as this one, whatever it looks like.
        login: of an address: how it is told who asks; see `addresses.Login`.

    Raises:
        CallError: nothing is there, it cannot be told what it is, or there is no such preset.
        SourceError: the database or API cannot be read.
    """
    if preset is not None and preset not in list_presets():
        raise CallError("init", "there is no such preset", found=repr(preset), allowed=", ".join(list_presets()))
    samples = look_at(place, folder, login)
    filled = [each for each in samples if each.values]
    if not filled:
        raise CallError("init", "no row can be read", found=samples[0].place,
                        allowed=samples[0].notes[0] if samples[0].notes else "a log with rows")  # fmt: skip
    found, sources = find_presets(filled, preset), []
    if preset is None and filled[0].kind == "file":
        refuse_database_tables(filled, found)
    head = [*_tell_samples(samples), *(f"  note: {note}" for note in _list_notes(filled))]
    if found:
        sources = draft_preset(found, filled)
        told = tell_presets(found, filled)
        used = {id(each.sample) for each in found}
    else:
        sources, told, used = draft_store_tables(filled)
    if sources:
        told += _tell_others([each for each in filled if id(each) not in used and filled[0].kind == "file"])
        draft = Draft(name_project(folder), sources, has_rules=True, notes=_notes(filled))
        return Drafted(write_draft(draft), (*head, *told), _list_environment(filled))
    sample, source, events, lines = draft_columns(filled)
    draft = Draft(name_project(folder), [source], events, notes=_notes(filled))
    where = f"{shorten(sample.place)}: " if len(filled) > 1 else ""
    told = [f"{where}no preset fits: columns are told by their names and values", *lines]
    told += _tell_others([each for each in filled if each is not sample])
    return Drafted(write_draft(draft), (*head, *told), _list_environment(filled))


def name_project(folder: Path) -> str:
    """A name for the project, by its folder."""
    return folder.name.replace("_", " ").replace("-", " ").strip().capitalize() or "My company"


def _tell_samples(samples: Sequence[Sample]) -> Iterator[str]:
    first = samples[0]
    kinds = {"database": "tables", "file": "kinds of files"}
    if len(samples) > 1:
        yield f"{len(samples)} {kinds[first.kind]}"
    else:
        yield f"{first.place}: the first {first.row_count:,} rows" if first.row_count > 1 else f"{first.place}: one row"
    if first.kind == "database" and len(samples) == MOST_TABLES:
        yield f"only the first {MOST_TABLES} tables were looked at"


def _list_notes(samples: Sequence[Sample]) -> list[str]:
    if len(samples) == 1:
        return list(samples[0].notes)
    shared = [note for note in samples[0].notes if all(note in each.notes for each in samples)]
    own = [f"{shorten(each.place)}: {note}" for each in samples for note in each.notes if note not in shared]
    return [*own, *shared]


def _tell_others(others: Sequence[Sample]) -> list[str]:
    if not others:
        return []
    is_file = others[0].kind == "file"
    places = ", ".join(shorten(each.place) if is_file else each.place for each in others[:_SHOWN])
    kind = "tables" if others[0].kind == "database" else "files"
    return [f"other {kind}: {places}{' ...' if len(others) > _SHOWN else ''}; each can be a [[source]] of its own"]


def _list_environment(samples: Sequence[Sample]) -> dict[str, str]:
    return {name: value for each in samples for name, value in each.environment.items()}


def _notes(samples: Sequence[Sample]) -> list[str]:
    notes = [
        "A first configuration: look it over, then run `journeys check`. All keys: `journeys init` in an empty folder."
    ]
    names = list(_list_environment(samples))
    if names:
        what = "the URL of the database" if samples[0].kind == "database" else "the secrets of the API"
        notes.append(f"Needs {what} in the environment: {' '.join(f'export {name}=...' for name in names)}")
    return notes
