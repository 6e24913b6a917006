"""Which files of a source have something new: those that are new or were changed since they were read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from journeys.sources.bookmark import FileMark
from journeys.sources.files import SourceFile, name_unreadable


@dataclass(frozen=True)
class FileChoice:
    """The files to read of a source, and what is to be compared with them.

    Attributes:
        files: new ones and changed ones.
        places: names of these and of the files that have gone since: what is stored of them may stand elsewhere now, as
            after a log rotation or when daily files were put together.
        marks: of all files that are there, for the next pull.
    """

    files: list[SourceFile]
    places: tuple[str, ...]
    marks: Mapping[str, FileMark]


def choose_files(files: Sequence[SourceFile], known: Mapping[str, FileMark]) -> FileChoice:
    """Choose the files to read: those whose size or time of change is another than when they were read, and new ones.

    Raises:
        SourceError: a file cannot be looked at.
    """
    marks = {file.label: _look(file) for file in files}
    changed = [file for file in files if known.get(file.label) != marks[file.label]]
    gone = [name for name in known if name not in marks]
    places = {*gone, *(file.label for file in changed)}
    return FileChoice(changed, tuple(sorted(places)), marks)


def _look(file: SourceFile) -> FileMark:
    try:
        stat = file.path.stat()
    except OSError as error:
        raise name_unreadable(file, error) from error
    return FileMark(stat.st_size, stat.st_mtime_ns)
