"""What every verb returns: the numbers, their chart and the exact rule, in one small frozen object."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import plotly.graph_objects as go

_SHOWN_ROWS = 20


@dataclass(frozen=True)
class Result:
    """An answer with its chart.

    Attributes:
        frame: the numbers.
        definition: the exact rule in words, `as_of`, parameters and the fingerprint of the data.
        tables: further tables of the same answer, by name.
    """

    frame: pd.DataFrame
    definition: dict[str, Any]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    draw: Callable[..., go.Figure] = field(default=lambda _: go.Figure(), repr=False, compare=False)

    def figure(self, **options: Any) -> go.Figure:
        """Draw the answer as a Plotly figure; the options are those of its chart in `journeys.report.charts`."""
        return self.draw(self.frame, **options)

    def to_dict(self) -> dict[str, Any]:
        """Return `{"frame": [rows], "definition": {...}}` of plain values, ready for JSON; missing values are None."""
        return {"frame": plain_rows(self.frame), "definition": self.definition}

    def _repr_html_(self) -> str:
        table = self.frame.head(_SHOWN_ROWS).to_html(index=False, escape=True, na_rep="")
        more = len(self.frame) - _SHOWN_ROWS
        note = f"<p>and {more:,} more rows in <code>.frame</code></p>" if more > 0 else ""
        rule, as_of = html.escape(str(self.definition["rule"])), html.escape(str(self.definition["as_of"]))
        return f"{table}{note}<p><small>{rule} As of {as_of}.</small></p>"


@dataclass(frozen=True)
class FunnelResult(Result):
    """A funnel; `persons` are the people behind its numbers."""

    @property
    def persons(self) -> pd.DataFrame:
        """Everybody who met step 1 (of an open funnel any): the unit's id, `furthest_step`, `status`, `entered_at`."""
        return self.tables["persons"]


@dataclass(frozen=True)
class PathResult(Result):
    """Paths; `balance` says per position where those who reached it went."""

    @property
    def balance(self) -> pd.DataFrame:
        """Per `step_index`: `entrant_count`, `continued_count`, `converted_count`, `dropped_count`, `open_count`."""
        return self.tables["balance"]


@dataclass(frozen=True)
class EffectResult(Result):
    """Effects; `strata` are the groups of alike in which those that met a touchpoint are held against the others."""

    @property
    def strata(self) -> pd.DataFrame:
        """Per stratum of each touchpoint whose crude difference is confounded: rows and goals of both sides."""
        return self.tables["strata"]


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries of plain values: times as ISO text in UTC, missing values as None."""
    columns = {name: [plain_value(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain_value(value: Any) -> Any:
    """Return one cell as a plain JSON value."""
    if isinstance(value, pd.Timestamp):
        return None if pd.isna(value) else value.isoformat() + ("Z" if value.tzinfo is None else "")
    if isinstance(value, list):
        return [plain_value(each) for each in value]
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, bool | int | float | str):
        return value
    return value.item() if hasattr(value, "item") else str(value)
