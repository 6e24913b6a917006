"""What every verb returns and what it refuses, and conditions on columns."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import timedelta

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import journeys as jn

ROWS = [
    ("ann", "2026-03-02 10:00", "view", "web"),
    ("ann", "2026-03-02 10:05", "cart", "web"),
    ("ann", "2026-03-02 10:10", "buy", "web"),
    ("bob", "2026-03-02 10:00", "view", "mail"),
    ("bob", "2026-03-02 12:00", "view", "mail"),
]


@pytest.fixture(scope="module")
def log() -> jn.Journeys:
    frame = pd.DataFrame(ROWS, columns=["who", "at", "what", "via"])
    return jn.from_events(frame, person="who", occurred_at="at", event="what", channel="via")


VERBS: dict[str, Callable[[jn.Journeys], jn.Result]] = {
    "sessions": lambda log: log.sessions(),
    "funnel": lambda log: log.funnel(["view", "buy"], window="1h"),
    "transitions": lambda log: log.transitions(),
    "paths": lambda log: log.paths(goal="buy"),
    "touchpoints": lambda log: log.touchpoints(goal="buy"),
    "variants": lambda log: log.variants(goal="buy"),
    "loops": lambda log: log.loops(),
    "rework": lambda log: log.rework(),
    "step_matrix": lambda log: log.step_matrix(depth=10),
}
COLUMNS = {
    "sessions": "session_id person_id started_at ended_at event_count duration_seconds split_reason",
    "funnel": "step_index step_name reached_count dropped_count open_count mature_count step_share overall_share "
    "overall_share_low overall_share_high median_seconds_from_first",
    "transitions": "from_step to_step transition_count person_count share median_seconds",
    "paths": "step_index from_step to_step count share",
    "touchpoints": "touchpoint channel stage person_count reach_share exit_count dropped_count open_count "
    "converted_count conversion_share conversion_share_low conversion_share_high baseline_share lift",
    "variants": "path count share cumulative_share converted_count",
    "loops": "step repeat_count return_count person_count share",
    "rework": "step met_count rework_count share share_low share_high visit_count repeat_count return_count "
    "mean_extra_visits expected_extra_visits is_too_few",
    "step_matrix": "step 1 2 3 4 5 6 7 8 9 10",
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_result_has_its_promised_parts(log: jn.Journeys, verb: str) -> None:
    answer = VERBS[verb](log)
    assert list(answer.frame.columns) == COLUMNS[verb].split()
    assert isinstance(answer.figure(), go.Figure)
    assert answer.definition["as_of"] == "2026-03-02T12:00:00Z"
    assert len(answer.definition["rule"]) > 40
    assert answer.definition["data_fingerprint"]
    assert isinstance(answer.definition["parameters"], dict)
    document = answer.to_dict()
    assert set(document) == {"frame", "definition"}
    assert len(document["frame"]) == len(answer.frame)
    json.dumps(document, allow_nan=False)
    assert "<table" in answer._repr_html_()
    with pytest.raises(FrozenInstanceError):
        answer.frame = None  # type: ignore[misc]


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_answer_has_all_parts_too(log: jn.Journeys, verb: str) -> None:
    early = {"as_of": "2020-01-01"}
    calls = {"funnel": lambda: log.funnel(["view"], **early), "touchpoints": lambda: log.touchpoints("buy", **early)}
    answer = calls.get(verb, lambda: getattr(log, verb)(**early))()
    assert list(answer.frame.columns) == COLUMNS[verb].split()
    assert len(answer.frame) == (1 if verb == "funnel" else 0)
    assert isinstance(answer.figure(), go.Figure)
    json.dumps(answer.to_dict(), allow_nan=False)
    answer._repr_html_()


def test_counts_are_whole_numbers_even_of_nobody(log: jn.Journeys) -> None:
    for answer in (log.funnel(["view"], as_of="2020-01-01"), log.touchpoints("buy"), log.paths(), log.transitions(),
                   log.variants(as_of="2020-01-01"), log.variants(top=1), log.loops(as_of="2020-01-01")):  # fmt: skip
        for name in answer.frame.columns:
            if name.endswith("count"):
                assert answer.frame[name].dtype == "int64", name


def test_the_fingerprint_follows_the_data() -> None:
    def fingerprint(rows: list[tuple]) -> str:
        frame = pd.DataFrame(rows, columns=["who", "at", "what", "via"])
        log = jn.from_events(frame, person="who", occurred_at="at", event="what")
        return log.sessions().definition["data_fingerprint"]

    assert fingerprint(ROWS) == fingerprint(ROWS[::-1])
    assert fingerprint(ROWS) != fingerprint(ROWS[:-1])
    assert fingerprint(ROWS) != fingerprint([*ROWS[:-1], ("bob", "2026-03-02 12:00", "cart", "mail")])


def test_campaigns_of_a_log_in_memory_are_refused_and_never_ignored(log: jn.Journeys) -> None:
    with pytest.raises(jn.CallError):
        log.sessions(campaign=True)


WRONG = {
    "exclude places": lambda log: log.funnel(["view", "buy"], exclude=[("cart", 2, 2)]),
    "exclude text": lambda log: log.funnel(["view", "buy"], exclude="cart"),
    "exclude unknown": lambda log: log.funnel(["view", "buy"], exclude=[("crat", 1, 2)]),
    "hold": lambda log: log.funnel(["view", "buy"], hold="order_id"),
    "by": lambda log: log.funnel(["view", "buy"], by="nothing"),
    "by_at": lambda log: log.funnel(["view", "buy"], by="via", by_at=3),
    "by_at flag": lambda log: log.funnel(["view", "buy"], by="via", by_at=True),
    "preset": lambda log: log.funnel(["view", "buy"], preset="excel"),
    "preset order": lambda log: log.funnel(["view", "buy"], preset="clickhouse", order="strict"),
    "optional first": lambda log: log.funnel([jn.step("view", optional=True), "buy"]),
    "optional any": lambda log: log.funnel(["view", jn.step("cart", optional=True)], order="any"),
    "optional within each": lambda log: log.funnel(
        ["view", jn.step("cart", optional=True, within="1h"), "buy"], entry="each"
    ),
    "within": lambda log: log.funnel(["view", jn.step("buy", within="soon")]),
    "window of ages": lambda log: log.funnel(["view"], "1000000000d", entry="each"),
    "within of ages": lambda log: log.funnel(["view", jn.step("buy", within="1000000000d")]),
    "every list": lambda log: log.funnel_trend(["view"], every=[]),
    "against list": lambda log: log.compare_groups(["view"], by="via", against=[]),
    "trend by": lambda log: log.funnel_trend(["view"], by="via"),
    "among none": lambda log: log.effects("buy", among=None),
    "among twice": lambda log: log.effects("buy", among=[jn.step("view", name="z"), jn.step("cart", name="z")]),
    "adjust bytes": lambda log: log.effects("buy", adjust_for=b"via"),
    "adjust place": lambda log: log.effects("buy", adjust_for=["place"]),
    "too many steps": lambda log: log.funnel(["view"] * 40),
    "explain unknown": lambda log: log.explain("nobody", ["view"]),
    "explain setting": lambda log: log.explain("ann", ["view"], windwo="1h"),
    "compare attempts": lambda log: log.compare_presets(["view"], entry="each"),
    "steps none": lambda log: log.funnel(None),
    "steps number": lambda log: log.funnel(5),
    "steps text": lambda log: log.funnel("view"),
    "steps empty": lambda log: log.funnel([]),
    "step none": lambda log: log.funnel([None]),
    "step number": lambda log: log.funnel([3]),
    "step empty list": lambda log: log.funnel([[]]),
    "step empty dictionary": lambda log: log.funnel([{}]),
    "unknown name": lambda log: log.funnel(["veiw"]),
    "unknown name in a list": lambda log: log.funnel([["view", "veiw"]]),
    "unknown goal": lambda log: log.touchpoints("veiw"),
    "unknown start": lambda log: log.paths(start="veiw"),
    "unknown column": lambda log: log.funnel([{"wat": "view"}]),
    "condition object": lambda log: log.funnel([{"what": object()}]),
    "window without unit": lambda log: log.funnel(["view"], "7"),
    "window number": lambda log: log.funnel(["view"], 7),
    "window zero": lambda log: log.funnel(["view"], "0d"),
    "window negative": lambda log: log.funnel(["view"], timedelta(days=-1)),
    "order": lambda log: log.funnel(["view"], order="sorted"),
    "ties": lambda log: log.funnel(["view"], ties="apart"),
    "entry": lambda log: log.funnel(["view"], entry="last"),
    "missing": lambda log: log.funnel(["view"], missing="ignore"),
    "unit": lambda log: log.funnel(["view"], unit="device"),
    "unit of transitions": lambda log: log.transitions("device"),
    "account without accounts": lambda log: log.funnel(["view"], unit="account"),
    "as_of": lambda log: log.sessions(as_of="yesterday"),
    "as_of NaT": lambda log: log.sessions(as_of=pd.NaT),
    "timeout": lambda log: log.sessions("30"),
    "timeout zero": lambda log: log.sessions("0m"),
    "max_length": lambda log: log.sessions(max_length="long"),
    "midnight text": lambda log: log.sessions(midnight="yes"),
    "collapse text": lambda log: log.transitions(collapse="no"),
    "depth zero": lambda log: log.paths(depth=0),
    "depth none": lambda log: log.paths(depth=None),
    "depth half": lambda log: log.paths(depth=1.5),
    "top zero": lambda log: log.paths(top=0),
    "inactive zero": lambda log: log.paths(inactive_days=0),
    "inactive NaN": lambda log: log.paths(inactive_days=math.nan),
    "inactive endless": lambda log: log.touchpoints("buy", inactive_days=math.inf),
    "no goal": lambda log: log.touchpoints(),
    "table": lambda log: log.table("nothing"),
}


@pytest.mark.parametrize("call", WRONG)
def test_a_wrong_call_is_a_call_error_that_says_what_was_found(log: jn.Journeys, call: str) -> None:
    with pytest.raises(jn.CallError) as caught:
        WRONG[call](log)
    assert isinstance(caught.value, jn.JourneysError)
    assert caught.value.exit_code == 2
    assert caught.value.found or caught.value.allowed
    assert caught.value.code in str(caught.value)


def test_an_unknown_name_is_answered_with_the_nearest_and_can_be_zero(log: jn.Journeys) -> None:
    with pytest.raises(jn.CallError, match="view"):
        log.funnel(["veiw"])
    assert list(log.funnel(["view", "veiw"], missing="zero").frame["reached_count"]) == [2, 0]


def test_durations_may_be_timedeltas(log: jn.Journeys) -> None:
    hour = timedelta(hours=1)
    assert log.funnel(["view", "buy"], hour).frame.equals(log.funnel(["view", "buy"], "60m").frame)
    assert log.sessions(hour).frame.equals(log.sessions("1h").frame)


def test_a_step_is_named(log: jn.Journeys) -> None:
    steps = [jn.step(["view", "cart"], name="Look"), {"what": "buy"}]
    assert list(log.funnel(steps).frame["step_name"]) == ["Look", "what = buy"]
    assert list(log.funnel(["view", "view"]).frame["reached_count"]) == [2, 1]


def test_a_closed_log_is_closed() -> None:
    frame = pd.DataFrame(ROWS, columns=["who", "at", "what", "via"])
    with jn.from_events(frame, person="who", occurred_at="at", event="what") as log:
        log.sessions()
    with pytest.raises(jn.JourneysError):
        log.sessions()


FACTS = pd.DataFrame(
    {
        "who": list("abcdef"),
        "at": ["2026-03-02"] * 6,
        "what": ["A"] * 6,
        "price": [10, 10.0, None, 3, 0, -1],
        "url": ["/x/1", "/y/x/2", "http://h/x/3?q=%", "/X/", "a_x", "50%"],
        "flag": [True, False, None, True, False, True],
        "text": ["10", "10.0", "", "None", "true", "[a]"],
    }
)
CONDITIONS: list[tuple[dict[str, object], str]] = [
    ({"price": 10}, "ab"),
    ({"price": 10.0}, "ab"),
    ({"price": [10, 3]}, "abd"),
    ({"price": (3,)}, "d"),
    ({"price": 0}, "e"),
    ({"price": None}, "c"),
    ({"price": [None, 3]}, "cd"),
    ({"price": np.float64(3)}, "d"),
    ({"price": np.int64(-1)}, "f"),
    ({"price": math.nan}, "c"),
    ({"price": 10**30}, ""),
    ({"url": "*/x/*"}, "abc"),
    ({"url": "/X/"}, "d"),
    ({"url": "a_x"}, "e"),
    ({"url": "a?x"}, ""),
    ({"url": "*%*"}, "cf"),
    ({"url": ["*/x/*", "50%"]}, "abcf"),
    ({"url": "*"}, "abcdef"),
    ({"url": "_*"}, ""),
    ({"flag": True}, "adf"),
    ({"flag": False}, "be"),
    ({"flag": None}, "c"),
    ({"flag": [True, None]}, "acdf"),
    ({"text": "10"}, "a"),
    ({"text": ""}, "c"),
    ({"text": "[*"}, "f"),
    ({"text": "None"}, "d"),
    ({"text": None}, ""),
    ({"what": "A", "price": 10, "flag": True}, "a"),
    ({"who": ["a", "f"]}, "af"),
]


@pytest.fixture(scope="module")
def facts() -> jn.Journeys:
    return jn.from_events(FACTS, person="who", occurred_at="at", event="what")


@pytest.mark.parametrize(("condition", "persons"), CONDITIONS, ids=str)
def test_conditions(facts: jn.Journeys, condition: dict[str, object], persons: str) -> None:
    assert "".join(facts.funnel([condition], missing="zero").persons["person_id"]) == persons


def test_a_number_condition_does_not_care_whether_it_is_text_here_or_there(facts: jn.Journeys) -> None:
    assert "".join(facts.funnel([{"text": 10}]).persons["person_id"]) == "ab"
