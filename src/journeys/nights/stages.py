"""Which stages a change of settings, SQL or product makes anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from journeys.config import Settings
from journeys.identity.accounts import list_private_domains
from journeys.nights.night import Rebuild
from journeys.version import VERSION
from journeys.warehouse import find_folder

Stages = dict[str, dict[str, str]]

_SQL_OF = {"rows": ("1_events",), "identity": ("2_identity",), "streams": ("3_sessions",), "rules": ("4_paths",)}
# What a pull needs to find a source, but a row does not depend on.
_PLACE_KEYS = ("path", "url", "table", "query", "required", "cursor", "format")


def fingerprint_stages(settings: Settings) -> Stages:
    """Return for each stage the fingerprints of what it is made with, by the name of the setting.

    Stages are 'rows', 'identity', 'streams' and 'rules'; each depends on those before it, too.
    """
    content = settings.content()
    identity = content["identity"]
    values = {key: identity[key] for key in ("kinds", "blocked", "phone_region")}
    parts: dict[str, dict[str, Any]] = {
        "rows": {
            "[project] timezone": content["project"]["timezone"],
            "[channels]": content["channels"],
            "[privacy]": content["privacy"],
            "[identity] kinds, blocked, phone_region": values,
            "[bots] user_agents": content["bots"]["user_agents"],
            **{
                f"[[source]] {source['name']}": {key: source[key] for key in source if key not in _PLACE_KEYS}
                for source in content["sources"]
            },
        },
        "identity": {
            "[identity]": identity,
            "the list of private mail domains": list_private_domains(settings),
            **_find_link_limit(content["retention"]),
        },
        "streams": {"[session]": content["session"], "[bots]": content["bots"]},
        "rules": {
            "[[touchpoint]]": content["touchpoints"],
            "[[goal]]": content["goals"],
            "[journey]": content["journey"],
        },
    }
    for stage, folders in _SQL_OF.items():
        parts[stage] |= {f"sql/{folder}": _read_sql(folder) for folder in folders} | {"product version": VERSION}
    return {stage: {name: _hash(value) for name, value in named.items()} for stage, named in parts.items()}


def find_rebuild(former: Mapping[str, Mapping[str, str]], stages: Stages) -> tuple[Rebuild, tuple[str, ...]]:
    """Compare with what the snapshot before was made with.

    A source that is new rebuilds nothing: its rows come as those of a night.

    Returns:
        What is to be made anew, and the names of what has changed.
    """
    changed = {stage: list(_list_changes(former.get(stage, {}), named)) for stage, named in stages.items()}
    is_rows = bool(changed["rows"])
    is_identity = is_rows or bool(changed["identity"])
    is_rules = is_rows or bool(changed["rules"])
    rebuild = Rebuild(
        rows=is_rows,
        identity=is_identity,
        rules=is_rules,
        streams=is_identity or is_rules or bool(changed["streams"]),
    )
    return rebuild, tuple(dict.fromkeys(name for names in changed.values() for name in names))


def _find_link_limit(retention: Mapping[str, Any]) -> dict[str, Any]:
    """Of [retention] only this is applied to rows that stay; what is removed by the others is gone."""
    days = retention["identity_edges_days"]
    return {} if days is None else {"[retention] identity_edges_days": [days, retention["every_days"]]}


def _list_changes(former: Mapping[str, str], named: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*former, *named}):
        is_new_source = name.startswith("[[source]]") and name not in former
        if former.get(name) != named.get(name) and not is_new_source:
            yield name


def _read_sql(folder: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((find_folder("sql") / folder).glob("*.sql"))]


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
