"""Suggested touchpoint rules: conditions that match just one group of the catalogue, written as TOML to paste."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from journeys.insights.touchpoints.templates import open_template_sql, split_template, template_pattern, template_sql
from journeys.warehouse import Engine, quote_text
from journeys.warehouse.conditions import Facts, match_sql

_BARE_KEY = re.compile("[A-Za-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_NAME = 80
_TRIED_AT_ONCE = 100
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class Group:
    """One group of the catalogue.

    Attributes:
        index: its place, from 1.
        event: name of the event.
        template: address with `*`; None has no address.
        has_query: an address of it has a query.
        has_fragment: an address of it has a fragment.
        is_open: the last part of the path may be anything, for it has many siblings.
    """

    index: int
    event: str
    template: str | None
    has_query: bool
    has_fragment: bool
    is_open: bool


@dataclass(frozen=True)
class Condition:
    """Conditions of a rule: `match` by column, or `sql`; one of them is given."""

    match: dict[str, list[str]] | None = None
    sql: str = ""

    def predicate(self, facts: Facts) -> str:
        """Write it as SQL."""
        return match_sql(self.match, facts) if self.match else f"({self.sql})"

    def toml(self) -> str:
        """Write it as a line of TOML."""
        if self.match is None:
            return f"sql = {toml_text(self.sql)}"
        pairs = []
        for column, values in self.match.items():
            key = column if _BARE_KEY.fullmatch(column) else toml_text(column)
            texts = [toml_text(value) for value in values]
            pairs.append(f"{key} = {texts[0] if len(texts) == 1 else '[' + ', '.join(texts) + ']'}")
        return f"match = {{ {', '.join(pairs)} }}"


def suggest_conditions(
    engine: Engine, groups: Iterable[Group], facts: Facts, *, address: str | None, goals: str = ""
) -> dict[int, Condition]:
    """Find for each group the plainest conditions that match its events and no other that a rule does not take yet.

    Each try is proved on the different values of the log; the last is the rule of grouping itself, which always fits.

    Args:
        engine: holds `templated_values` (event, address, template, is_goal).
        groups: the groups.
        facts: the columns that rules may name.
        address: the column that holds the address; none has no addresses.
        goals: predicate of the events that are goals already, kept out where a rule would take them.

    Returns:
        Group index -> conditions.
    """
    columns = {"event": "event"} | ({address: "address"} if address else {})
    values = Facts("templated_values", columns, properties="")
    waiting = {each.index: (each, _tries(each, facts, address), _tries(each, values, address)) for each in groups}
    found: dict[int, Condition] = {}
    while waiting:
        conditions = {index: next(tries) for index, (_, tries, _) in waiting.items()}
        tests = {index: (group, next(tests).predicate(values)) for index, (group, _, tests) in waiting.items()}
        for index, (wrong_count, goal_count) in _prove(engine, tests).items():
            if wrong_count:
                continue
            condition = conditions[index]
            if goal_count and goals:
                condition = Condition(sql=f"{condition.predicate(facts)} AND NOT ({goals})")
            found[index] = condition
            del waiting[index]
    return found


def _tries(group: Group, facts: Facts, address: str | None) -> Iterator[Condition]:
    """Yield conditions from the plainest on."""
    event = f"event = {quote_text(group.event)}"
    if address is None:
        yield Condition({"event": [group.event]})
        yield Condition(sql=event)
    elif group.template is None:
        yield Condition({"event": [group.event]})
        yield Condition(sql=f"{event} AND {facts.column_sql(address)} IS NULL")
    else:
        patterns = [group.template]
        if not group.template.endswith("*"):
            patterns += [f"{group.template}{mark}*" for mark, has_it in
                         (("?", group.has_query), ("#", group.has_fragment)) if has_it]  # fmt: skip
        yield Condition({"event": [group.event], address: patterns})
        column = facts.column_sql(address)
        for any_part in (True, False):
            pattern = template_pattern(group.template, any_part=any_part, is_open=group.is_open)
            yield Condition(sql=f"{event} AND regexp_full_match({column}, {quote_text(pattern)})")
        made = template_sql(column)
        made = open_template_sql(made, column) if group.is_open else made
        yield Condition(sql=f"{event} AND {made} = {quote_text(group.template)}")


def _prove(engine: Engine, tried: dict[int, tuple[Group, str]]) -> dict[int, tuple[int, int]]:
    """Count for each try the values that it matches or misses against its group, and the goals that it takes."""
    proved: dict[int, tuple[int, int]] = {}
    listed = list(tried)
    for start in range(0, len(listed), _TRIED_AT_ONCE):
        indexes = listed[start : start + _TRIED_AT_ONCE]
        counts = []
        for group, test in (tried[index] for index in indexes):
            template = "IS NULL" if group.template is None else f"= {quote_text(group.template)}"
            is_own = f"COALESCE(event = {quote_text(group.event)} AND template {template}, FALSE)"
            counts.append(f"COUNT(CASE WHEN NOT is_goal AND COALESCE({test}, FALSE) <> {is_own} THEN 1 END)")
            counts.append(f"COUNT(CASE WHEN is_goal AND {test} THEN 1 END)")
        found = engine.rows(f"SELECT {', '.join(counts)} FROM templated_values")[0]
        proved |= {index: (found[2 * place], found[2 * place + 1]) for place, index in enumerate(indexes)}
    return proved


def name_groups(groups: Iterable[Group], taken: Iterable[str]) -> dict[int, str]:
    """Give each group a name of its own that a rule may have: the event and the path, the host where there are several.

    Args:
        groups: the groups.
        taken: names that rules have already.
    """
    listed = list(groups)
    has_hosts = len({split_template(group.template)[0] for group in listed if group.template}) > 1
    used, names = set(taken), {}
    for group in listed:
        origin, path = split_template(group.template or "")
        plain = _clean_name(f"{group.event} {origin + path if has_hosts else path}")
        name, number = plain, 1
        while name in used:
            number += 1
            name = f"{plain} {number}"
        used.add(name)
        names[group.index] = name
    return names


def _clean_name(text: str) -> str:
    """Make one line of printable text that is no reserved name."""
    name = _CONTROL.sub("?", text).strip()[:_LONGEST_NAME].strip() or "event"
    return f"event {name}" if name.startswith("(") and name.endswith(")") else name


def rule_toml(name: str, condition: Condition) -> str:
    """Write a `[[touchpoint]]`, ready to paste at the end of `journeys.toml`."""
    return f"[[touchpoint]]\nname = {toml_text(name)}\n{condition.toml()}\n"


def toml_text(text: str) -> str:
    r"""Write a text as a TOML string that the configuration reads as it is, `${` included.

    >>> print(toml_text('say "${HOME}"'))
    "say \"$${HOME}\""
    """
    escaped = "".join(
        _ESCAPES.get(letter) or (f"\\u{ord(letter):04x}" if _CONTROL.match(letter) else letter) for letter in text
    )
    return '"' + escaped.replace("${", "$${") + '"'
