"""Where values stand inside JSON text, so that parts of it can be taken as they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from journeys.sources.json_lines import list_pointers

_BLANKS = re.compile(r"[ \t\n\r]*")
# Numbers stay text: only places are wanted, and a whole number may have more digits than Python turns into one.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)

Span = tuple[int, int]


def skip_blanks(text: str, place: int) -> int:
    """Return the place of the first character from `place` on that is no blank; the text's length where none is."""
    found = _BLANKS.match(text, place)
    return found.end() if found else place


def find_end(text: str, start: int) -> int | None:
    """Return where the JSON value that begins at `start` ends; None where none does, or not within the text."""
    return _decode(text, start)[1]


def find_span(text: str, path: str) -> Span | None:
    """Return where the value at a path such as 'items' or 'visit.items' stands; None where there is none.

    Args:
        text: one JSON value.
        path: as column names are written; a key of exactly that name comes first.
    """
    for pointer in list_pointers(path):
        place: int | None = skip_blanks(text, 0)
        for step in pointer[1:].split("/"):
            if place is None:
                break
            place = _step(text, place, step.replace("~1", "/").replace("~0", "~"))
        end = find_end(text, place) if place is not None else None
        if place is not None and end is not None:
            return place, end
    return None


def list_items(text: str, start: int) -> Iterator[Span]:
    """Yield where the items of the list that begins at `start` stand; nothing where there is no list.

    Args:
        text: holds a whole JSON list there.
        start: the place of its bracket.
    """
    if not text.startswith("[", start):
        return
    place = skip_blanks(text, start + 1)
    while (end := find_end(text, place)) is not None:
        yield place, end
        place = skip_blanks(text, skip_blanks(text, end) + 1)


def _list_members(text: str, start: int) -> Iterator[tuple[object, int]]:
    """Yield the keys of the object that begins at `start`, each with the place of its value."""
    place = skip_blanks(text, start + 1)
    while (end := find_end(text, place)) is not None:
        value = skip_blanks(text, skip_blanks(text, end) + 1)
        yield _decode(text, place)[0], value
        value_end = find_end(text, value)
        if value_end is None:
            return
        place = skip_blanks(text, skip_blanks(text, value_end) + 1)


def _step(text: str, start: int, step: str) -> int | None:
    if text.startswith("{", start):
        return next((place for key, place in _list_members(text, start) if key == step), None)
    if step.isdecimal():
        return next((span[0] for number, span in enumerate(list_items(text, start)) if number == int(step)), None)
    return None


def _decode(text: str, start: int) -> tuple[object, int | None]:
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, None
