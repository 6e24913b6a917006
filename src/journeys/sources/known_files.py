"""Which files of a source have something new: told by name and content, so that what was moved is not read twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from journeys.errors import SourceError
from journeys.sources.bookmark import FileMark
from journeys.sources.files import BLOCK_BYTES, SourceFile


def choose_files(
    files: Sequence[SourceFile], marks: Mapping[str, FileMark]
) -> tuple[list[SourceFile], dict[str, FileMark]]:
    """Choose the files to read: new ones, and those whose content is another than it was.

    A file that was moved since is known by its content, also when lines were added to it (log rotation); its rows go on
    under the name they are stored by, and what took its place is a file of its own.

    Args:
        files: all files that the source names now.
        marks: those that were read before, by name.

    Returns:
        The files to read, labelled with the name that their rows are stored by, and the marks of all files read so far.
    """
    chosen: list[SourceFile] = []
    after = dict(marks)
    present = {file.label for file in files}
    changed = [(file, stat) for file in files if not _is_untouched(stat := _look(file), marks.get(file.label))]
    moved: dict[str, str] = {}
    for file, (size, changed_ns) in sorted(changed, key=lambda pair: pair[0].label in marks):
        free = {
            name: mark
            for name, mark in marks.items()
            if name not in moved and name != file.label and (name not in present or _is_among(name, changed))
        }
        candidates = {**({file.label: marks[file.label]} if file.label in marks else {}), **free}
        sha256, before = _hash_file(file, candidates)
        origin = file.label if file.label in before and file.label not in moved else next(iter(sorted(before)), None)
        if origin is not None and origin != file.label:
            moved[origin] = file.label
        label = marks[origin].label if origin is not None else _name_new(file.label, marks, moved)
        is_known = origin is not None and marks[origin].sha256 == sha256
        after[file.label] = FileMark(size, changed_ns, sha256, label)
        if not is_known:
            chosen.append(replace(file, label=label))
    for origin in moved:
        if origin not in present:
            after.pop(origin, None)
    return sorted(chosen, key=lambda file: file.label), after


def _is_untouched(stat: tuple[int, int], mark: FileMark | None) -> bool:
    return mark is not None and stat == (mark.size, mark.changed_ns)


def _is_among(name: str, changed: Sequence[tuple[SourceFile, tuple[int, int]]]) -> bool:
    return any(file.label == name for file, _ in changed)


def _look(file: SourceFile) -> tuple[int, int]:
    try:
        stat = file.path.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    return stat.st_size, stat.st_mtime_ns


def _hash_file(file: SourceFile, candidates: Mapping[str, FileMark]) -> tuple[str, list[str]]:
    """Hash a file, and name the candidates whose content it begins with."""
    ends = sorted({mark.size for mark in candidates.values()})
    digest = hashlib.sha256()
    beginnings: dict[int, str] = {}
    done = 0
    try:
        with file.path.open("rb") as stream:
            for end in [*ends, None]:
                while end is None or done < end:
                    block = stream.read(BLOCK_BYTES if end is None else min(BLOCK_BYTES, end - done))
                    if not block:
                        break
                    digest.update(block)
                    done += len(block)
                if end is not None and done == end:
                    beginnings[end] = digest.hexdigest()
    except OSError as error:
        raise _unreadable(file, error) from error
    # An empty file is the beginning of every other, and says nothing.
    found = [name for name, mark in candidates.items() if mark.size and beginnings.get(mark.size) == mark.sha256]
    return digest.hexdigest(), found


def _name_new(label: str, marks: Mapping[str, FileMark], moved: Mapping[str, str]) -> str:
    """Name the rows of new content: by its file, unless rows of a file that was moved away are stored by that name."""
    if label in marks and label not in moved:
        return marks[label].label
    taken = {mark.label for mark in marks.values()}
    number = 2
    name = label
    while name in taken:
        name, number = f"{label} ({number})", number + 1
    return name


def _unreadable(file: SourceFile, error: OSError) -> SourceError:
    return SourceError(
        "unreadable-file",
        f"file {file.label!r} cannot be read",
        found=error.strerror or str(error),
        do="check that the file exists and may be read",
    )
