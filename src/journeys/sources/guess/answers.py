"""What an answer of an API holds: its records, and whether it is an answer of an API at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from journeys.errors import CallError
from journeys.sources.rest.values import find_value, write_names

_DEEPEST = 4
_NAMES = (
    "data",
    "results",
    "items",
    "records",
    "value",
    "values",
    "entries",
    "rows",
    "content",
    "hits",
    "list",
    "objects",
)
_PACKED = {b"\x1f\x8b": "packed with gzip", b"PAR1": "Parquet", b"PK\x03\x04": "an Excel workbook or a zip archive",
           b"\x28\xb5\x2f\xfd": "packed with zstd", b"BZh": "packed with bzip2"}  # fmt: skip
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".log", ".txt")


@dataclass(frozen=True)
class Records:
    """The list of records in an answer.

    Attributes:
        path: where it is; '' where the answer is the list.
        records: its objects.
        others: further lists of objects, as paths.
    """

    path: str
    records: list[dict[str, Any]]
    others: tuple[str, ...] = ()


def find_records(document: Any, label: str, *, address: str) -> Records:
    """Find the list of records in an answer: by its name, else the longest.

    Args:
        document: the parsed answer.
        label: last part of the address, for lists are often called like it.
        address: as it may be shown.

    Raises:
        CallError: there is none, or it is empty.
    """
    lists = [
        (path, found) for path, found in _list_lists(document) if not path or find_value(document, path)[1] is found
    ]
    filled = [(path, found) for path, found in lists if any(isinstance(each, dict) for each in found)]
    if not filled:
        empty = [path or "the answer itself" for path, found in lists if not found]
        if empty:
            raise CallError("init", f"{address}: the answer has no records", found=f"an empty list: {', '.join(empty)}",
                            allowed="an answer with some, for its columns cannot be told else",
                            do="ask for a time that has some, with the parameters of the API")  # fmt: skip
        what = "a list of plain values" if lists else write_names(document)
        raise CallError("init", f"{address}: there is no list of records in the answer", found=what,
                        allowed="a list of objects somewhere in it",
                        do="use the address that lists records, not that of one record")  # fmt: skip
    ranked = sorted(filled, key=lambda each: (_rank(each[0], label), -len(each[1])))
    path, found = ranked[0]
    return Records(path, [each for each in found if isinstance(each, dict)], tuple(each for each, _ in ranked[1:]))


def _rank(path: str, label: str) -> tuple[int, int]:
    name = path.rpartition(".")[2].lower()
    known = (label.lower(), *_NAMES)
    return (known.index(name) if name in known else len(known) if path else 0), path.count(".")


def _list_lists(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, list):
        yield path, value
    elif isinstance(value, dict) and depth < _DEEPEST:
        for key, each in value.items():
            yield from _list_lists(each, f"{path}.{key}" if path else str(key), depth + 1)


def list_scalars(value: Any, records: str, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """List the values of an answer that are no lists, with their paths, and without the records."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, each in value.items():
            yield from list_scalars(each, records, f"{path}.{key}" if path else str(key), depth + 1)
    elif not isinstance(value, dict | list) and path != records:
        yield path, value


def refuse_file(head: bytes, headers: Mapping[str, str], *, address: str, name: str) -> None:
    """Refuse an answer that is a file or a web page, by its first bytes.

    Args:
        head: what came so far.
        headers: of the answer.
        address: as it may be shown.
        name: last part of the address.

    Raises:
        CallError: it is.
    """
    text = head.decode("utf-8-sig", "replace").lstrip()
    kind = headers.get("content-type", "no content type")
    if not text:
        raise CallError("init", f"{address}: the answer is empty", found=f"{kind}, no content",
                        allowed="a JSON document with records")  # fmt: skip
    if re.match(r"<(!doctype html|html|\?xml|\w)", text, re.IGNORECASE):
        raise CallError("init", f"{address} answers with a web page or XML", found=f"{kind}, {text[:80]!r}",
                        allowed="an API that answers with JSON",
                        do="a log-in page, a proxy or documentation: use the address of the API")  # fmt: skip
    what = next((told for start, told in _PACKED.items() if head.startswith(start)), "") or _name_text(text, name, kind)
    if not what:
        return
    size = headers.get("content-length", "")
    file = re.sub(r"[^\w.-]", "_", name) or "export"
    file = file if "." in file else file + (".csv" if "CSV" in what else ".jsonl" if "JSON" in what else "")
    raise CallError("init", f"{address} is a file, and files are read from this machine only",
                    found=what + (f", {int(size):,} bytes" if size.isdecimal() else ""),
                    allowed="the address of an API that answers with JSON, or a file or folder",
                    do=f"fetch it: `curl -fL -o {file} {_quote(address)}`, then `journeys init --from {file}`; "
                    "each night fetch it before the refresh")  # fmt: skip


def _name_text(text: str, name: str, kind: str) -> str:
    lines = text.splitlines()
    if text.startswith("{"):
        return "JSON lines" if len(lines) > 1 and _is_json(lines[0]) and lines[1].lstrip().startswith("{") else ""
    if text.startswith("["):
        return ""
    is_named = name.lower().removesuffix(".gz").endswith(_TABLES) or "csv" in kind
    pair = lines[:2] if lines[1:] else ["", ""]
    is_table = any(0 < pair[0].count(each) == pair[1].count(each) for each in ",;\t|")
    return "a table as text (CSV)" if is_named or is_table else ""


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _quote(text: str) -> str:
    return "'" + text.replace("'", "%27") + "'"
