"""The format of a file, by its first bytes where its ending does not tell."""

from __future__ import annotations

import json
import re
from itertools import islice

from journeys.config.source import FORMAT_OF_ENDING
from journeys.errors import CallError
from journeys.sources.files import BrokenGzipError, SourceFile, read_blocks
from journeys.sources.json_lists import is_json_list
from journeys.sources.text_lines import PATTERNS

_DELIMITERS = ",;\t|"
_MOST_LINES = 20


def sniff_format(file: SourceFile) -> dict[str, str]:
    """Return the keys of `[[source]]` that the format of a file needs: none where its ending tells.

    Raises:
        CallError: it is empty, or nothing that is read.
    """
    head = _read_head(file)
    known = FORMAT_OF_ENDING.get(_ending(file))
    found = _find_format(file, head)
    keys = {} if known == found else {"format": found}
    if found == "csv":
        delimiter = _find_delimiter(_list_lines(head))
        is_told = delimiter == "," or (delimiter == "\t" and _ending(file) == ".tsv")
        keys |= {} if is_told else {"delimiter": delimiter}
    return keys


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
    # The last line of a block may be cut.
    return lines[: min(_MOST_LINES, max(1, len(lines) - 1))]


def _find_format(file: SourceFile, head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    lines = _list_lines(head)
    if not lines:
        raise CallError("init", f"{file.label} is empty", allowed="a file with rows")
    first = lines[0].lstrip()
    if first.startswith("["):
        if is_json_list(file):
            return "jsonl"
        raise CallError("init", f"{file.label} is one JSON list", allowed="objects, in a list or one a line",
                        do="write objects, such as with `jq -c '.[] | {value: .}' in.json > out.jsonl`")  # fmt: skip
    if first.startswith("{"):
        if not _is_object(first):
            raise CallError("init", f"{file.label} holds JSON over several lines", allowed="one JSON object a line",
                            do="write it a line each, such as with `jq -c . in.json > out.jsonl`")  # fmt: skip
        return "jsonl"
    if any(line.lower().startswith("#fields:") for line in lines):
        return "w3c"
    for name in ("combined", "common"):
        if sum(re.match(PATTERNS[name], line) is not None for line in lines) > len(lines) / 2:
            return name
    if _find_delimiter(lines):
        return "csv"
    raise CallError("init", f"the format of {file.label} cannot be told", found=repr(first[:80]),
                    allowed="JSON lines, CSV with a header, Parquet or a web server log",
                    do='describe its lines with format = "regex"; see `journeys init` without --from')  # fmt: skip


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _find_delimiter(lines: list[str]) -> str:
    """The character that stands in the header and in most lines as often; '' when none does."""
    counts = {each: lines[0].count(each) for each in _DELIMITERS}
    found = [
        each for each, count in counts.items()
        if count and sum(line.count(each) >= count for line in lines) * 2 > len(lines)
    ]  # fmt: skip
    return max(found, key=lambda each: counts[each], default="")
