"""What the verbs about touchpoints return: promised columns, also of an empty answer."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import pytest

import journeys as jn

ROWS = [
    ("ann", "2026-03-02 10:00", "view", "web"),
    ("ann", "2026-03-02 10:05", "cart", "web"),
    ("ann", "2026-03-02 10:10", "buy", "web"),
    ("bob", "2026-03-02 10:00", "view", None),
    ("bob", "2026-03-02 12:00", "view", "mail"),
]
STAGES = {"look": "view", "choose": "cart"}
VERBS: dict[str, Callable[..., jn.Result]] = {
    "catalogue": lambda log, **more: log.catalogue(**more),
    "dropoff": lambda log, **more: log.dropoff("buy", **more),
    "exits": lambda log, **more: log.exits(**more),
    "stages": lambda log, **more: log.stages("buy", stages=STAGES, **more),
    "touches": lambda log, **more: log.touches("buy", stages=STAGES, **more),
    "visits": lambda log, **more: log.visits("buy", **more),
    "touchpoints": lambda log, **more: log.touchpoints("buy", by="via", **more),
}
COLUMNS = {
    "catalogue": "event address event_count share cumulative_share person_count first_seen_at last_seen_at example "
    "touchpoint rule",
    "dropoff": "touchpoint stage person_count open_count resolved_count dropped_count dropped_share dropped_share_low "
    "dropped_share_high open_share open_share_low open_share_high converted_count participation_share "
    "participation_share_low participation_share_high is_too_few",
    "exits": "touchpoint stage session_count view_count exit_count exit_share exit_share_low exit_share_high "
    "exit_view_share exit_view_share_low exit_view_share_high landing_count bounce_count bounce_share bounce_share_low "
    "bounce_share_high is_exit_too_few is_bounce_too_few",
    "stages": "stage_index stage person_count open_count mature_count converted_count progressed_count abandoned_count "
    "abandoned_share abandoned_share_low abandoned_share_high is_too_few",
    "touches": "stage_index stage population person_count touch_count mean_touches mean_touches_low mean_touches_high "
    "expected_from expected_low expected_high fewer_count within_count more_count p_value q_value verdict is_too_few",
    "visits": "first_channel person_count mean_visits mean_visits_low mean_visits_high visits_p25 visits_median "
    "visits_p75 single_visit_count single_visit_share single_visit_share_low single_visit_share_high is_too_few",
    "touchpoints": "via touchpoint channel stage person_count reach_share exit_count dropped_count open_count "
    "converted_count conversion_share conversion_share_low conversion_share_high baseline_share lift is_too_few",
}


@pytest.fixture(scope="module")
def log() -> jn.Journeys:
    frame = pd.DataFrame(ROWS, columns=["who", "at", "what", "via"])
    return jn.from_events(frame, person="who", occurred_at="at", event="what")


@pytest.mark.parametrize("more", [{}, {"as_of": "2020-01-01"}], ids=["full", "empty"])
@pytest.mark.parametrize("verb", VERBS)
def test_an_answer_has_its_promised_columns(log: jn.Journeys, verb: str, more: dict[str, str]) -> None:
    answer = VERBS[verb](log, **more)
    assert list(answer.frame.columns) == COLUMNS[verb].split()
    per_stage = verb in ("stages", "touches")
    assert (len(answer.frame) == (2 if per_stage else 0)) or not more
    assert isinstance(answer.figure(), go.Figure)
    assert len(answer.definition["rule"]) > 40
    json.dumps(answer.to_dict(), allow_nan=False)
    assert "<table" in answer._repr_html_()


def test_without_by_the_table_keeps_its_columns(log: jn.Journeys) -> None:
    plain = log.touchpoints("buy")
    assert list(plain.frame.columns) == COLUMNS["touchpoints"].split()[1:-1]
    assert "by" not in plain.definition["parameters"]
