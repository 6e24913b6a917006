"""The first rows of files: one sample for each kind of file that a place holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from journeys.config import Source
from journeys.errors import CallError, JourneysError
from journeys.sources.files import SourceFile
from journeys.sources.guess.formats import Format, sniff_format
from journeys.sources.guess.places import MOST_KINDS, find_siblings, list_kinds, write_path, write_pattern
from journeys.sources.guess.sample import SAMPLE_ROWS, Sample, list_values
from journeys.sources.pull import open_cells
from journeys.sources.streams import Streams, connect

_MOST_FILES = 3
_OWN_NAME = "source 'sample': "
_MOST_NOTES = 5
_LIKENESS = 0.7  # of the keys of objects in two kinds of files, for the same layout


@dataclass
class _Group:
    """Files of one layout."""

    files: list[Path]
    format: Format
    values: dict[str, tuple[str | None, ...]]
    row_count: int
    notes: list[str]


def look_at_files(place: str, folder: Path) -> list[Sample]:
    """Read the first rows of files.

    Args:
        place: a file, a folder or a pattern.
        folder: where the configuration will lie.

    Returns:
        A sample for each layout, that of the most files first.

    Raises:
        CallError: nothing is there, or nothing of it is a log that is read.
    """
    kinds = list_kinds(place)
    groups, left = [], []
    for files in kinds[:MOST_KINDS]:
        try:
            groups.append(_look(files, folder))
        except JourneysError as error:
            if len(kinds) == 1:
                raise
            left.append((files[0].name, error))
    if not groups:
        name, first = left[0]
        raise CallError("init", f"none of {len(kinds)} kinds of files can be read", found=f"{name}: {first.what}",
                        allowed=first.allowed, do=first.do)  # fmt: skip
    path = Path(place).expanduser().absolute()
    notes = [_tell_left(error) for _, error in left[:_MOST_NOTES]]
    if len(left) > _MOST_NOTES:
        notes.append(f"left out: {len(left) - _MOST_NOTES:,} more kinds of files that cannot be read")
    if len(kinds) > MOST_KINDS:
        notes.append(f"only {MOST_KINDS} of {len(kinds):,} kinds of files were looked at")
    return [_write(group, path, folder, notes) for group in _merge(groups)]


def _tell_left(error: JourneysError) -> str:
    return f"left out: {error.what.removeprefix(_OWN_NAME)}{f': {error.do}' if error.do else ''}"


def _look(files: Sequence[Path], folder: Path) -> _Group:
    filled = [each for each in files if each.stat().st_size] or list(files[:1])
    sources = [SourceFile(each, write_path(each, folder)) for each in filled[:_MOST_FILES]]
    form = sniff_format(sources[0])
    given = {"name": "sample", "kind": "file", "path": filled[0].as_posix(), **form.keys}
    source = Source.model_validate(given)
    with connect() as connection:
        streams = Streams(connection)
        _, cells = open_cells(streams, source, folder, sources)
        parts = (f"(SELECT _properties, _unreadable FROM ({each.sql}))" for each in cells)
        rows = streams.run(f"SELECT * FROM ({' UNION ALL '.join(parts)}) LIMIT {SAMPLE_ROWS}", source)
    reasons = [str(row[1]) for row in rows if row[1] is not None]
    notes = [*form.notes]
    if reasons:
        notes.append(f"{len(reasons):,} of the first {len(rows):,} rows cannot be read: {reasons[0]}")
    objects = [json.loads(str(row[0])) for row in rows if row[1] is None]
    return _Group(list(files), form, list_values(objects), len(objects), notes)


def _merge(groups: Sequence[_Group]) -> Iterator[_Group]:
    """Put the files of one layout together, whatever they are called."""
    left = list(groups)
    while left:
        first = left.pop(0)
        for other in [each for each in left if _are_alike(first, each)]:
            left.remove(other)
            first.files += other.files
            if first.row_count < SAMPLE_ROWS:
                first.values, first.row_count = _add_rows(first, other)
            first.format = first.format if "format" in first.format.keys else other.format
            first.notes += [note for note in other.notes if note not in first.notes]
        yield first


def _add_rows(one: _Group, other: _Group) -> tuple[dict[str, tuple[str | None, ...]], int]:
    values: dict[str, tuple[str | None, ...]] = {}
    for name in {**one.values, **other.values}:
        values[name] = one.values.get(name, (None,) * one.row_count) + other.values.get(name, (None,) * other.row_count)
    return values, one.row_count + other.row_count


def _are_alike(one: _Group, other: _Group) -> bool:
    mine, theirs = dict(one.format.keys), dict(other.format.keys)
    if one.format.name != other.format.name or {**mine, "format": ""} != {**theirs, "format": ""}:
        return False
    names = set(one.values), set(other.values)
    if one.format.name != "jsonl":
        return names[0] == names[1]
    outer = [{each for each in columns if "." not in each} for columns in names]
    return len(outer[0] & outer[1]) >= _LIKENESS * len(outer[0] | outer[1])


def _write(group: _Group, path: Path, folder: Path, notes: Sequence[str]) -> Sample:
    pattern = write_pattern(sorted(group.files), path)
    told = [*group.notes, *notes]
    if pattern is None:
        pattern = group.files[0]
        told.append(f"further files of its columns: {len(group.files) - 1:,}, and no one pattern names them: add a "
                    "[[source]] each, or put them into a folder of their own")  # fmt: skip
    elif path.is_file() and (siblings := find_siblings(path)):
        told.append(f"older parts of the log lie beside it: path = {siblings!r} reads all")
    keys = dict(group.format.keys)
    if not pattern.suffixes or "*" in "".join(pattern.suffixes[-1:]):
        keys["format"] = group.format.name  # the pattern does not tell it
    written = write_path(pattern, folder)
    return Sample(written, {"kind": "file", "path": written, **keys}, group.values, group.row_count, tuple(told))
