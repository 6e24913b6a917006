"""The table `funnel_steps`: the configured funnels under each other, closed and open ones in the same columns."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from journeys.insights.answer import Answer
from journeys.insights.funnels.open_entry import OPEN_COLUMNS
from journeys.report.charts.funnel import OPEN_FUNNEL_COLUMNS
from journeys.warehouse import Engine

_TABLE = "funnel_steps"


def write_funnel_steps(engine: Engine, funnels: Mapping[str, Answer]) -> None:
    """Keep funnels by name; `entered_count`, `continued_count` and `mature_entrant_count` are null in closed ones.

    Without a funnel the table has no other column than `funnel`.
    """
    frames = [
        answer.frame.reindex(columns=OPEN_COLUMNS)
        .astype(dict.fromkeys(OPEN_FUNNEL_COLUMNS, "Int64"))
        .assign(
            funnel=name, is_optional=answer.frame["step_name"].isin(answer.definition["parameters"].get("optional", []))
        )
        for name, answer in funnels.items()
    ]
    engine.load(_TABLE, pd.concat(frames) if frames else pd.DataFrame({"funnel": pd.Series(dtype="str")}))


def read_funnel_steps(engine: Engine, name: str) -> pd.DataFrame:
    """Read one funnel of a published snapshot, in the columns of its answer."""
    frame = engine.frame(
        f"SELECT * EXCLUDE (funnel, is_optional) FROM {_TABLE} WHERE funnel = $name ORDER BY step_index", {"name": name}
    )
    unused = [column for column in OPEN_FUNNEL_COLUMNS if column in frame and frame[column].isna().all()]
    return frame.drop(columns=unused)
