"""Mistakes in the configuration, collected and written for people: key, what is wrong, found, allowed, nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from journeys.config.fields import find_nearest

LISTED = ("source", "stage", "touchpoint", "goal", "funnel")
_INNER_LISTED = (("channels", "rule"), ("identity", "override"))
Loc = tuple[str | int, ...]
_PASSWORD = re.compile(r"""(://[^:/@\s]*:|^['"]?[^:/@\s'"]+:(?!//))(?!\$\{\w+\}@)(.{1,4000})(@)""")
_SECRET_OPTION = re.compile(
    r"(?i)((?:password|passwd|pwd|token|secret|api_?key|signature)\w{0,40}(?:=|%3d))(?!\$\{)(?:(?!%3b)[^&;\s'\"])+"
)
_LONGEST_FOUND = 80
_TYPE_FAULTS = {
    "string_type": ("must be a text in quotes", "a text in quotes"),
    "int_type": ("must be a whole number without quotes", "a whole number"),
    "bool_type": ("must be true or false without quotes", "true or false"),
    "float_type": ("must be a number without quotes", "a number"),
    "dict_type": ("must be a table", "a table"),
    "model_type": ("must be a table", "a table"),
    "greater_than_equal": ("too small", "a whole number"),
    "less_than_equal": ("too large", "a whole number"),
}


def mask_secrets(text: str) -> str:
    """Replace passwords written out in a URL, or in one without its dialect, by `***`; `${NAME}` stays."""
    return _SECRET_OPTION.sub(r"\1***", _PASSWORD.sub(r"\1***\3", text))


def write_ordinal(place: int) -> str:
    """Write 1 as '1st', 12 as '12th'."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


@dataclass
class Problems:
    """The mistakes found so far in one file.

    Args:
        file: the file as the user named it.
        written: its content before `${NAME}` was replaced; only this is ever shown.
    """

    file: str
    written: Mapping[str, Any]
    _entries: list[tuple[Loc, str]] = field(default_factory=list)
    _values: set[Loc] = field(default_factory=set)

    def add(self, loc: Loc, what: str, *, allowed: str = "", nearest: str = "", show_found: bool = True) -> None:
        """Record one mistake; of several about one value the first is enough.

        Args:
            loc: keys and places (from 0) that lead to the value.
            what: what is wrong, without the value.
            allowed: what would be accepted.
            nearest: the valid name most like the found one.
            show_found: whether the value as written is shown; not for tables, and for values that may be secret.
        """
        if loc in self._values:
            return
        found = look_up(loc, self.written) if show_found else None
        parts = [f"{self.file}: {_write_key(loc, self.written)}: {what}"]
        if found is not None:
            self._values.add(loc)
            parts.append(f"found {_write_found(found)}")
        if allowed:
            parts.append(f"allowed: {allowed}")
        if nearest:
            parts.append(f"did you mean '{nearest}'?")
        self._entries.append((loc, "; ".join(parts)))

    def add_unknown_key(self, loc: Loc, valid: Iterable[str], *, home: str = "") -> None:
        """Record a key that does not exist here; its value is not shown, it may be a secret under a misspelt key.

        Args:
            loc: keys and places that lead to the key.
            valid: the keys that exist here.
            home: the section that knows the key, when it only stands in the wrong one.
        """
        names = list(valid)
        what = f"unknown key here; it belongs to {home}" if home else "unknown key"
        nearest = "" if home else find_nearest(str(loc[-1]), names)
        self.add(loc, what, allowed=", ".join(names), nearest=nearest, show_found=False)

    def add_invalid(self, loc: Loc, model: type[BaseModel], error: ValidationError) -> None:
        """Record every mistake that a model found in the table at `loc`, in our own words."""
        for detail in error.errors(include_url=False, include_input=False):
            inner = detail["loc"]
            if self.has(loc + inner):
                continue
            info, home = _find_field(model, inner)
            if detail["type"] == "extra_forbidden":
                self.add_unknown_key(loc + inner, [name for name, each in home.items() if not each.json_schema_extra])
                continue
            found = look_up(loc + inner, self.written)
            what, allowed, nearest = _explain(detail["type"], detail.get("ctx", {}), info, found)
            if isinstance(found, str) and "${" in found:  # then the nearest name may tell what the variable holds
                nearest = ""
            is_secret = info is not None and not info.repr and isinstance(found, str)
            is_shown = detail["type"] != "missing" and not is_secret
            self.add(loc + inner, what, allowed=allowed, nearest=nearest, show_found=is_shown)

    def has(self, loc: Loc) -> bool:
        """Whether a mistake was recorded at this place or inside it."""
        return any(known[: len(loc)] == loc for known, _ in self._entries)

    def texts(self, sections: Iterable[str]) -> list[str]:
        """Write all mistakes in the order of sections and, within one, of the items in the file."""
        order = {name: place for place, name in enumerate(sections)}

        def place(entry: tuple[Loc, str]) -> tuple[int, int]:
            loc = entry[0]
            item = next((part for part in loc[:3] if isinstance(part, int)), -1)
            return order.get(str(loc[0]), -1) if loc else -1, item

        return [text for _, text in sorted(self._entries, key=place)]


def _find_field(model: type[BaseModel], loc: Loc) -> tuple[FieldInfo | None, dict[str, FieldInfo]]:
    """Find the field that a place inside a model is in, whatever tables lie between, and the fields beside it."""
    fields = {str(info.validation_alias or name): info for name, info in model.model_fields.items()}
    info = fields.get(str(loc[0])) if loc else None
    if info is None or len(loc) == 1:
        return info, fields
    choices = get_args(info.annotation) if get_origin(info.annotation) in (Union, UnionType) else (info.annotation,)
    inner = next((each for each in choices if _is_model(each)), None)
    return _find_field(inner, loc[1:]) if inner is not None else (info, fields)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _explain(kind: str, context: Mapping[str, Any], info: FieldInfo | None, found: object) -> tuple[str, str, str]:
    described = (info.description if info else None) or ""
    if kind == "fault":
        return context["what"], context["allowed"], context["nearest"]
    if kind == "missing":
        return "missing", described, ""
    if kind == "literal_error":
        text = found if isinstance(found, str) else ""
        values = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return (
            "value not allowed",
            ", ".join(f"'{value}'" for value in values),
            find_nearest(text, filter(None, values)),
        )
    what, value = _TYPE_FAULTS.get(kind, ("value not accepted", ""))
    if info is not None and value:
        value += _write_range(info)
    return what, f"{value} ({described})" if value and described else value or described, ""


def _write_range(info: FieldInfo) -> str:
    """Write what a field adds to its type: the limits of a number, or its default as an example of a text."""
    low, high = (next((limit for each in info.metadata if (limit := getattr(each, key, None)) is not None), None)
                 for key in ("ge", "le"))  # fmt: skip
    if low is not None:
        return f" from {low} to {high}"
    return f" such as '{info.default}'" if isinstance(info.default, str) and info.default else ""


def look_up(loc: Loc, document: Any) -> Any:
    """Find the value at a place of a document; None when there is none."""
    value = document
    for part in loc:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _write_found(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return "a list of tables" if all(isinstance(each, dict) for each in value) else "a nested list"
    try:
        text = mask_secrets(repr(value) if isinstance(value, str | list) else str(value))
    except ValueError:  # Python prints no number of more than 4,300 digits
        return "a number too long to print"
    return text if len(text) <= _LONGEST_FOUND else f"{text[: _LONGEST_FOUND - 3]}..."


def _write_key(loc: Loc, written: Mapping[str, Any]) -> str:
    at = next((place for place, part in enumerate(loc[:3]) if isinstance(part, int)), None)
    if at == 1 or (at is not None and loc[:at] in _INNER_LISTED):
        item = look_up(loc[: at + 1], written)
        name = item.get("name") if isinstance(item, dict) else None
        label = f' "{_write_found(name)[1:-1]}"' if isinstance(name, str) and name else ""
        index = loc[at]
        assert isinstance(index, int)
        head, rest = f"[[{'.'.join(map(str, loc[:at]))}]]{label} ({write_ordinal(index + 1)})", loc[at + 1 :]
    else:
        value = look_up(loc[:1], written)
        is_list = isinstance(value, list) and all(isinstance(each, dict) for each in value)
        is_list = is_list or (value is None and loc[0] in LISTED)
        is_table = isinstance(value, dict) or len(loc) > 1
        head = f"[[{loc[0]}]]" if is_list else f"[{loc[0]}]" if is_table else str(loc[0])
        rest = loc[1:]
    inner = ""
    for part in rest:
        inner += f" ({write_ordinal(part + 1)})" if isinstance(part, int) else f".{part}" if inner else part
    return f"{head}: {inner}" if inner else head
