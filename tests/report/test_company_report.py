"""The report of the sample company, held against its truth, its other numbers and a plain count of its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import journeys as jn
from journeys.config import load_settings
from journeys.report.answers import read_content
from journeys.sample import CompanyParameters, write_company
from journeys.warehouse import Engine, find_current

COUNTS = ["session_count", "event_count", "person_count", "contact_person_count", "converted_count"]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, refresh: Callable[..., Any]) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("shop")
    write_company(folder, CompanyParameters(person_count=2_000))
    refresh(folder / "journeys.toml")
    with jn.open(folder / "journeys.toml") as log:
        yield folder, log


def test_the_bots_of_the_sample_company_are_all_found_and_nobody_else(company: tuple[Path, Any]) -> None:
    folder, log = company
    truth = pd.read_parquet(folder / "truth" / "events.parquet")[["event_id", "is_bot"]]
    events = log.table("events").merge(truth, on="event_id", suffixes=("", "_truly"))
    assert events["is_bot_truly"].sum() > 1_000
    assert set(events.loc[events["is_bot_truly"], "bot_reason"]) == {"user agent", "too many events"}
    assert (events["is_bot"] == events["is_bot_truly"]).all(), "precision and recall are 1"
    marks = ["is_bot", "bot_reason"]
    sessions = log.table("sessions").set_index("session_id")[marks].fillna("")
    placed = log.table("session_events").merge(log.table("events")[["event_id", *marks]].fillna(""), on="event_id")
    told = sessions.loc[placed["session_id"]].reset_index(drop=True)
    assert told.equals(placed[marks]), "a session is a bot's as a whole, for one reason"
    assert not log.table("touchpoints")["event_id"].isin(events.loc[events["is_bot_truly"], "event_id"]).any()


def test_without_bots_the_figures_are_the_key_figures(company: tuple[Path, Any]) -> None:
    _, log = company
    key = log.table("key_figures").set_index("key")
    without = log.table("bot_figures").set_index("population").loc["without bots"]
    conversion = key.loc["person_conversion"]
    assert (without["converted_count"], without["contact_person_count"]) == (conversion["count"], conversion["base"])
    assert without["conversion_share"] == conversion["value"]
    assert without["conversion_share_low"] == conversion["low"]
    assert without["conversion_share_high"] == conversion["high"]
    assert without["person_count"] == key.loc["persons", "value"]
    assert without["session_count"] == key.loc["sessions", "value"]
    figures = log.table("bot_figures").set_index("population")
    assert figures.loc["with bots", "event_count"] == key.loc["events", "value"]
    parts = figures.drop(index="with bots")
    assert (parts[["session_count", "event_count"]].sum() == figures.loc["with bots", ["session_count", "event_count"]]
            ).all()  # fmt: skip


def test_with_bots_the_figures_are_those_of_a_plain_count(company: tuple[Path, Any]) -> None:
    _, log = company
    stream = log.table("person_events").query("occurred_at_us <= @log.log.as_of_us")
    buys = log.table("event_goals").query("goal == 'purchase'")["event_id"]
    figures = log.table("bot_figures").set_index("population")
    for population, rows in (("with bots", stream), ("user agent", stream[stream["event_id"].isin(
        log.table("events").query("bot_reason == 'user agent'")["event_id"])])):  # fmt: skip
        expected = (
            rows["session_id"].nunique(),
            len(rows),
            rows["person_id"].nunique(),
            rows.loc[rows["touchpoint"].notna(), "person_id"].nunique(),
            rows.loc[rows["event_id"].isin(buys), "person_id"].nunique(),
        )
        assert tuple(figures.loc[population, COUNTS]) == expected


def test_the_persons_told_are_the_key_figure_and_the_refusals_those_of_the_table(company: tuple[Path, Any]) -> None:
    folder, log = company
    settings = load_settings(folder / "journeys.toml")
    snapshot = find_current(settings.warehouse.path)
    assert snapshot is not None
    with Engine() as engine:
        engine.attach(snapshot.results, name="snapshot")
        content = read_content(engine, settings, snapshot)
    terms = dict(content.definitions)
    assert "company" in terms["Account"], "the sample has accounts"
    assert "without bots" in terms["Bot"]
    who = content.who_is_who
    figures = log.table("bot_figures").set_index("population")["person_count"]
    assert who.person_count == figures["without bots"]
    assert who.person_count + who.bot_count == figures["with bots"]
    assert 0 < who.known_count < who.person_count
    refusals = log.table("identity_refusals").drop_duplicates(["guard", "identifier_kind", "identifier_value"])
    assert dict(zip(who.refusals["guard"], who.refusals["identifier_count"], strict=True)) == dict(
        refusals["guard"].value_counts()
    )
    assert {"blocked", "shared", "hub"} <= set(who.refusals["guard"]), "the sample has all three"
