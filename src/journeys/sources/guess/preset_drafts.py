"""Sources of presets for what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from journeys.config import DraftSource
from journeys.errors import CallError
from journeys.presets import load_preset
from journeys.sources.guess.columns import LIKELY, SURE
from journeys.sources.guess.matching import Match, match_presets
from journeys.sources.guess.sample import SECTIONS, Sample, shorten
from journeys.sources.guess.store_tables import StoreTable, find_store_table

_MOST_PRESETS = 3
_MOST_NAMES = 5
_FILE_KEYS = {"format", "delimiter", "header", "quotes", "pattern"}


@dataclass(frozen=True)
class Found:
    """A preset, or a part of one, and the sample that it reads.

    Attributes:
        sample: of a database its first table.
        match: the preset and its parts.
        others: presets that fit as well, the best first.
    """

    sample: Sample
    match: Match
    others: tuple[Match, ...] = ()


def find_presets(samples: Sequence[Sample], wanted: str | None) -> list[Found]:
    """Find the preset that reads most of what was seen: one part for each sample, of a database all parts at once.

    Args:
        samples: what was seen.
        wanted: the one to take, whatever fits.
    """
    if samples[0].kind == "database":
        matches = _choose(match_presets(samples), wanted)
        return [Found(samples[0], matches[0], tuple(matches[1:]))] if matches else []
    listed = [(sample, _choose(_match_file(sample), wanted)) for sample in samples]
    scores: dict[str, float] = {}
    for _, matches in listed:
        for each in matches:
            scores[each.preset] = scores.get(each.preset, 0.0) + each.score
    if not scores:
        return []
    best = max(scores, key=lambda name: (scores[name], name == wanted))
    found: dict[tuple[str, ...], Found] = {}
    for sample, matches in listed:
        own = [each for each in matches if each.preset == best]
        if own and (own[0].parts not in found or sample.row_count > found[own[0].parts].sample.row_count):
            others = tuple(each for each in matches if each.preset != best)
            found[own[0].parts] = Found(sample, own[0], others)
    return list(found.values())


def _match_file(sample: Sample) -> list[Match]:
    """The presets whose columns are there; those that name them themselves are for files without a header."""
    if sample.kind == "rest":
        seen = Sample(sample.place, {"kind": "file"}, sample.values, sample.row_count)
        return [match for match in match_presets([seen]) if not _FILE_KEYS & _find_part(match).keys()]
    return [
        match
        for match in match_presets([sample])
        if any("header" in load_preset(match.preset).parts[part] for part in match.parts or [""])
        == (sample.settings.get("header") is not None)
    ]


def refuse_database_tables(samples: Sequence[Sample], found: Sequence[Found]) -> None:
    """Refuse files that are the tables of a preset which joins them: that takes a database.

    Args:
        samples: of files.
        found: what can be read of them as files.

    Raises:
        CallError: they are.
    """
    stems = [PurePosixPath(each.place).name.split(".")[0] for each in samples]
    tables = [
        Sample(stem, {"kind": "database", "table": stem}, each.values, each.row_count)
        for stem, each in zip(stems, samples, strict=True)
    ]
    matches = match_presets(tables)
    if not matches or len(matches[0].parts) <= len(found):
        return
    names = [PurePosixPath(each.place).name for each in samples[:_MOST_NAMES]]
    more = " ..." if len(samples) > _MOST_NAMES else ""
    preset = matches[0].preset
    load = f"sqlite3 {preset}.sqlite '.import --csv {names[0]} {stems[0]}'"
    raise CallError(
        "init", f"the files are tables of {preset}, which are read together and from a database",
        found=f"{', '.join(names)}{more}", allowed="the URL of the database, or of a copy",
        do=f"load each, such as with `{load}`, then `journeys init --from {preset}.sqlite`",
    )  # fmt: skip


def _choose(matches: list[Match], wanted: str | None) -> list[Match]:
    if wanted is None:
        return matches
    return [each for each in matches if each.preset == wanted] or [Match(wanted, (), "", 0, "as asked")]


def tell_presets(found: Sequence[Found], samples: Sequence[Sample]) -> list[str]:
    """Say which preset fits, how surely and why, and which could be asked for instead."""
    first = found[0]
    name = first.match.preset
    is_asked = first.match.why == "as asked"
    sureness = "as asked" if is_asked else f"{_judge(first)}: {first.match.why}"
    lines = [f"preset {name} ({load_preset(name).title}): {sureness}"]
    if len(samples) > 1 and samples[0].kind == "file":
        lines += [f"  {shorten(each.sample.place)}: {'/'.join((name, *each.match.parts))}" for each in found]
    lines += [f"could also be --preset {each.preset}: {each.why}" for each in first.others[: _MOST_PRESETS - 1]]
    return lines


def _judge(found: Found) -> str:
    return LIKELY if found.others and found.others[0].score > found.match.score / 2 else SURE


def draft_preset(found: Sequence[Found], samples: Sequence[Sample]) -> list[DraftSource]:
    """Write the sources of what was found."""
    if samples[0].kind == "database":
        return [DraftSource(_write_database(found[0]))]
    if samples[0].kind == "rest":
        return [_write_rest(found[0])]
    together = _write_together(found)
    return [DraftSource(keys) for keys in ([together] if together else map(_write_file, found))]


def _write_database(found: Found) -> dict[str, object]:
    match, known = found.match, load_preset(found.match.preset)
    keys: dict[str, object] = {"name": "crm", "preset": match.preset, "url": found.sample.settings["url"]}
    if match.schema:
        keys["schema"] = match.schema
    if match.parts and set(match.parts) != set(known.parts) - known.extra:
        keys["parts"] = list(match.parts)
    return keys


def _find_part(match: Match) -> Mapping[str, Any]:
    parts = load_preset(match.preset).parts
    return parts.get(match.parts[0] if match.parts else "", {})


def _write_rest(found: Found) -> DraftSource:
    """A source of an API whose records have the columns of a preset for files."""
    match, settings = found.match, dict(found.sample.settings)
    sections = {key: settings.pop(key) for key in SECTIONS if key in settings}
    keys = {"name": match.preset, "preset": "/".join((match.preset, *match.parts)), **settings}
    return DraftSource(keys, sections=sections)


def _write_file(found: Found) -> dict[str, object]:
    match = found.match
    own = _find_part(match)
    shown = {
        key: value for key, value in found.sample.settings.items() if key != "kind" and own.get(key) != value
    }  # what the preset says itself needs no word
    return {"name": match.preset, "preset": "/".join((match.preset, *match.parts)), **shown}


def _write_together(found: Sequence[Found]) -> dict[str, object] | None:
    """One source for files that are called like the parts that they are; None where they are not, or it is one."""
    if len(found) < 2:
        return None
    drafts = [_write_file(each) for each in found]
    paths = set()
    for each in found:
        path, part = PurePosixPath(str(each.sample.settings["path"])), each.match.parts[0]
        paths.add(path.with_name(path.name.replace(part, "{part}", 1)).as_posix())
    rest = [{key: value for key, value in draft.items() if key not in ("preset", "path")} for draft in drafts]
    if len(paths) > 1 or any(each != rest[0] for each in rest):
        for draft, each in zip(drafts, found, strict=True):
            draft["name"] = "_".join((each.match.preset, *each.match.parts))
        return None
    name, preset = found[0].match.preset, load_preset(found[0].match.preset)
    parts = [each.match.parts[0] for each in found]
    usual = {part for part in preset.parts if part not in preset.extra}
    chosen = {} if set(parts) == usual else {"parts": parts}
    return {**rest[0], "name": name, "preset": name, "path": paths.pop(), **chosen}


def draft_store_tables(samples: Sequence[Sample]) -> tuple[list[DraftSource], list[str], set[int]]:
    """Write the sources of receipts and calls.

    Returns:
        The sources, how surely and why, and which samples they read.
    """
    found = [(sample, table) for sample in samples if (table := find_store_table(sample))]
    sources, lines = [], []
    for place, (sample, table) in enumerate(found):
        number = sum(each.preset == table.preset for _, each in found[:place])
        name = f"{table.preset}_{number + 1}" if number else table.preset
        sources.append(_write_store_table(name, sample, table))
        where = f"{shorten(sample.place)}: " if len(samples) > 1 else ""
        lines.append(f"{where}preset {table.preset} ({load_preset(table.preset).title}): {table.sureness}: {table.why}")
        lines += [f"  {line}" for line in _tell_mapping(table)]
    return sources, lines, {id(sample) for sample, _ in found}


def _tell_mapping(table: StoreTable) -> Iterator[str]:
    for name, given, why in (*table.columns, *table.identifiers):
        shown = given["sql"] if isinstance(given, dict) else given
        yield f"{name} is {shown}: {why}"


def _write_store_table(name: str, sample: Sample, table: StoreTable) -> DraftSource:
    settings = {key: value for key, value in sample.settings.items() if key != "kind"}
    if settings.get("table") == load_preset(table.preset).parts[""]["table"].replace("{schema}", ""):
        del settings["table"]
    keys = {"name": name, "preset": table.preset, **settings, **table.keys}
    return DraftSource(keys, table.columns, table.identifiers)
