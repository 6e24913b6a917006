"""A first `journeys.toml` for what was found in a file or database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from journeys.schema import STAGES

_BARE = re.compile(r"[A-Za-z0-9_-]+")
MOST_TOUCHPOINTS = 12
# Words in the names of events, and the stage they stand for.
_STAGE_WORDS = (
    ("purchase", ("cart", "basket", "checkout", "payment", "order")),
    ("consideration", ("product", "item", "search", "catalog", "compare", "demo", "trial", "detail")),
    ("retention", ("login", "support", "ticket", "renew", "invoice", "account")),
    ("advocacy", ("review", "share", "refer", "recommend", "invite")),
)
_GOAL_WORDS = ("purchase", "order_completed", "order completed", "payment_done", "transaction", "buy", "bought", "paid",
               "subscribe", "won", "sign_up", "signup", "conversion", "convert")  # fmt: skip


@dataclass(frozen=True)
class DraftSource:
    """One `[[source]]` to write.

    Attributes:
        keys: its keys and values, in order.
        columns: canonical column, the source's, and a comment.
        identifiers: the same by kind of identifier.
        sections: tables of its own, such as `request`, with their keys.
    """

    keys: Mapping[str, object]
    columns: Sequence[tuple[str, object, str]] = ()
    identifiers: Sequence[tuple[str, object, str]] = ()
    sections: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """What to write.

    Attributes:
        name: of the project.
        sources: at least one.
        events: names of events, the commonest first; without a preset they become touchpoints.
        has_rules: a preset brings touchpoints and goals.
        notes: comments for the head of the file.
    """

    name: str
    sources: Sequence[DraftSource]
    events: Sequence[str] = ()
    has_rules: bool = False
    notes: Sequence[str] = field(default_factory=tuple)


def write_draft(draft: Draft) -> str:
    """Write the configuration."""
    lines = [f"# {_plain(note)}" for note in draft.notes]
    lines += ["[project]", f"name = {_quote(draft.name)}",
              'timezone = "UTC"   # of calendar days, and of times without a zone', ""]  # fmt: skip
    for source in draft.sources:
        lines += ["[[source]]", *(f"{key} = {_quote(value)}" for key, value in source.keys.items())]
        for section, table in source.sections.items():
            assert isinstance(table, Mapping)
            lines += [f"[source.{section}]", *(f"{key} = {_quote(value)}" for key, value in table.items())]
        for section, rows in (("columns", source.columns), ("identifiers", source.identifiers)):
            if rows:
                lines += [f"[source.{section}]", *_align(rows)]
        lines.append("")
    if not draft.has_rules:
        lines += _write_rules(draft.events)
    return "\n".join(lines).rstrip() + "\n"


def find_goal(events: Sequence[str]) -> str | None:
    """The event that sounds most like what a company wants people to reach; None when none does."""
    for word in _GOAL_WORDS:
        for event in events:
            if word in event.lower():
                return event
    return None


def _write_rules(events: Sequence[str]) -> list[str]:
    goal = find_goal(events)
    lines = []
    for event in [each for each in events if each != goal][:MOST_TOUCHPOINTS]:
        lines += ["[[touchpoint]]", f"name = {_quote(_name(event))}", f"stage = {_quote(_find_stage(event))}",
                  f"match = {{ event = {_quote(event)} }}"]  # fmt: skip
    chosen = goal or (events[-1] if events else "purchase")
    why = "" if goal else "   # no event sounds like a goal: name the one that counts for you"
    lines += ["", "[[goal]]", f"name = {_quote(_name(chosen))}", 'stage = "purchase"',
              f"match = {{ event = {_quote(chosen)} }}{why}"]  # fmt: skip
    return lines


def _find_stage(event: str) -> str:
    return next((stage for stage, words in _STAGE_WORDS if any(word in event.lower() for word in words)), STAGES[0])


def _name(event: str) -> str:
    """A name of a rule: reserved ones stand in parentheses."""
    return event.strip().strip("()") or "event"


def _align(rows: Sequence[tuple[str, object, str]]) -> list[str]:
    texts = [f"{name} = {_quote(column)}" for name, column, _ in rows]
    width = max(map(len, texts))
    return [f"{text:<{width}}   # {_plain(comment)}" for text, (_, _, comment) in zip(texts, rows, strict=True)]


def _plain(comment: str) -> str:
    """A comment on one line, whatever the names in it hold."""
    return "".join(each if each.isprintable() else " " for each in comment)


def _quote(value: object) -> str:
    """A value as TOML; a text with every odd character escaped, as JSON does."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_quote, value))}]"
    if isinstance(value, Mapping):
        pairs = (f"{key if _BARE.fullmatch(str(key)) else _quote(key)} = {_quote(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, str) and "\\" in value and value.isprintable() and "'" not in value:
        return f"'{value}'"  # backslashes of patterns as they are
    return json.dumps(value).replace("\x7f", "\\u007f")
