"""The main figures under each rule of identity, on one tablet of two people, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import journeys as jn
from journeys.api import Journeys
from journeys.insights.statistics.intervals import wilson_interval
from journeys.report.charts.sensitivity import sensitivity_figure
from journeys.sample import CompanyParameters, write_company

CONFIG = """
[project]
name = "World"
[[source]]
name = "web"
kind = "file"
path = "web.csv"
[source.columns]
event_id = "id"
occurred_at = "at"
device_id = "device"
user_id = "user"
event = "event"
[[touchpoint]]
name = "Look"
match = { event = "look" }
[[goal]]
name = "bought"
match = { event = "buy" }
"""
FUNNEL = """
[[funnel]]
name = "shop"
steps = ["Look", "bought"]
window = "1h"
"""
# A tablet that Anna and Bob log in to, and Carol's own device.
EVENTS = """id,at,device,user,event
1,2026-03-01T10:00:00Z,T,,look
2,2026-03-01T10:05:00Z,T,anna,look
3,2026-03-01T10:10:00Z,T,,buy
4,2026-03-01T10:15:00Z,T,bob,look
5,2026-03-01T12:00:00Z,T,,look
6,2026-03-01T10:30:00Z,D,carol,look
7,2026-03-01T10:40:00Z,D,,buy
"""
# Whose events 1 to 7 are under each rule (T and D: of the device alone), and what follows:
# device_split  anna anna anna bob  T    carol carol   last_known  bob  bob  bob  bob bob  carol carol
# first_known   anna anna anna bob  anna carol carol   none        T    anna T    bob T    carol D
COUNTS = {  # persons, known ones, sessions, journeys, persons with a journey, persons who bought
    "device_split": (4, 3, 4, 4, 4, 2),
    "last_known": (2, 2, 3, 3, 2, 2),
    "first_known": (3, 3, 4, 4, 3, 2),
    "none": (5, 3, 7, 6, 5, 2),
}
FUNNELS = {"device_split": (3, 2), "last_known": (2, 2), "first_known": (3, 2), "none": (4, 1)}
COLUMNS = ["person_count", "known_person_count", "session_count", "journey_count", "journey_person_count",
           "converted_person_count"]  # fmt: skip


@pytest.fixture(scope="module")
def refresh() -> Callable[..., Any]:
    """The nightly flow without Prefect's start-up and without the page, which no test here looks at."""
    from pipelines_direct import refresh_tables

    return refresh_tables


@pytest.fixture(scope="module")
def publish(tmp_path_factory: pytest.TempPathFactory, refresh: Callable[..., Any]) -> Callable[[str], Journeys]:
    """`publish(rules)` -> the open log of the world under a configuration with these further lines."""
    made: dict[str, Path] = {}

    def make(rules: str) -> Journeys:
        if rules not in made:
            folder = tmp_path_factory.mktemp("world")
            made[rules] = folder / "journeys.toml"
            made[rules].write_text(CONFIG + rules, encoding="utf-8")
            (folder / "web.csv").write_text(EVENTS, encoding="utf-8")
            refresh(made[rules])
        return jn.open(made[rules])

    return make


def by_rule(frame: pd.DataFrame, columns: list[str]) -> dict[str, tuple[int, ...]]:
    return {row["rule"]: tuple(row[name] for name in columns) for row in frame.to_dict("records")}


def assert_published(log: Journeys) -> None:
    """The figures of the configured rule are the published ones."""
    frame = log.identity_sensitivity().frame
    (row,) = frame[frame["is_configured"]].to_dict("records")
    assert row["rule"] == log.settings.identity.rule
    figures = log.table("key_figures").set_index("key")
    assert row["person_count"] == figures.loc["persons", "value"]
    assert row["session_count"] == figures.loc["sessions", "value"]
    assert row["journey_count"] == figures.loc["journeys", "value"]
    share = figures.loc["person_conversion"]
    names = ("converted_person_count", "journey_person_count", "conversion_share", "conversion_share_low",
             "conversion_share_high")  # fmt: skip
    assert [row[name] for name in names] == list(share[["count", "base", "value", "low", "high"]])
    funnel = log.table("funnel_steps").query("funnel == @log.settings.funnels[0].name").sort_values("step_index")
    assert row["funnel_person_count"] == funnel["mature_count"].iloc[0]
    assert row["funnel_converted_count"] == funnel["mature_count"].iloc[-1]
    last = funnel.iloc[-1]
    names = ("funnel_share", "funnel_share_low", "funnel_share_high")
    wanted = last[["overall_share", "overall_share_low", "overall_share_high"]]
    assert [row[name] for name in names] == list(wanted)


def test_each_rule_counts_what_was_worked_out_by_hand(publish: Callable[[str], Journeys]) -> None:
    with publish(FUNNEL) as log:
        result = log.identity_sensitivity()
    frame = result.frame
    assert by_rule(frame, COLUMNS) == COUNTS
    assert by_rule(frame, ["funnel_person_count", "funnel_converted_count"]) == FUNNELS
    assert dict(zip(frame["rule"], frame["is_configured"], strict=True)) == {
        "device_split": True, "last_known": False, "first_known": False, "none": False
    }  # fmt: skip
    assert list(frame["conversion_share"]) == [2 / 4, 2 / 2, 2 / 3, 2 / 5]
    low, high = wilson_interval(frame["converted_person_count"], frame["journey_person_count"])
    assert list(frame["conversion_share_low"]) == list(low)
    assert list(frame["conversion_share_high"]) == list(high)
    assert list(frame["funnel_share"]) == [2 / 3, 2 / 2, 2 / 3, 1 / 4]
    assert result.definition["parameters"] == {"configured_rule": "device_split", "goal": "bought", "funnel": "shop"}
    for rule in COUNTS:
        assert f"{rule}: " in str(result.definition["rule"])
    assert result.to_dict()["frame"][0]["rule"] == "device_split"


@pytest.mark.parametrize(
    "rule", ["last_known", *(pytest.param(rule, marks=pytest.mark.prove) for rule in COUNTS if rule != "last_known")]
)
def test_the_configured_rule_counts_what_was_published(publish: Callable[[str], Journeys], rule: str) -> None:
    with publish(f'[identity]\nrule = "{rule}"\n{FUNNEL}') as log:
        assert_published(log)


def test_a_sample_company_counts_what_was_published(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    write_company(tmp_path, CompanyParameters(person_count=60, seed=3))
    refresh(tmp_path / "journeys.toml")
    with jn.open(tmp_path / "journeys.toml") as log:
        assert_published(log)


def test_asking_changes_nothing_of_the_log(publish: Callable[[str], Journeys]) -> None:
    with publish(FUNNEL) as log:
        before = {name: log.log.engine.row_count(name) for name in ("persons", "sessions", "journeys", "event_persons")}
        names = log.log.engine.rows("SELECT table_name FROM information_schema.tables ORDER BY 1")
        first, second = log.identity_sensitivity(), log.identity_sensitivity()
        assert first.frame.equals(second.frame)
        assert before == {name: log.log.engine.row_count(name) for name in before}
        assert names == log.log.engine.rows("SELECT table_name FROM information_schema.tables ORDER BY 1")


def test_later_events_are_left_out(publish: Callable[[str], Journeys]) -> None:
    with publish("") as log:
        frame = log.identity_sensitivity(as_of="2026-03-01T10:12:00Z").frame
    # Events 1 to 3; whose they are is told from all that is known.
    assert by_rule(frame, COLUMNS) == {
        "device_split": (1, 1, 1, 1, 1, 1),
        "last_known": (1, 1, 1, 1, 1, 1),
        "first_known": (1, 1, 1, 1, 1, 1),
        "none": (2, 1, 3, 2, 2, 1),
    }


def test_an_open_funnel_is_of_all_who_entered_anywhere(publish: Callable[[str], Journeys]) -> None:
    # With devices as persons (none) the tablet T and Carol's D have bought, D without having looked.
    with publish(FUNNEL + 'entry = "open"\n') as log:
        frame = log.identity_sensitivity().frame
    found = by_rule(frame, ["funnel_converted_count", "funnel_person_count"])
    assert found == {"device_split": (2, 3), "last_known": (2, 2), "first_known": (2, 3), "none": (2, 5)}


def test_without_a_funnel_its_columns_are_empty(publish: Callable[[str], Journeys]) -> None:
    with publish("") as log:
        result = log.identity_sensitivity()
    for name in ("funnel_person_count", "funnel_converted_count", "funnel_share", "funnel_share_low"):
        assert result.frame[name].isna().all()
    assert result.definition["parameters"]["funnel"] is None


def test_a_log_in_memory_has_its_persons_given() -> None:
    frame = pd.DataFrame({"u": ["a"], "t": ["2026-03-01"], "e": ["x"]})
    with jn.from_events(frame, person="u", occurred_at="t", event="e") as log, pytest.raises(jn.CallError) as caught:
        log.identity_sensitivity()
    assert "journeys.open" in str(caught.value)


def test_the_chart_has_a_dot_with_its_interval_for_each_rule(publish: Callable[[str], Journeys]) -> None:
    with publish(FUNNEL) as log:
        result = log.identity_sensitivity()
    figure = result.figure()
    (trace,) = figure.data
    assert list(trace.x) == list(result.frame["conversion_share"])
    assert list(trace.error_x.arrayminus) == pytest.approx(
        list(result.frame["conversion_share"] - result.frame["conversion_share_low"])
    )
    assert list(figure.layout.yaxis.ticktext) == ["<b>device_split</b>", "last_known", "first_known", "none"]
    assert len(set(trace.marker.color[1:])) == 1
    assert trace.marker.color[0] not in trace.marker.color[1:]
    assert [note.text for note in figure.layout.annotations] == ["4 persons", "2 persons", "3 persons", "5 persons"]


def test_a_chart_of_nothing_says_so() -> None:
    empty = pd.DataFrame({"rule": ["none"], "conversion_share": [float("nan")]})
    assert sensitivity_figure(empty).layout.annotations[0].text == "no data"
