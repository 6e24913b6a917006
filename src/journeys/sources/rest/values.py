"""Values inside JSON documents, by paths as column names write them."""

from __future__ import annotations

from typing import Any

from journeys.sources.json_lines import list_pointers

_NOTHING = object()


def find_value(document: Any, path: str) -> tuple[bool, Any]:
    """Find the value at a path such as 'data.items' or 'pages[0].id'; a key of exactly that name comes first.

    Returns:
        Whether there is one, and the value.
    """
    for pointer in list_pointers(path):
        value = document
        for step in pointer[1:].split("/"):
            value = _step(value, step.replace("~1", "/").replace("~0", "~"))
        if value is not _NOTHING:
            return True, value
    return False, None


def _step(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step, _NOTHING)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return _NOTHING


def write_names(document: Any) -> str:
    """Say what a document is, with its keys, for an error text; never a value."""
    if isinstance(document, dict):
        return "an object with the keys " + (", ".join(map(repr, list(document)[:20])) or "(none)")
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(document), "a number")
