"""Charts of one person in a funnel and of other systems' counts: what is drawn, and what hostile names become."""

from __future__ import annotations

import pandas as pd

from journeys.report.charts import explanation_figure, presets_figure

HOSTILE = "<b onmouseover=alert(1)>%{x}"


def explanation(rows: list[tuple]) -> pd.DataFrame:
    columns = ["occurred_at", "event", "step_index", "step_name", "is_chosen", "reason"]
    return pd.DataFrame(rows, columns=columns).astype({"occurred_at": "datetime64[us]"})


def test_chosen_events_are_joined_and_refused_ones_say_why() -> None:
    figure = explanation_figure(
        explanation(
            [
                ("2026-03-01 10:00", "view", 1, "view", True, ""),
                ("2026-03-01 10:01", "cart", 2, "cart", True, ""),
                ("2026-03-01 10:02", "cart", 2, "cart", False, "a chain through it completes later"),
            ]
        )
    )
    refused, chosen = figure.data
    assert (len(chosen.x), chosen.mode) == (2, "lines+markers")
    assert (len(refused.x), refused.mode) == (1, "markers")
    assert refused.customdata[0][2] == "a chain through it completes later"
    assert list(figure.layout.yaxis.ticktext) == ["1. view", "2. cart"]


def test_bars_are_as_long_as_the_people_a_rule_moves() -> None:
    rows = [("mixpanel", "p1", "which entries open a window"), ("mixpanel", "p2", "which entries open a window"),
            ("ga4", "p1", "the window")]  # fmt: skip
    (bars,) = presets_figure(pd.DataFrame(rows, columns=["preset", "person_id", "decided_by"])).data
    assert sorted(zip((cell[0] for cell in bars.customdata), bars.x, strict=True)) == [
        ("ga4: the window", 1), ("mixpanel: which entries open a window", 2)]  # fmt: skip


def test_hostile_names_are_shown_and_nothing_to_draw_is_said() -> None:
    figure = explanation_figure(explanation([("2026-03-01 10:00", HOSTILE, 1, HOSTILE, False, HOSTILE)]))
    text = figure.to_json()
    assert "<b onmouseover" not in text.replace("\\u003c", "<")
    assert explanation_figure(explanation([])).layout.annotations[0].text == "no event matches a step"
    empty = pd.DataFrame({"preset": [], "decided_by": []})
    assert presets_figure(empty).layout.annotations[0].text == "every preset counts the same people"
