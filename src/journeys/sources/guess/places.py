"""Which files a place names, how to write them down, and which of a folder's files are of one kind."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from tempfile import gettempdir

from journeys.errors import CallError

MOST_KINDS = 40
_MOST_FILES = 20_000
_ALLOWED = "a file, a folder, a pattern in quotes, an address, or the URL of a database"
# What lies beside data and is none.
_BESIDE = re.compile(
    r"(licen[cs]e|notice|readme|changelog|checksums?|_success|_committed|_started|thumbs\.db)([._-].*)?"
    r"|.*\.(md|rst|html?|pdf|docx?|py|sh|sql|toml|ya?ml|md5|sha1|sha256|crc|png|jpe?g|gif|svg)",
    re.IGNORECASE,
)
# Parts of names that differ from file to file of one kind: numbers, days, and the marks of writers in parallel.
_COUNTED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9a-f]*[0-9])[0-9a-f]{16,}|\d+")
_MOST_UPWARDS = 2
_FEWEST_SHARED = 3  # parts of a path, its root included
_HOMES = ("home", "Users")


def list_kinds(place: str) -> list[list[Path]]:
    """List the files of a place, those whose names differ in numbers only together; the most files first.

    Args:
        place: a file, a folder or a pattern.

    Raises:
        CallError: nothing is there, or it may not be read.
    """
    path = Path(place).expanduser().absolute()
    try:
        files = _list_files(path)
    except OSError as error:
        raise CallError("init", "it cannot be looked at", found=f"{place!r}: {error.strerror}",
                        do="see who may read it") from None  # fmt: skip
    if not files:
        what = "the folder has no file with data" if path.is_dir() else "there is no such file"
        raise CallError("init", what, found=repr(place), allowed=_ALLOWED)
    files = [each for each in files if each.stat().st_size] or files
    kinds: dict[str, list[Path]] = {}
    for file in files:
        kinds.setdefault(_COUNTED.sub("#", os.path.relpath(file, path.parent).lower()), []).append(file)
    return sorted(kinds.values(), key=lambda each: (-len(each), -each[0].stat().st_size, each[0].as_posix()))


def _list_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        # Path.glob refuses absolute patterns.
        found = islice(glob.iglob(str(path), recursive=True), _MOST_FILES)  # noqa: PTH207
        return sorted(Path(each) for each in found if Path(each).is_file())
    os.scandir(path).close()  # walking passes over what may not be read
    files = []
    for folder, names, inside in os.walk(path):
        names[:] = sorted(name for name in names if not name.startswith((".", "_")))
        files += [Path(folder, name) for name in sorted(inside) if not name.startswith(".")]
        if len(files) >= _MOST_FILES:
            break
    return [each for each in files if not _BESIDE.fullmatch(each.name) and each.is_file()]


def find_siblings(path: Path) -> str:
    """The pattern of a log and its turned-away parts, such as `access.log*`; '' where a log has none."""
    turned = re.fullmatch(r"(?P<log>.*log)([.-]\d[\d.-]*)?(\.gz)?", path.name)
    if turned is None:
        return ""
    pattern = f"{turned['log']}*"
    others = [each for each in path.parent.glob(glob.escape(turned["log"]) + "*") if each != path]
    are_turned = all(re.fullmatch(rf"{re.escape(turned['log'])}([.-]\d[\d.-]*)?(\.gz)?", each.name) for each in others)
    return pattern if others and are_turned else ""


def write_pattern(files: Sequence[Path], place: Path) -> Path | None:
    """The plainest pattern that names these files and no others but empty ones; None where there is none.

    Args:
        files: some or all of the files of a place.
        place: the file, folder or pattern that was named.
    """
    if len(files) == 1:
        return files[0]
    top = Path(os.path.commonpath([each.parent for each in files]))
    names = [each.relative_to(top).as_posix() for each in files]
    endings = dict.fromkeys("".join(re.findall(r"\.[a-z]+", Path(name).name)[-2:]) for name in names)
    starts = dict.fromkeys(re.split(r"[.-]\d", Path(name).name)[0].removesuffix(".gz") for name in names)
    tried = [f"*{each}" for each in endings] + [f"**/*{each}" for each in endings]
    tried += [f"{glob.escape(each)}*" for each in starts]
    tried += dict.fromkeys(_COUNTED.sub("*", glob.escape(name)) for name in names)
    tried += [f"*{each.removesuffix('.gz')}*" for each in endings]
    patterns = [top / each for each in tried] if place.is_dir() else [place]
    wanted = set(files)
    return next((each for each in patterns if wanted <= (found := _match(each)) and not _fill(found - wanted)), None)


def _fill(files: set[Path]) -> set[Path]:
    """Those that are not empty."""
    return {each for each in files if each.stat().st_size}


def _match(pattern: Path) -> set[Path]:
    found = map(Path, glob.iglob(str(pattern), recursive=True))  # noqa: PTH207
    return {each for each in found if each.is_file()}


def write_path(path: Path, folder: Path) -> str:
    """Write a path as the configuration should hold it.

    What lies in the configuration's folder, or near it below a folder that is somebody's own, moves with it and is
    written relative. What lies elsewhere on the machine (a mounted disk, /var/log, another home) stays where it is
    when the configuration moves, and is written in full.

    Args:
        path: absolute.
        folder: of the configuration, absolute.
    """
    if path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    try:
        shared = Path(os.path.commonpath([path, folder]))
    except ValueError:
        return path.as_posix()
    upwards = len(folder.relative_to(shared).parts)
    is_own = len(shared.parts) >= _FEWEST_SHARED and shared not in (Path.home(), Path(gettempdir()))
    is_own = is_own and shared.parent.name not in _HOMES
    return Path(os.path.relpath(path, folder)).as_posix() if is_own and upwards <= _MOST_UPWARDS else path.as_posix()
