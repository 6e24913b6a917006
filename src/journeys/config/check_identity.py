"""Mistakes in `[identity]` that take more than one key to see: unknown kinds, and overrides that cannot all hold."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from journeys.config.fields import find_nearest
from journeys.config.identifiers import normalise
from journeys.config.identity import REFERENCE_FORM, Identity, Override
from journeys.config.problems import Loc, Problems, look_up, write_ordinal
from journeys.schema import IDENTIFIER_KINDS

Node = tuple[str, str]
_KIND_NAME = re.compile("[a-z][a-z0-9_]{0,62}")
_COLUMN_KINDS = ("device_id", "user_id")
_BUILT_IN = {kind.name for kind in IDENTIFIER_KINDS}


def list_kinds(document: Mapping[str, Any]) -> list[str]:
    """List the kinds of identifiers that a document knows, its own after the built-in ones."""
    own = look_up(("identity", "kinds"), document)
    built_in = [kind.name for kind in IDENTIFIER_KINDS]
    return [*built_in, *(name for name in own if name not in built_in)] if isinstance(own, dict) else built_in


def check_identity(table: Mapping[str, Any], identity: Identity, problems: Problems) -> None:
    """Add the mistakes in kinds, blocked values and overrides.

    Args:
        table: `[identity]` as written, with the values of `${NAME}`.
        identity: what of it could be read.
        problems: takes the mistakes.
    """
    _check_kinds(table.get("kinds"), problems)
    known = [kind.name for kind in identity.kinds]
    _check_blocked(table.get("blocked"), known, problems)
    links = []
    for override in identity.overrides:
        link = _read_link(override, identity, known, problems)
        if link is not None:
            links.append(link)
    _check_contradictions(links, problems)


def _check_kinds(kinds: object, problems: Problems) -> None:
    for name, change in kinds.items() if isinstance(kinds, dict) else ():
        loc = ("identity", "kinds", name)
        if name == "account_id":
            what = "an account is no identifier of a person"
            problems.add(loc, what, allowed="account_id in [source.columns]", show_found=False)
        elif not _KIND_NAME.fullmatch(name):
            fitting = re.sub("[^a-z0-9]+", "_", name.lower()).rstrip("_").lstrip("_0123456789")[:63]
            allowed = "a-z, 0-9 and _, a letter first, at most 63"
            problems.add(loc, "not fit for the name of a kind", allowed=allowed, nearest=fitting, show_found=False)
        elif isinstance(change, dict) and name not in _BUILT_IN and "strength" not in change:
            problems.add((*loc, "strength"), "missing for a new kind", allowed="'strong', 'medium', 'weak'")
        elif isinstance(change, dict) and name in _COLUMN_KINDS and "strength" in change:
            what = "a user is strong and a device is weak; only other kinds may change"
            problems.add((*loc, "strength"), what, allowed="person_limit, format")


def _check_blocked(blocked: object, known: list[str], problems: Problems) -> None:
    for place, text in enumerate(blocked if isinstance(blocked, list) else ()):
        if not isinstance(text, str) or ":" not in text:
            continue
        loc = ("identity", "blocked", place)
        kind, _, value = text.partition(":")
        _check_kind(loc, kind.strip(), [*known, "account_id"], problems)
        if not value.strip():
            problems.add(loc, "no value after the kind", allowed="VALUE or KIND:VALUE; `*` is a wildcard")


def _check_kind(loc: Loc, kind: str, known: list[str], problems: Problems) -> bool:
    if kind in known:
        return True
    is_shown = "${" not in str(look_up(loc, problems.written))  # else the nearest name may tell what a variable holds
    nearest = find_nearest(kind, known) if is_shown else ""
    problems.add(loc, "unknown kind of identifier before the colon", allowed=", ".join(known), nearest=nearest)
    return False


def _read_link(
    override: Override, identity: Identity, known: list[str], problems: Problems
) -> tuple[Override, Node, Node] | None:
    loc = ("identity", "override", override.index - 1)
    nodes: list[Node] = []
    for key, kind, given in (("a", override.a_kind, override.a_value), ("b", override.b_kind, override.b_value)):
        if kind == "account_id":
            what = "an account is no identifier of a person"
            problems.add((*loc, key), what, allowed=REFERENCE_FORM)
        elif _check_kind((*loc, key), kind, known, problems):
            value, reason = normalise(identity.kind(kind), given, identity)
            if value is None:
                what = f"never identifies anybody: {reason}"
                problems.add((*loc, key), what, allowed="an identifier of one person")
            else:
                nodes.append((kind, value))
    if len(nodes) != len(("a", "b")):
        return None
    a, b = nodes
    if a == b:
        problems.add((*loc, "b"), "the same identifier as a", allowed="two different identifiers")
        return None
    return override, a, b


def _check_contradictions(links: Iterable[tuple[Override, Node, Node]], problems: Problems) -> None:
    """Refuse each cannot-link between two identifiers that must-links join, directly or through others."""
    joined: dict[Node, list[tuple[Node, int]]] = {}
    parted = []
    for override, a, b in links:
        if override.link == "must":
            joined.setdefault(a, []).append((b, override.index))
            joined.setdefault(b, []).append((a, override.index))
        else:
            parted.append((override, a, b))
    for override, a, b in parted:
        chain = _find_chain(joined, a, b)
        if chain:
            must = " and the ".join(write_ordinal(index) for index in chain)
            what = f"contradiction: it parts what the {must} [[identity.override]] join"
            what = what if len(chain) > 1 else f"{what}s"
            allowed = "overrides that can all hold: remove one of these"
            problems.add(("identity", "override", override.index - 1), what, allowed=allowed, show_found=False)


def _find_chain(joined: Mapping[Node, list[tuple[Node, int]]], start: Node, end: Node) -> list[int]:
    """The shortest chain of must-links between two identifiers, as places of overrides; empty when there is none."""
    came_from: dict[Node, tuple[Node, int]] = {}
    queue = deque([start])
    while queue and end not in came_from:
        node = queue.popleft()
        for neighbour, index in joined.get(node, ()):
            if neighbour != start and neighbour not in came_from:
                came_from[neighbour] = (node, index)
                queue.append(neighbour)
    chain: list[int] = []
    node = end
    while node in came_from:
        node, index = came_from[node]
        chain.append(index)
    return sorted(chain)
