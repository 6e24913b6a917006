"""The files of a source: which they are, their format, and their bytes (gzip or not) block by block."""

from __future__ import annotations

import glob
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.config.source import FORMAT_OF_ENDING
from journeys.errors import SourceError

if TYPE_CHECKING:
    from journeys.config import Source

BLOCK_BYTES = 4 << 20
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class SourceFile:
    """One file of a source: `path` to open, `label` to show (relative to the configuration's folder)."""

    path: Path
    label: str


class BrokenGzipError(Exception):
    """A gzip stream that ends early or is damaged; `byte` is the place in the compressed file."""

    def __init__(self, byte: int, reason: str) -> None:
        super().__init__(f"{reason} at byte {byte:,} of the compressed file")
        self.byte = byte


def find_files(source: Source, settings_folder: Path) -> list[SourceFile]:
    """List the files that `source.path` (a file or glob) names, sorted by name.

    Raises:
        SourceError: nothing matches.
    """
    pattern = str(source.path)
    literal = settings_folder / pattern
    found = [literal] if literal.is_file() else _match_files(settings_folder, pattern)
    if not found:
        raise SourceError(
            "no-files",
            f"source {source.name!r}: no file matches {pattern!r}",
            found=f"nothing in the folder of the configuration, {settings_folder}",
            allowed="an existing file, or a pattern such as 'data/web/*.jsonl'",
            do="correct `path` in the [[source]], or put the files there",
        )
    return [SourceFile(path, _label_file(path, settings_folder)) for path in found]


def _match_files(folder: Path, pattern: str) -> list[Path]:
    # Path.glob refuses absolute patterns.
    matches = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207
    return sorted((folder / match for match in matches if (folder / match).is_file()), key=lambda path: path.as_posix())


def _label_file(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.name


def find_format(source: Source, file: SourceFile) -> str:
    """The format of a file: as configured, else by its ending (before '.gz').

    Raises:
        SourceError: the ending says nothing.
    """
    if source.format != "auto":
        return str(source.format)
    path = file.path.with_suffix("") if file.path.suffix.lower() == ".gz" else file.path
    known = FORMAT_OF_ENDING.get(path.suffix.lower())
    if known is None:
        raise SourceError(
            "unknown-format",
            f"source {source.name!r}: the format of {file.label!r} cannot be told from its ending",
            found=repr(path.suffix),
            allowed=", ".join(sorted(FORMAT_OF_ENDING)) + ", each also with .gz",
            do="write `format` in the [[source]]",
        )
    return known


def read_blocks(file: SourceFile) -> Iterator[bytes]:
    """Yield a file's bytes in blocks, unpacked when its first bytes say gzip (whatever its name).

    Raises:
        SourceError: the file cannot be opened or read.
        BrokenGzipError: after the last block that could be unpacked.
    """
    try:
        with file.path.open("rb") as stream:
            is_gzip = stream.read(2) == _GZIP_MAGIC
            stream.seek(0)
            chunks = iter(lambda: stream.read(BLOCK_BYTES), b"")
            yield from _unpack(chunks) if is_gzip else chunks
    except OSError as error:
        raise name_unreadable(file, error) from error


def name_unreadable(file: SourceFile, error: OSError) -> SourceError:
    """The error for a file that cannot be opened, read or looked at."""
    return SourceError(
        "unreadable-file",
        f"file {file.label!r} cannot be read",
        found=error.strerror or str(error),
        do="check that the file exists and may be read",
    )


def _unpack(chunks: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    consumed = 0
    for chunk in chunks:
        pending = chunk
        consumed += len(chunk)
        while pending:
            if unpacker.eof:
                pending = pending.lstrip(b"\0")
                if not pending:
                    break
                unpacker = zlib.decompressobj(wbits=31)
            try:
                block = unpacker.decompress(pending, BLOCK_BYTES)
            except zlib.error as error:
                raise BrokenGzipError(consumed - len(pending), "damaged gzip data") from error
            pending = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if block:
                yield block
    while not unpacker.eof:
        block = unpacker.decompress(b"", BLOCK_BYTES)
        if not block:
            raise BrokenGzipError(consumed, "gzip data ends early")
        yield block
