"""`preset = "..."` in a `[[source]]`: the sources it stands for, and the rules it suggests where none are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from journeys.config.environment import expand_variables
from journeys.config.fields import find_nearest
from journeys.config.problems import Problems
from journeys.config.user_email import add_user_email
from journeys.presets import SUGGESTED, Preset, list_presets, load_preset

# What only one of several parts can have.
_OF_ONE_PART = ("holds", "table", "query", "cursor", "overlap", "key", "tracks", "deleted_event", "pattern", "columns",
                "identifiers", "optional_columns", "time_format", "unit")  # fmt: skip
_OF_DATABASES = ("table", "query", "cursor", "overlap", "key", "tracks", "deleted_event")
_OWN_KEYS = ("preset", "parts", "schema", "prefix", "site")
_SITE = re.compile(r"https?://[^\s/'{}]+")


def expand_presets(
    document: Mapping[str, Any], problems: Problems, *, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Put the sources that presets stand for in the place of those that name one.

    A source of a preset of several parts becomes one source for each, named `<name>_<part>`; `parts = [...]` chooses
    some, and `preset = "<preset>/<part>"` one that keeps its name; extra parts are taken only so. Keys written beside
    win. What a preset suggests as touchpoints and goals, and where both are taken its funnels, fills sections that are
    not written at all; it holds for the events of its own sources, and an address book has none. The rank of presets
    orders what several suggest.

    Args:
        document: content of the file.
        problems: takes the mistakes.
        environment: values of `${NAME}`; only asked which kind of database a URL is of.

    Returns:
        The content without presets; a source with a mistake is left out.
    """
    sources = document.get("source")
    if not isinstance(sources, list) or not any(isinstance(each, dict) and "preset" in each for each in sources):
        return dict(document)
    expanded: list[Any] = []
    used: dict[str, list[str]] = {}
    for place, source in enumerate(sources):
        if not isinstance(source, dict) or "preset" not in source:
            expanded.append(source)
            continue
        found = _expand(("source", place), source, problems, _has_folded_names(source.get("url"), environment))
        found = [add_user_email(each, given=source, privacy=document.get("privacy")) for each in found]
        expanded += found
        events = [each for each in found if each.get("holds") != "contacts"]
        names = [each["name"] for each in events if isinstance(each.get("name"), str)]
        if events:
            used.setdefault(str(source["preset"]).partition("/")[0], []).extend(names)
    return {**document, "source": expanded, **_suggest(document, used)}


def _expand(
    loc: tuple[str, int], source: Mapping[str, Any], problems: Problems, is_quoted: bool
) -> list[dict[str, Any]]:
    preset, parts = _choose_parts(loc, source, problems)
    faulty = [key for key in ("schema", "prefix") if not isinstance(source.get(key, ""), str)]
    for key in faulty:
        problems.add((*loc, key), "must be a text", allowed="what the names of the preset's tables begin with")
    if preset is None or not parts or faulty:
        return []
    if "site" in source:
        _check_site((*loc, "site"), source["site"], parts, problems)
    is_one = list(parts) == [""] or "/" in source["preset"]
    if not is_one and (faulty := [key for key in _OF_ONE_PART if key in source]):
        allowed = f'preset = "{preset.name}/{next(iter(parts))}" in a [[source]] of its own, to say it of one'
        for key in faulty:
            problems.add((*loc, key), "this preset has several parts", show_found=False, allowed=allowed)
        return []
    return [_merge(source, part, "" if is_one else name, is_quoted) for name, part in parts.items()]


def _has_folded_names(url: object, environment: Mapping[str, str]) -> bool:
    """Whether a database reads names without quotes in small letters and keeps others as they are written."""
    text = expand_variables(url, environment, Problems("", {})) if isinstance(url, str) else ""
    return str(text).lower().startswith(("postgres", "cockroachdb"))


def _choose_parts(
    loc: tuple[str, int], source: Mapping[str, Any], problems: Problems
) -> tuple[Preset | None, dict[str, Mapping[str, Any]]]:
    name, _, part = source["preset"].partition("/") if isinstance(source["preset"], str) else ("", "", "")
    if name not in list_presets():
        problems.add((*loc, "preset"), "no preset of that name", allowed=", ".join(list_presets()),
                     nearest=find_nearest(name, list_presets()))  # fmt: skip
        return None, {}
    preset = load_preset(name)
    known = [each for each in preset.parts if each]
    usual = [each for each in preset.parts if each not in preset.extra]
    wanted: object = [part] if part else source.get("parts", usual)
    key = "preset" if part else "parts"
    chosen = [str(each) for each in wanted] if isinstance(wanted, list) else []
    unknown = [each for each in chosen if each not in preset.parts]
    if unknown or not chosen:
        allowed = ", ".join(known) or f"none: {name} has one part only"
        problems.add((*loc, key), "not parts of this preset", allowed=allowed,
                     nearest=find_nearest(unknown[0] if unknown else "", known))  # fmt: skip
        return preset, {}
    for each in chosen:
        if each in preset.instead_of and (rival := preset.find_rival(each, chosen)):
            problems.add((*loc, key), f"{each} and {rival} tell of the same things", allowed="one of them")
            return preset, {}
    return preset, {each: preset.parts[each] for each in dict.fromkeys(chosen)}


def _merge(source: Mapping[str, Any], part: Mapping[str, Any], part_name: str, is_quoted: bool) -> dict[str, Any]:
    """Fill a source from a part; what is written wins, column by column."""
    given = {key: value for key, value in source.items() if key not in _OWN_KEYS}
    filled = dict(part)
    if "kind" not in given and filled.get("kind") != "rest" and ("path" in given or "url" in given):
        filled["kind"] = "file" if "path" in given else "database"
    is_read_by_api = given.get("kind") == "rest" and part.get("kind") != "rest"
    if is_read_by_api or given.get("kind", filled.get("kind")) == "file":
        filled = {key: value for key, value in filled.items() if key not in _OF_DATABASES}
    elif "table" in given or "query" in given:
        filled = {key: value for key, value in filled.items() if key not in ("table", "query")}
    for key in ("columns", "identifiers", "answer"):
        if isinstance(given.get(key), dict):
            given[key] = {**filled.get(key, {}), **given[key]}
    schema = f"{source['schema']}." if source.get("schema") else ""
    prefix = source.get("prefix", filled.pop("prefix", ""))
    merged = {**filled, **given}
    for key in ("table", "query"):
        if key in filled and key not in given:
            text = filled[key] if is_quoted else filled[key].replace('"', "")
            merged[key] = text.replace('{schema}"', f'{schema}"{prefix}').replace("{schema}", f"{schema}{prefix}")
    site = source["site"] if isinstance(source.get("site"), str) else ""
    if "columns" in merged and isinstance(merged["columns"], dict):
        merged["columns"] = {name: _name_site(column, site) for name, column in merged["columns"].items()}
    if part_name:
        if isinstance(source.get("name"), str):
            merged["name"] = f"{source['name']}_{part_name}"
        if isinstance(merged.get("path"), str):
            merged["path"] = merged["path"].replace("{part}", part_name)
    return merged


def _check_site(
    loc: tuple[str, int, str], site: object, parts: Mapping[str, Mapping[str, Any]], problems: Problems
) -> None:
    if not (isinstance(site, str) and _SITE.fullmatch(site)):
        problems.add(loc, "not the address of a site", allowed='its scheme and host, such as "https://shop.example"')
    elif "{site}" not in str(parts):
        problems.add(loc, "this preset does not need it", allowed="no site", show_found=False)


def _name_site(column: object, site: str) -> object:
    """Put the site's address into the expression of a column that asks for it."""
    if not isinstance(column, dict) or not isinstance(column.get("sql"), str):
        return column
    return {**column, "sql": column["sql"].replace("{site}", site)}


def _suggest(document: Mapping[str, Any], used: Mapping[str, Sequence[str]]) -> dict[str, list[dict[str, Any]]]:
    taken = [section for section in ("touchpoint", "goal") if section not in document]
    if len(taken) == 2 and "funnel" not in document:
        taken.append("funnel")
    found: dict[str, list[dict[str, Any]]] = {section: [] for section in SUGGESTED if section in taken}
    stages = _own_stages(document)
    for name in sorted(used, key=lambda each: load_preset(each).rank):
        sources = used[name]
        renamed: dict[str, str] = {}
        for section, rule in _list_suggestions(name, taken):
            names = [each["name"] for each in found[section]]
            own = rule["name"] if rule["name"] not in names else f"{rule['name']} ({sources[0]})"
            renamed[rule["name"]] = own
            found[section].append({**rule, "name": own, **_limit(section, rule, sources, renamed)})
            if stages is not None and rule.get("stage") not in stages:
                found[section][-1].pop("stage", None)
    return {section: rules for section, rules in found.items() if rules}


def _list_suggestions(name: str, taken: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    suggestions = load_preset(name).suggestions
    return ((section, rule) for section in taken for rule in suggestions[section])


def _limit(section: str, rule: Mapping[str, Any], sources: Sequence[str], renamed: Mapping[str, str]) -> dict[str, Any]:
    """Let a rule hold for the events of its own sources, and a funnel name the rules by the names they have here."""
    if section == "funnel":
        return {"steps": [renamed.get(step, step) for step in rule["steps"]]}
    return {"match": {**rule["match"], "source": list(sources)}}


def _own_stages(document: Mapping[str, Any]) -> set[object] | None:
    stages = document.get("stage")
    if not stages or not isinstance(stages, list):
        return None
    return {each.get("name") for each in stages if isinstance(each, dict)}
