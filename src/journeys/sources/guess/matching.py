"""Presets that fit what was seen: whose columns and tables are there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import sqlglot
from sqlglot import exp

from journeys.config import Source
from journeys.presets import Preset, list_presets, load_preset
from journeys.sources.guess.sample import Sample
from journeys.sources.mapping import list_columns

# Columns that so many layouts have tell none of them.
_COMMON = 3
_FEWEST_OWN = 2


@dataclass(frozen=True)
class Match:
    """A preset that fits.

    Attributes:
        preset: its name.
        parts: the parts that fit; empty where it has one part only.
        schema: of the tables of a database.
        score: how much of what is there is its own; only to compare.
        why: in words.
    """

    preset: str
    parts: tuple[str, ...]
    schema: str
    score: float
    why: str


def match_presets(samples: Sequence[Sample]) -> list[Match]:
    """List the presets whose needed columns are all there, the best first.

    Args:
        samples: what was seen.
    """
    needed = {
        (name, part): _list_needed(keys) for name in list_presets() for part, keys in load_preset(name).parts.items()
    }
    # Tables of one preset share columns: those tell it as well as others.
    named = {(name, column) for (name, _), columns in needed.items() for column in columns}
    spread = Counter(column for _, column in named)
    found = []
    for name in list_presets():
        matched = _match(name, samples, needed, spread)
        if matched is not None:
            found.append(matched)
    return sorted(found, key=lambda match: (-match.score, match.preset))


def _match(
    name: str, samples: Sequence[Sample], needed: Mapping[tuple[str, str], Sequence[str]], spread: Mapping[str, int]
) -> Match | None:
    parts, schemas, own, count, extra = [], set(), set(), 0, 0.0
    for part, keys in load_preset(name).parts.items():
        for sample in _find_places(keys, samples):
            columns = needed[name, part]
            if columns and all(_has(sample, column) for column in columns):
                parts.append(part)
                schemas.add(sample.place.rpartition(".")[0] if sample.settings["kind"] == "database" else "")
                is_seen = "*" not in sample.values
                own |= (
                    {column for column in columns if spread[column] < _COMMON} if is_seen else set(_list_tables(keys))
                )
                count += len(columns) if is_seen else 0
                extra += _count_known(keys, columns, sample)
                break
    is_database = samples[0].settings["kind"] == "database"
    parts = [part for place, part in enumerate(parts) if not load_preset(name).find_rival(part, parts[:place])]
    if not is_database and len(parts) > 1:
        parts = [max(parts, key=lambda part: _fit_file(part, needed[name, part], load_preset(name), samples[0]))]
    if not parts or len(own) < _FEWEST_OWN or len(schemas) > 1:
        return None
    shown = ", ".join(sorted(own)[:4])
    tables = f" of {len(parts)} parts" if is_database and len(parts) > 1 else ""
    why = f"all that it needs{tables} is there, such as {shown}"
    score = len(own) + extra / 1_000 + count / 100_000
    return Match(name, tuple(part for part in parts if part), schemas.pop(), score, why)


def _list_needed(part: Mapping[str, Any]) -> list[str]:
    """The columns that a part cannot do without."""
    columns, identifiers = dict(part.get("columns", {})), dict(part.get("identifiers", {}))
    source = Source(name="preset", kind="file", columns=columns, identifiers=identifiers)
    optional = part.get("optional_columns", [])
    inside = part.get("records")
    # What is looked at are the rows as they stand, whose list no column reaches into.
    names = [inside if inside and column.startswith(f"{inside}.") else column for column in list_columns(source)]
    return list(dict.fromkeys(name for name, column in zip(names, list_columns(source), strict=True)
                              if column not in optional))  # fmt: skip


def _fit_file(part: str, needed: Sequence[str], preset: Preset, sample: Sample) -> tuple[int, bool, float]:
    """How well a file is a part, for one kind of file is one part: it needs most of it, or the file has its name."""
    return len(needed), part in PurePath(sample.place).name.lower(), _count_known(preset.parts[part], needed, sample)


def _count_known(part: Mapping[str, Any], needed: Sequence[str], sample: Sample) -> float:
    """How many of the columns that a part knows are there, and of as many, how few that may be missing are not.

    Layouts that were made alike differ in these alone.
    """
    optional = part.get("optional_columns", [])
    count = sum(_has(sample, column) for column in optional)
    return len(needed) + count + (count / len(optional) / 10 if optional else 0.0)


def _find_places(part: Mapping[str, Any], samples: Sequence[Sample]) -> Iterator[Sample]:
    """The samples that a part may read: any file, or the table of its name; of a query its result cannot be seen."""
    tables = _list_tables(part)
    for sample in samples:
        if sample.settings["kind"] == "file":
            if "query" not in part:
                yield sample
        elif len(tables) == 1 and "query" not in part and sample.place.rpartition(".")[2].lower() == tables[0]:
            yield sample
    if tables and "query" in part:
        yield from _join(tables, samples, _list_named(part))


def _list_tables(part: Mapping[str, Any]) -> list[str]:
    if "table" in part:
        return [part["table"].replace("{schema}", part.get("prefix", "")).lower()]
    if "query" not in part:
        return []
    tree = _parse(part)
    made = {each.alias_or_name for each in tree.find_all(exp.CTE)}
    return sorted({each.name.lower() for each in tree.find_all(exp.Table)} - made)


def _parse(part: Mapping[str, Any]) -> exp.Expr:
    return sqlglot.parse_one(part["query"].replace("{schema}", part.get("prefix", "")))


def _list_named(part: Mapping[str, Any]) -> set[str]:
    """The columns of tables that a query names: two loaders may call their tables alike."""
    tree = _parse(part)
    made = {each.alias.lower() for each in tree.find_all(exp.Alias)}
    return {each.name.lower() for each in tree.find_all(exp.Column)} - made - {"*"}


def _join(tables: Sequence[str], samples: Sequence[Sample], named: set[str]) -> Iterator[Sample]:
    """All tables of a query as one sample, where they are there in one schema with all columns that it names.

    Which columns it yields cannot be seen.
    """
    places = {sample.place: sample for sample in samples if sample.settings["kind"] == "database"}
    for schema in sorted({place.rpartition(".")[0] for place in places}):
        head = f"{schema}." if schema else ""
        known = {place.lower(): sample for place, sample in places.items()}
        joined = [known.get(f"{head}{table}".lower()) for table in tables]
        if all(joined) and named <= {name.lower() for each in joined if each for name in each.values}:
            yield Sample(f"{head}*", {"kind": "database"}, {"*": ()}, sum(each.row_count for each in joined if each))


def _has(sample: Sample, column: str) -> bool:
    if "*" in sample.values:
        return True
    names = {name.lower() for name in sample.values}
    plain = re.sub(r"\[\d+\].*", "", column).lower()
    return column.lower() in names or plain in names
