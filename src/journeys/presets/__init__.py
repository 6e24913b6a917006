"""Layouts that other systems write, one TOML file each: which of their columns are ours, and what their events mean.

A file has `title`, `documentation` (where its vendor describes the layout), `[[part]]` for each table or kind of file,
and suggestions: `[[touchpoint]]`, `[[goal]]`, `[[funnel]]`. Where several presets suggest goals, those of the lowest
`rank` come first, so that journeys end at a deal (1) before a purchase (2, unless said), a form sent (3), and a call or
a ticket (4). A part has the keys of `[[source]]` and a `name`, which is
missing where a preset has one part only. A part with `is_extra` is read only where the user's `parts` names it.
`{schema}` in a table or query stands for the user's `schema` and `prefix`, the beginning of the names of its tables,
for which a part may have a default; `{site}` in the expression of a column for the user's `site`, or for nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

SUGGESTED = ("touchpoint", "goal", "funnel")
_OF_PARTS = ("name", "is_extra")


@dataclass(frozen=True)
class Preset:
    """A layout that a system writes.

    Attributes:
        name: as in `preset = "..."`.
        title: the system and the kind of export, in words.
        documentation: addresses of its vendor's description of the layout.
        parts: keys of `[[source]]` by the name of the part; that of an only part is ''.
        suggestions: rules by section of the configuration (SUGGESTED).
        extra: names of the parts that are read only when asked for: not every company has them.
        rank: place of its suggestions among those of other presets, the lowest first.
    """

    name: str
    title: str
    documentation: tuple[str, ...]
    parts: Mapping[str, Mapping[str, Any]]
    suggestions: Mapping[str, tuple[Mapping[str, Any], ...]]
    extra: frozenset[str] = frozenset()
    rank: int = 2


@cache
def list_presets() -> tuple[str, ...]:
    """Return the names of all presets, sorted."""
    files = resources.files("journeys.presets").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


@cache
def load_preset(name: str) -> Preset:
    """Read a preset.

    Args:
        name: one of `list_presets()`.
    """
    content = tomllib.loads(resources.files("journeys.presets").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    parts = {part.get("name", ""): {key: part[key] for key in part if key not in _OF_PARTS} for part in content["part"]}
    extra = frozenset(part["name"] for part in content["part"] if part.get("is_extra"))
    suggestions = {section: tuple(content.get(section, ())) for section in SUGGESTED}
    documentation, rank = tuple(content["documentation"]), content.get("rank", Preset.rank)
    return Preset(name, content["title"], documentation, parts, suggestions, extra, rank)
