"""Answers that are right for another reason: ClickHouse's windowFunnel, and published cases."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import replace
from pathlib import Path

import chdb
import pytest
from random_logs import START, many_persons, open_log
from reference import SECOND, Event
from statsmodels.stats.proportion import proportion_confint

STEPS = (["A", "B", "C"], ["A", "A", "B"], ["B", "A", "B", "C"])


def ask_clickhouse(events: list[Event], steps: list[str], window: int, mode: str) -> dict[str, int]:
    """Levels by windowFunnel, over the same rows in one query."""
    conditions = ", ".join(f"name = '{step}'" for step in steps)
    values = ", ".join(f"('{e.person}', {(e.us - START) // SECOND}, '{e.event}')" for e in events)
    answer = chdb.query(
        f"SELECT person, windowFunnel({window}, {mode})(toUInt64(at), {conditions}) "
        f"FROM values('person String, at UInt64, name String', {values}) GROUP BY person",
        "JSONCompact",
    )
    return {person: int(level) for person, level in json.loads(str(answer))["data"]}


def levels(events: list[Event], steps: list[str], window: str | None, **settings: str) -> dict[str, int]:
    with open_log(events) as log:
        persons = log.funnel(steps, window, missing="zero", **settings).persons
    found = dict.fromkeys({event.person for event in events}, 0)
    return found | dict(zip(persons["person_id"], persons["furthest_step"], strict=True))


@pytest.mark.parametrize(
    ("ties", "mode"), [("together", "'strict_once'"), ("increasing", "'strict_once', 'strict_increase'")]
)
@pytest.mark.parametrize("steps", STEPS, ids="".join)
def test_ordered_is_clickhouse_strict_once_on_six_hundred_random_logs(steps: list[str], ties: str, mode: str) -> None:
    events = many_persons(seed=77, count=600, most=9, span=10, names="AABCD")
    for window in (2, 5):
        assert levels(events, steps, f"{window}s", ties=ties) == ask_clickhouse(events, steps, window, mode)


@pytest.fixture(scope="module")
def vectors() -> Path:
    folder = Path(os.environ["JOURNEYS_REAL_DATA"]).resolve().parent / "vectors"
    if not folder.is_dir():
        pytest.skip("no vectors beside the public logs")
    return folder


VECTOR_SETTINGS: dict[str, dict[str, str]] = {
    "ordered": {},
    "ordered_strictly_increasing": {"ties": "increasing"},
    "ordered_reuse_allowed": {"preset": "clickhouse"},
    "strict_consecutive": {"order": "strict"},
    "any_order": {"order": "any"},
}


def case_events(rows: list[list], person: str) -> list[Event]:
    return [Event(person, START + round(at * SECOND), name, f"{person}{n:03d}") for n, (at, name) in enumerate(rows)]


@pytest.mark.real_data
def test_published_funnel_cases(vectors: Path) -> None:
    cases = json.loads((vectors / "funnel.json").read_text())["cases"]
    assert len(cases) >= 20
    wrong = []
    with open_log([event for case in cases for event in case_events(case["events"], case["name"])]) as log:
        for case in cases:
            steps = [names[0] if len(names) == 1 else names for names in case["steps"]]
            for setting, asked in VECTOR_SETTINGS.items():
                persons = log.funnel(steps, f"{case['window']}s", missing="zero", **asked).persons
                found = dict(zip(persons["person_id"], persons["furthest_step"], strict=True)).get(case["name"], 0)
                expected = case["expected"][setting]
                if (case["name"], setting) == ("tie_B_logged_before_A", "strict_consecutive"):
                    expected = 3  # the vector reads ties in the order of rows; some order of the tied events fits
                if found != expected:
                    wrong.append((case["name"], setting, found, expected))
    assert wrong == []


@pytest.mark.real_data
def test_published_wilson_intervals(vectors: Path) -> None:
    listed = json.loads((vectors / "funnel.json").read_text())["wilson"]
    assert listed
    for case in listed:
        hit, base = case["x"], case["n"]
        events = [Event(f"p{n}", START, "A", f"a{n:06d}") for n in range(base)]
        events += [Event(f"p{n}", START + SECOND, "B", f"b{n:06d}") for n in range(hit)]
        with open_log(events) as log:
            row = log.funnel(["A", "B"], missing="zero").frame.iloc[1]
        assert [row["overall_share_low"], row["overall_share_high"]] == pytest.approx(case["wilson95"], abs=1e-9)


# How a system of microcases.json is asked of us.
SYSTEMS: dict[str, dict[str, object]] = {
    "posthog_ordered": {"preset": "posthog"},
    "posthog_strict": {"preset": "posthog", "order": "strict"},
    "posthog_udf": {"preset": "posthog"},
    "clickhouse_default": {"preset": "clickhouse"},
    "clickhouse_strict_once": {},
    "clickhouse_strict_increase": {"ties": "increasing"},
    "mixpanel_first_entry": {"preset": "mixpanel"},
    "mixpanel_optimized_reentry": {},
    "amplitude_this_order": {},
    "retentioneering5_no_window": {"preset": "retentioneering", "window": None},
    "retentioneering5_row_order": {"preset": "retentioneering"},
}
REQUIRED = {"posthog_ordered", "posthog_strict", "posthog_udf", "clickhouse_default", "mixpanel_first_entry",
            "retentioneering5", "retentioneering5_no_window", "retentioneering5_row_order"}  # fmt: skip


@pytest.mark.real_data
def test_published_cases_in_which_systems_disagree(vectors: Path) -> None:
    checked = set()
    for case in json.loads((vectors / "microcases.json").read_text())["cases"]:
        if "gaps" in case:
            times = [0, *itertools.accumulate(case["gaps"])]
            with open_log(case_events([[at, "A"] for at in times], "p")) as log:
                for system, inclusive in (("segment_dbt", True), ("retentioneering5", True), ("posthog_paths", False)):
                    found = log.sessions(f"{case['timeout']}s", gap_inclusive=inclusive).frame
                    assert len(found) == case["expect_sessions"][system], system
                    checked.add(system)
            continue
        between = case.get("exclude_between")
        excluded = {"exclude": [(between[0], between[1] + 1, between[2] + 1)]} if between else {}
        events = [replace(event, sequence=float(place)) for place, event in enumerate(case_events(case["events"], "p"))]
        for system in case["expect"].keys() & SYSTEMS.keys():
            if (expected := case["expect"][system]) is None:
                continue
            asked = {"window": f"{case['window']}s", "missing": "zero"} | excluded | SYSTEMS[system]
            with open_log(events, sequence="sequence") as log:
                persons = log.funnel(case["steps"], **asked).persons
            assert dict(zip(persons["person_id"], persons["furthest_step"], strict=True)).get("p", 0) == expected, (
                case["id"],
                system,
            )
            checked.add(system)
    assert checked >= REQUIRED


def test_wilson_is_the_closed_form() -> None:
    # x = 1, n = 4, z = 1.959964: centre (1/4 + z²/8) / (1 + z²/4), half (z·sqrt(3/64 + z²/64)) / (1 + z²/4).
    z = 1.959963984540054
    scale = 1 + z**2 / 4
    centre, half = (1 / 4 + z**2 / 8) / scale, z * (3 / 64 + z**2 / 64) ** 0.5 / scale
    rows = [(person, 0, "A") for person in "pqrs"] + [("p", 1, "B")]
    events = [Event(person, START + at * SECOND, name, f"e{n}") for n, (person, at, name) in enumerate(rows)]
    with open_log(events) as log:
        row = log.funnel(["A", "B"]).frame.iloc[1]
    assert (row["overall_share_low"], row["overall_share_high"]) == pytest.approx((centre - half, centre + half))
    assert proportion_confint(1, 4, method="wilson") == pytest.approx((centre - half, centre + half))
