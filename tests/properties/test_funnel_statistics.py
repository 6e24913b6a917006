"""Over random logs with ties: the parts of a funnel's statistics sum to the funnel, and row order is immaterial."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from random_logs import COLUMNS, draw_event
from reference import Event, to_frame

import journeys as jn

HOUR = 3_600
STEPS = ["A", "B", "C"]
COUNTS = ["entrant_count", "converted_count", "dropped_count", "open_count", "mature_count"]


def draw_log(seed: int, count: int = 120) -> list[Event]:
    """Persons who come over ten days, with ties and several entries."""
    source = random.Random(seed)
    rows = []
    for person in range(count):
        first = source.randrange(0, 240)
        rows += [
            (f"p{person:04d}", (first + source.randrange(0, 30)) * HOUR, source.choice("AABBCX"), source.choice("klm"))
            for _ in range(source.randint(1, 7))
        ]
    source.shuffle(rows)
    return [draw_event(number, *row[:3], channel=row[3]) for number, row in enumerate(rows)]


def read(frame: pd.DataFrame) -> jn.Journeys:
    return jn.from_events(frame.drop(columns="person").assign(person=frame["person"]), **COLUMNS, channel="channel")


def totals(answer: jn.FunnelResult) -> list[int]:
    """Entrants, converted, dropped, open and mature of a whole funnel."""
    frame = answer.frame
    return [
        frame["reached_count"].iloc[0], frame["reached_count"].iloc[-1], frame["dropped_count"].sum(),
        frame["open_count"].sum(), frame["mature_count"].iloc[0],
    ]  # fmt: skip


@pytest.mark.parametrize("entry", ["first", "best", "each"])
@pytest.mark.parametrize("window", ["18h", None])
def test_parts_sum_to_the_funnel(entry: str, window: str | None) -> None:
    log = read(to_frame(draw_log(1)))
    funnel = log.funnel(STEPS, window, entry=entry)
    for every in ("day", "month"):
        trend = log.funnel_trend(STEPS, window, every=every, entry=entry).frame
        assert trend[COUNTS].sum().tolist() == totals(funnel)
        parts = trend["converted_count"] + trend["dropped_count"] + trend["open_count"]
        assert parts.equals(trend["entrant_count"])
        assert trend["mature_converted_count"].sum() == funnel.frame["mature_count"].iloc[-1]
    groups = log.compare_groups(STEPS, window, by="channel", entry=entry).frame
    mature = funnel.frame["mature_count"].iloc[[0, -1]].tolist()
    assert groups[["mature_count", "converted_count"]].sum().tolist() == mature
    assert (groups["mature_count"] + groups["other_count"]).eq(mature[0]).all()
    times = log.funnel_times(STEPS, window, entry=entry).frame
    for name in ("reached_count", "mature_count", "overall_share", "overall_share_low", "overall_share_high"):
        assert times[name].tolist() == funnel.frame[name].iloc[1:].tolist()
    whole = log.separators(STEPS, window, entry=entry, columns=["channel"])
    values = whole.frame[whole.frame["kind"] == "column"]
    assert values[["entrant_count", "converted_count"]].sum().tolist() == mature


@pytest.mark.parametrize("seed", [2, 3])
def test_when_all_have_been_watched_the_curve_ends_at_the_funnels_share(seed: int) -> None:
    log = read(to_frame(draw_log(seed)))
    frame = log.funnel_times(STEPS, "18h", as_of="2026-12-01").frame
    assert frame["survival_share"].tolist() == pytest.approx(frame["overall_share"].tolist(), abs=1e-12)
    assert (frame["mature_entrant_count"] == frame["entrant_count"]).all()


@pytest.mark.parametrize("entry", ["first", "best", "each"])
def test_a_change_is_its_parts(entry: str) -> None:
    log = read(to_frame(draw_log(4)))
    periods = {"before": "2026-03-01..2026-03-05", "after": "2026-03-05..2026-03-10"}
    answer = log.funnel_change(STEPS, "18h", by="channel", entry=entry, **periods)
    total = answer.tables["total"].iloc[0]
    assert answer.frame["contribution"].sum() == pytest.approx(total["after_share"] - total["before_share"], abs=1e-12)
    compared = log.compare_groups(STEPS, "18h", entry=entry, **periods).frame.set_index("period")
    for name in ("before", "after"):
        row = compared.loc[periods[name]]
        assert (row["mature_count"], row["converted_count"]) == (
            total[f"{name}_count"], total[f"{name}_converted_count"])  # fmt: skip


def test_row_order_is_immaterial() -> None:
    frame = to_frame(draw_log(5))
    logs = read(frame), read(frame.sample(frac=1, random_state=np.random.RandomState(7)))
    periods = {"before": "2026-03-01..2026-03-05", "after": "2026-03-05..2026-03-10"}
    for ask in (
        lambda log: log.funnel_times(STEPS, "18h", competing=["X", "(dropped)"], inactive_days=0.5),
        lambda log: log.funnel_trend(STEPS, "18h", every="day"),
        lambda log: log.compare_groups(STEPS, "18h", by="channel"),
        lambda log: log.separators(STEPS, "18h", columns=["channel"], columns_at="first"),
        lambda log: log.funnel_change(STEPS, "18h", by="channel", **periods),
    ):
        pd.testing.assert_frame_equal(*(ask(log).frame for log in logs), check_exact=True)
