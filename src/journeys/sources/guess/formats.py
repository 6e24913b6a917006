"""The format of a file, by its first bytes where its ending does not tell."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from journeys.config.source import FORMAT_OF_ENDING
from journeys.errors import CallError
from journeys.presets import list_presets, load_preset
from journeys.sources.files import BLOCK_BYTES, BrokenGzipError, SourceFile, read_blocks
from journeys.sources.guess.blanks import find_blank_columns
from journeys.sources.guess.headers import name_columns, name_data
from journeys.sources.json_lists import is_json_list
from journeys.sources.text_lines import PATTERNS

_DELIMITERS = "\t,;|"
_MOST_LINES = 200
_ALLOWED = "JSON lines, CSV, Parquet or a web server log, plain or packed with gzip"
# Bytes at the beginning of what is no text: what it is, and what to do.
_BINARIES: tuple[tuple[bytes, str, str], ...] = (
    (b"SQLite format 3\0", "an SQLite database", "name it alone after --from"),
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "unpack it with `zstd -d`"),
    (b"BZh", "packed with bzip2", "unpack it with `bunzip2`"),
    (b"\xfd7zXZ", "packed with xz", "unpack it with `unxz`"),
    (b"\x1f\x8b", "packed with gzip twice", "unpack it once with `gunzip`"),
    (b"Obj\x01", "Avro", "write it as Parquet or JSON lines"),
    (b"ORC", "ORC", "write it as Parquet"),
    (b"\xff\xfe", "UTF-16 text", "write it as UTF-8: `iconv -f UTF-16 -t UTF-8 in > out`"),
    (b"\xfe\xff", "UTF-16 text", "write it as UTF-8: `iconv -f UTF-16 -t UTF-8 in > out`"),
)


@dataclass(frozen=True)
class Format:
    """How a file is read.

    Attributes:
        name: of the format.
        keys: of `[[source]]`: none where its ending tells.
        notes: what somebody should know who reads it.
    """

    name: str
    keys: Mapping[str, object]
    notes: tuple[str, ...] = ()


def sniff_format(file: SourceFile) -> Format:
    """Tell how a file is read, by its first block.

    Raises:
        CallError: it is empty, or nothing that is read.
        SourceError: it may not be read.
    """
    head = _read_head(file)
    known = FORMAT_OF_ENDING.get(_ending(file))
    found = _find_format(file, head)
    keys: dict[str, object] = {} if known == found else {"format": found}
    if found == "regex":
        pattern, note = find_blank_columns(_list_lines(head))
        return Format(found, {**keys, "pattern": pattern}, (note,))
    if found != "csv":
        return Format(found, keys)
    lines = _list_lines(head)
    delimiter = _find_delimiter(lines)
    is_told = delimiter == "," or (delimiter == "\t" and _ending(file) == ".tsv")
    keys |= {} if is_told else {"delimiter": delimiter}
    return _name_columns(list(_split(lines, delimiter)), delimiter, keys)


def _name_columns(records: Sequence[Sequence[str]], delimiter: str, keys: dict[str, object]) -> Format:
    why = name_data(records) if records else ""
    if not why:
        return Format("csv", keys)
    width = len(records[0])
    told = f"no header: the first line looks like data, for {why}"
    for name in list_presets():
        for part in load_preset(name).parts.values():
            if len(part.get("header", ())) == width and part.get("delimiter", ",") == delimiter:
                named = {"header": list(part["header"]), "quotes": part.get("quotes", True)}
                return Format("csv", {**keys, **named}, (f"no header, and the {width} columns of {name}",))
    note = f"{told}; the columns' names are made up: correct them in `header`"
    return Format("csv", {**keys, "header": list(name_columns(records))}, (note,))


def _split(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    if delimiter == "\t":  # a quote there is plain text as often as not
        yield from (line.split("\t") for line in lines)
        return
    csv.field_size_limit(2**31 - 1)
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def _ending(file: SourceFile) -> str:
    name = file.path.name.lower().removesuffix(".gz")
    return f".{name.rpartition('.')[2]}"


def _read_head(file: SourceFile) -> bytes:
    try:
        return b"".join(islice(read_blocks(file), 1))
    except BrokenGzipError as error:
        raise CallError(
            "init", f"{file.label} cannot be unpacked", found=str(error), do="fetch the file again"
        ) from None


def _list_lines(head: bytes) -> list[str]:
    text = head.decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(head) >= BLOCK_BYTES:
        del lines[max(1, len(lines) - 1) :]  # the last line of a block may be cut
    return lines[:_MOST_LINES]


def _find_format(file: SourceFile, head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    _refuse_binary(file, head)
    lines = _list_lines(head)
    if not lines:
        raise CallError("init", f"{file.label} is empty", allowed="a file with rows")
    first = lines[0].lstrip()
    if first.startswith(("[", "{")):
        return _check_json(file, first)
    if any(line.lower().startswith("#fields:") for line in lines):
        return "w3c"
    for name in ("combined", "common"):
        if sum(re.match(PATTERNS[name], line) is not None for line in lines) > len(lines) / 2:
            return name
    if first.startswith("<"):
        raise CallError("init", f"{file.label} is HTML or XML", found=repr(first[:80]), allowed=_ALLOWED)
    if _find_delimiter(lines):
        return "csv"
    if find_blank_columns(lines)[0]:
        return "regex"
    raise CallError("init", f"the format of {file.label} cannot be told", found=repr(first[:80]), allowed=_ALLOWED,
                    do=_find_late_header(lines)
                    or 'describe its lines with format = "regex"; see `journeys init` without --from')  # fmt: skip


def _check_json(file: SourceFile, first: str) -> str:
    """The format of JSON lines, which a list of objects is read as.

    Raises:
        CallError: it is JSON of another kind.
    """
    is_list = first.startswith("[")
    if is_list and not is_json_list(file):
        raise CallError("init", f"{file.label} is one JSON list", allowed="objects, in a list or one a line",
                        do="write objects, such as with `jq -c '.[] | {value: .}' in.json > out.jsonl`")  # fmt: skip
    if not is_list and not _is_object(first):
        raise CallError("init", f"{file.label} holds JSON over several lines", allowed="one JSON object a line",
                        do="write it a line each, such as with `jq -c . in.json > out.jsonl`")  # fmt: skip
    return "jsonl"


def _refuse_binary(file: SourceFile, head: bytes) -> None:
    for start, what, do in _BINARIES:
        if head.startswith(start):
            raise CallError("init", f"{file.label} is {what}", allowed=_ALLOWED, do=do)
    if b"\0" in head[:100_000]:
        raise CallError("init", f"{file.label} is no text", found=f"bytes that begin {head[:16]!r}", allowed=_ALLOWED)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _find_delimiter(lines: Sequence[str]) -> str:
    """The character that stands in the header and in most lines as often; '' when none does."""
    found = []
    for each in _DELIMITERS:
        count = lines[0].count(each)
        counts = [line.count(each) for line in lines]
        if count and sum(other >= count for other in counts) * 2 > len(lines):
            # Texts hold commas now and then; what divides values stands in each line as often.
            found.append((sum(other == count for other in counts) >= 0.9 * len(lines), count, each))
    return max(found, key=lambda each: each[:2], default=(False, 0, ""))[2]


def _find_late_header(lines: Sequence[str]) -> str:
    """What to do with a file that has text above its table; '' where it has no table."""
    for place in range(1, min(20, len(lines) - 1)):
        if _find_delimiter(lines[place:]):
            return f"line {place + 1} looks like the header: remove what is above it, with `tail -n +{place + 1}`"
    return ""
