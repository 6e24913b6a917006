"""Layouts that other systems write, one TOML file each: which of their columns are ours, and what their events mean.

A file has `title`, `documentation` (where its vendor describes the layout), `[[part]]` for each table or kind of file,
and suggestions: `[[touchpoint]]`, `[[goal]]`, `[[funnel]]`. Where several presets suggest goals, those of the lowest
`rank` come first, so that journeys end at a deal (1) before a purchase (2, unless said), a form sent (3), and a call or
a ticket (4).

A part has the keys of `[[source]]` and a `name`, which is missing where a preset has one part only. A part with
`is_extra` is read only where the user's `parts` names it, and so is one with `instead_of`, which tells of the same
things from other tables: read together, they would count twice. Of such parts the one that tells more stands first.
`{schema}` in a table or query stands for the user's `schema` and `prefix`, the beginning of the names of its tables,
for which a part may have a default; `{site}` in the expression of a column for the user's `site`, or for nothing. In a
query, names with capitals stand in double quotes, which are written where the database would fold them (PostgreSQL),
and nowhere else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

SUGGESTED = ("touchpoint", "goal", "funnel")
_OF_PARTS = ("name", "is_extra", "instead_of")


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
        instead_of: name of the part in whose place another may be read, by the name of that other.
    """

    name: str
    title: str
    documentation: tuple[str, ...]
    parts: Mapping[str, Mapping[str, Any]]
    suggestions: Mapping[str, tuple[Mapping[str, Any], ...]]
    extra: frozenset[str] = frozenset()
    rank: int = 2
    instead_of: Mapping[str, str] = field(default_factory=dict)

    def find_rival(self, part: str, others: Collection[str]) -> str | None:
        """Find among others a part that tells of the same things as this one; None where there is none."""
        same = self.instead_of.get(part, part)
        return next((each for each in others if each != part and self.instead_of.get(each, each) == same), None)


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
    instead_of = {part["name"]: part["instead_of"] for part in content["part"] if "instead_of" in part}
    extra = frozenset(part["name"] for part in content["part"] if part.get("is_extra") or "instead_of" in part)
    suggestions = {section: tuple(content.get(section, ())) for section in SUGGESTED}
    documentation, rank = tuple(content["documentation"]), content.get("rank", Preset.rank)
    return Preset(name, content["title"], documentation, parts, suggestions, extra, rank, instead_of)
