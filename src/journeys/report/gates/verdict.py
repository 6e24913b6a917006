"""What a gate found, and the table `gate_verdicts` that keeps it for readers of the snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import pandas as pd

from journeys.warehouse import Engine, quote_name

VERDICTS_TABLE = "gate_verdicts"
STATUSES = ("blocked", "warned", "not judged", "passed")
_NUMBERS = ("value", "limit", "count", "base")


@dataclass(frozen=True)
class Verdict:
    """One gate's judgement of one source, column or equality.

    Attributes:
        gate: freshness, volume, duplicates, nulls, unmatched, merges or reconciliation.
        source: the source judged; '' where the night as a whole is.
        subject: what of it: a column, a weekday, an equality; '' where there is only one.
        status: passed, warned, blocked, or not judged where there is too little to compare with.
        value: what is held against the limit; None where nothing could be counted.
        limit: what the value may be at most (of too small a volume: at least).
        count: rows, events or persons behind the value.
        base: of how many; for volume, the usual number.
        text: one plain sentence for the operator.
        is_accepted: it would have blocked, and the operator let it pass for this run.
    """

    gate: str
    source: str
    subject: str
    status: str
    value: float | None
    limit: float | None
    count: int | None
    base: float | None
    text: str
    is_accepted: bool = False

    @property
    def place(self) -> str:
        """What was judged, in few words."""
        return " ".join(part for part in (self.gate, self.source, self.subject) if part)

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain values, ready for JSON."""
        return asdict(self)


def accept(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Let blocking verdicts pass as warnings that say so."""
    return tuple(
        replace(each, status="warned", is_accepted=True, text=f"{each.text} Let pass by --accept-gates.")
        if each.status == "blocked"
        else each
        for each in verdicts
    )


def store_verdicts(engine: Engine, verdicts: Sequence[Verdict]) -> None:
    """Write `gate_verdicts`, a row per verdict in the columns of `Verdict`."""
    frame = pd.DataFrame([each.to_dict() for each in verdicts], columns=[field.name for field in fields(Verdict)])
    types: dict[str, Any] = {name: "float64" if name in _NUMBERS else "str" for name in frame.columns}
    engine.load(VERDICTS_TABLE, frame.astype({**types, "is_accepted": "bool"}))


def read_verdicts(engine: Engine) -> pd.DataFrame:
    """Read `gate_verdicts`, the worst first; without rows where the snapshot is older than the gates."""
    names = [field.name for field in fields(Verdict)]
    known = engine.value(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = $name", {"name": VERDICTS_TABLE}
    )
    if not known:
        return pd.DataFrame(columns=names)
    order = " ".join(f"WHEN '{status}' THEN {place}" for place, status in enumerate(STATUSES))
    columns = ", ".join(map(quote_name, names))
    return engine.frame(
        f"SELECT {columns} FROM {VERDICTS_TABLE} ORDER BY CASE status {order} END, gate, source, subject"
    )


def warned_texts(engine: Engine) -> tuple[str, ...]:
    """Return the sentences of the gates that warned."""
    frame = read_verdicts(engine)
    return tuple(f"Gate {row.gate}: {row.text}" for row in frame[frame["status"] == "warned"].itertuples())
