"""Frames turned into the rows the page's template prints; counting and rounding only, no markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from journeys.report.charts.flow import OTHER, Look, Node, lay_out
from journeys.report.charts.touchpoints import clean_stage, is_few
from journeys.report.content import ReportContent
from journeys.report.formats import (
    NOTHING,
    count_text,
    factor_text,
    interval_text,
    number,
    read_rows,
    value_text,
    whole,
)  # fmt: skip
from journeys.report.labels import clean_text, shorten

_TOP_NAMES = 3


@dataclass(frozen=True)
class Card:
    """A key figure in words: what it is, how much, of how many, between which limits, and its definition."""

    label: str
    value: str
    currency: str
    base: str
    interval: str
    definition: str


@dataclass(frozen=True)
class Step:
    """One column of the Sankey in words."""

    step_index: int
    count: int
    named_count: int
    top: tuple[tuple[str, int, float], ...]


@dataclass(frozen=True)
class QualityRow:
    """One source's rows; `adds_up` is read = accepted + duplicate + rejected."""

    source: str
    read_count: int
    accepted_count: int
    duplicate_count: int
    rejected_count: int

    @property
    def adds_up(self) -> bool:
        """Every row read is accounted for."""
        return self.read_count == self.accepted_count + self.duplicate_count + self.rejected_count

    @property
    def rejected_share(self) -> float | None:
        """Of the rows read."""
        return self.rejected_count / self.read_count if self.read_count else None


def view_cards(content: ReportContent) -> list[Card]:
    """Write the key figures."""
    cards = []
    for row in read_rows(content.key_figures):
        unit = str(row["unit"])
        count, base = number(row["count"]), number(row["base"])
        if base is not None:
            base_words = f"{count_text(count)} of {count_text(base)}"
        elif count is not None and (unit != "count" or count != number(row["value"])):
            base_words = f"from {count_text(count)}"
        else:
            base_words = ""
        cards.append(
            Card(
                label=clean_text(row["label"]),
                value=value_text(row["value"], unit),
                currency=shorten(clean_text(content.currency), 12) if unit == "money" else "",
                base=base_words,
                interval=interval_text(row["low"], row["high"], unit, content.currency),
                definition=_words(row["definition"]),
            )
        )
    return cards


def view_steps(links: pd.DataFrame) -> list[Step]:
    """Count each step of the Sankey and name its commonest touchpoints; ends are no step."""
    if links.empty:
        return []
    flow = lay_out(links, Look())
    steps = []
    for step_index in flow.step_indexes:
        nodes = [node for node in flow.nodes if node.step_index == step_index and not node.is_end]
        if not nodes:
            continue
        total = sum(node.count for node in nodes)
        named = sorted((node for node in nodes if node.name != OTHER), key=_commonest_first)
        top = tuple((node.name, node.count, node.count / total) for node in named[:_TOP_NAMES])
        steps.append(Step(step_index, total, sum(node.count for node in named), top))
    return steps


def view_touchpoints(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Add to each touchpoint how it stands against the baseline: 'above', 'below', 'alike', 'few' or ''."""
    rows = []
    for row in read_rows(frame):
        count = whole(row["person_count"])
        exits = whole(row["exit_count"])
        rows.append(
            row
            | {
                "stage": clean_stage(row["stage"]),
                "channel": clean_stage(row["channel"]),
                "standing": _standing(row),
                "lift_text": factor_text(row["lift"]),
                "exit_share": exits / count if count else None,
                "sort": {name: _sort_value(row[name]) for name in ("conversion_share", "lift")},
            }
        )
    rows.sort(key=lambda row: (-whole(row["person_count"]), str(row["touchpoint"])))
    return rows


def view_quality(frame: pd.DataFrame) -> list[QualityRow]:
    """Read the counts of each source, and of all together when there are several."""
    names = ("read_count", "accepted_count", "duplicate_count", "rejected_count")
    rows = [QualityRow(str(row["source"]), *(whole(row[name]) for name in names)) for row in read_rows(frame)]
    if len(rows) > 1:
        rows.append(QualityRow("all sources", *(sum(getattr(row, name) for row in rows) for name in names)))
    return rows


def view_definition(definition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Flatten a definition to (name, text); nested names are joined by a dot."""
    lines: list[tuple[str, str]] = []
    for key, value in definition.items():
        if isinstance(value, Mapping):
            lines.extend((f"{key}.{inner}", text) for inner, text in view_definition(value))
        elif isinstance(value, (list, tuple, set, frozenset)):
            parts = sorted(map(_words, value)) if isinstance(value, (set, frozenset)) else list(map(_words, value))
            lines.append((str(key), ", ".join(parts) or NOTHING))
        else:
            lines.append((str(key), _words(value) or NOTHING))
    return lines


def _commonest_first(node: Node) -> tuple[int, str]:
    return -node.count, node.name


def _standing(row: dict[str, Any]) -> str:
    if is_few(row):
        return "few"
    low, high, baseline = (
        number(row[name]) for name in ("conversion_share_low", "conversion_share_high", "baseline_share")
    )
    if low is None or high is None or baseline is None:
        return ""
    if low > baseline:
        return "above"
    return "below" if high < baseline else "alike"


def _sort_value(value: Any) -> str:
    as_number = number(value)
    return "" if as_number is None else repr(as_number)


def _words(value: Any) -> str:
    """Write a single value of a definition; a missing one is empty."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clean_text(value)
