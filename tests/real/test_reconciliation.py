"""Every number of a published log agrees with the others, and with pandas over the published contacts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

import journeys as jn

LOGS = [
    "snowplow_ecommerce",
    "snowplow_web",
    "snowplow_mobile",
    "retentioneering",
    "apache",
    "cdnow",
    # Two minutes of work, most of it the refresh of 1.5 million rows.
    pytest.param("complete_journey", marks=pytest.mark.prove),
]
BIG = "complete_journey"  # too many contacts to ask everything several times
ENDS = {"(converted)", "(dropped)", "(open)", "(more)", "(end)"}
ORDER = ["occurred_at_us", "source_index", "sequence", "event_id"]


@dataclass(frozen=True)
class Contacts:
    """A published log with its contacts in the order of each person, and each person's outcome up to the first goal."""

    name: str
    published: Any
    frame: pd.DataFrame
    until_goal: pd.DataFrame
    outcomes: pd.Series

    @property
    def log(self) -> Any:
        return self.published.log

    @property
    def goal(self) -> str:
        return self.published.settings.journey.goal


@pytest.fixture(scope="module", params=LOGS)
def contacts(request: pytest.FixtureRequest, published: Callable[[str], Any]) -> Contacts:
    one = published(request.param)
    frame = one.query(
        f"""
        SELECT person_id, event_id, source_index, sequence, occurred_at_us, touchpoint,
          event_id IN (SELECT event_id FROM event_goals WHERE goal = '{one.settings.journey.goal}') AS is_goal
        FROM person_events
        WHERE touchpoint IS NOT NULL AND NOT is_bot AND occurred_at_us <= {one.log.log.as_of_us}
        """
    )
    frame = frame.sort_values(["person_id", *ORDER], ignore_index=True)
    goals_before = frame.groupby("person_id")["is_goal"].cumsum() - frame["is_goal"]
    last = frame.groupby("person_id")["occurred_at_us"].max()
    is_gone = last + one.settings.journey.inactive_us <= one.log.log.as_of_us
    outcomes = is_gone.map({True: "dropped", False: "open"})
    outcomes[frame.groupby("person_id")["is_goal"].any()] = "converted"
    return Contacts(request.param, one, frame, frame[goals_before == 0], outcomes)


def check_flow(links: pd.DataFrame, entrants: int | None = None) -> None:
    """Inflow = outflow at each inner node; what enters at the first position leaves through the ends."""
    assert not set(links["from_step"]) & ENDS
    inflow = links[~links["to_step"].isin(ENDS)].groupby(["step_index", "to_step"])["count"].sum()
    inflow.index = pd.MultiIndex.from_tuples([(index + 1, name) for index, name in inflow.index])
    outflow = links.groupby(["step_index", "from_step"])["count"].sum()
    first = outflow[outflow.index.get_level_values(0) == 1]
    assert outflow.drop(first.index).to_dict() == inflow.to_dict()
    assert links[links["to_step"].isin(ENDS)]["count"].sum() == first.sum()
    assert entrants is None or first.sum() == entrants


def check_funnel(frame: pd.DataFrame) -> None:
    """Reached = next reached + dropped + open at each step; nobody leaves at the last."""
    left = frame["dropped_count"] + frame["open_count"]
    assert (frame["reached_count"].shift(-1) + left)[:-1].tolist() == frame["reached_count"][:-1].tolist()
    assert left.iloc[-1] == 0
    assert (frame["mature_count"] <= frame["reached_count"]).all()


def test_rows_read_are_accepted_repeated_or_rejected(contacts: Contacts) -> None:
    quality = contacts.log.table("data_quality").set_index("source")
    parts = quality["accepted_count"] + quality["duplicate_count"] + quality["rejected_count"]
    assert (quality["read_count"] == parts).all()
    for table, column in (("events", "accepted_count"), ("rejected_events", "rejected_count")):
        counted = contacts.published.query(f"SELECT source, COUNT(*) AS row_count FROM {table} GROUP BY source")
        assert counted.set_index("source")["row_count"].reindex(quality.index).fillna(0).tolist() == list(
            quality[column]
        )


def test_every_interaction_is_in_one_session_and_no_other_event_is(contacts: Contacts) -> None:
    wrong = contacts.published.query(
        """
        WITH places AS (SELECT event_id, COUNT(*) AS place_count FROM session_events GROUP BY event_id)
        SELECT event_id FROM events LEFT JOIN places USING (event_id)
        WHERE COALESCE(place_count, 0) <> CASE WHEN is_interaction THEN 1 ELSE 0 END
        UNION ALL SELECT event_id FROM session_events WHERE event_id NOT IN (SELECT event_id FROM events)
        UNION ALL SELECT session_id FROM session_events ANTI JOIN sessions USING (session_id)
        UNION ALL SELECT session_id FROM sessions ANTI JOIN session_events USING (session_id)
        """
    )
    assert wrong.empty
    sessions = contacts.log.table("sessions")
    assert sessions["event_count"].sum() == len(contacts.log.table("session_events"))


def test_sessions_of_one_device_never_overlap(contacts: Contacts) -> None:
    """One may start in the microsecond in which another ends, no earlier."""
    spans = contacts.published.query(
        """
        SELECT stream_id, session_id, MIN(occurred_at_us) AS start_us, MAX(occurred_at_us) AS end_us
        FROM session_events JOIN events USING (event_id) GROUP BY ALL
        """
    ).sort_values(["stream_id", "start_us", "end_us"])
    assert spans["session_id"].is_unique, "a session is on one device"
    previous = spans.groupby("stream_id")["end_us"].shift()
    assert (spans["start_us"] >= previous)[previous.notna()].all()


def test_funnels_conserve_at_each_step(contacts: Contacts) -> None:
    stored = contacts.log.table("funnel_steps")
    for settings in contacts.published.settings.funnels:
        steps = stored[stored["funnel"] == settings.name].sort_values("step_index")
        check_funnel(steps)
        asked = contacts.log.funnel(settings.name).frame
        assert asked["reached_count"].tolist() == steps["reached_count"].tolist()
        shorter = contacts.log.funnel(list(settings.steps), "1h", entry="first").frame
        check_funnel(shorter)
        assert (shorter["reached_count"].to_numpy() <= asked["reached_count"].to_numpy()).all()


def test_what_flows_into_a_node_flows_out_of_it(contacts: Contacts) -> None:
    people = contacts.frame["person_id"].nunique()
    check_flow(contacts.log.table("stage_links"))
    views = [{"top": 1, "depth": 4}, {"goal": contacts.goal, "top": 2}, {"goal": contacts.goal}]
    for options in views[:1] if contacts.name == BIG else views:
        paths = contacts.log.paths(**options)
        check_flow(paths.frame, entrants=people)
        balance = paths.balance.set_index("step_index")
        assert (balance["entrant_count"].shift(-1).dropna() == balance["continued_count"][:-1]).all()
        ended = paths.frame[paths.frame["to_step"].isin({"(converted)", "(dropped)", "(open)"})]
        for end in ("converted", "dropped", "open"):
            links = ended[ended["to_step"] == f"({end})"].groupby("step_index")["count"].sum()
            assert links.reindex(balance.index).fillna(0).tolist() == balance[f"{end}_count"].tolist()


def test_paths_touchpoints_and_funnel_count_the_same_converted(contacts: Contacts) -> None:
    converted = int((contacts.outcomes == "converted").sum())
    deepest = int(contacts.frame.groupby("person_id").size().max())
    balance = contacts.log.paths(goal=contacts.goal, depth=deepest).balance
    assert balance["converted_count"].sum() == converted
    assert balance["dropped_count"].sum() == (contacts.outcomes == "dropped").sum()
    assert balance["open_count"].sum() == (contacts.outcomes == "open").sum()
    definition = contacts.log.touchpoints().definition
    assert (definition["converted_count"], definition["population_count"]) == (converted, len(contacts.outcomes))
    assert contacts.log.funnel([contacts.goal]).frame["reached_count"].tolist() == [converted]
    figures = contacts.log.table("key_figures").set_index("key")
    assert tuple(figures.loc["person_conversion", ["count", "base"]]) == (converted, len(contacts.outcomes))


def test_the_touchpoint_table_is_what_pandas_counts(contacts: Contacts) -> None:
    met = contacts.until_goal[~contacts.until_goal["is_goal"]]
    met = met.assign(outcome=met["person_id"].map(contacts.outcomes))
    people = met.drop_duplicates(["person_id", "touchpoint"])
    last = met.drop_duplicates("person_id", keep="last")
    expected = pd.DataFrame(
        {
            "person_count": people.groupby("touchpoint").size(),
            "converted_count": people[people["outcome"] == "converted"].groupby("touchpoint").size(),
            "exit_count": last.groupby("touchpoint").size(),
            "dropped_count": last[last["outcome"] == "dropped"].groupby("touchpoint").size(),
            "open_count": last[last["outcome"] == "open"].groupby("touchpoint").size(),
        }
    ).fillna(0)
    stats = contacts.log.table("touchpoint_stats").set_index("touchpoint").sort_index()
    pd.testing.assert_frame_equal(stats[list(expected.columns)], expected, check_dtype=False, check_names=False)
    total, converted = len(contacts.outcomes), (contacts.outcomes == "converted").sum()
    assert stats["baseline_share"].tolist() == pytest.approx([converted / total] * len(stats))
    share = expected["converted_count"] / expected["person_count"]
    without = (converted - expected["converted_count"]) / (total - expected["person_count"]).replace(0, float("nan"))
    lift = (share / without).where(without > 0)
    assert stats["lift"].fillna(-1).tolist() == pytest.approx(lift.fillna(-1).tolist())


def test_a_touchpoint_is_met_by_as_many_as_reach_it_in_a_funnel(contacts: Contacts) -> None:
    """Over the contacts up to each person's first goal, counted as a log of its own."""
    if contacts.name == BIG:
        pytest.skip("asked of the smaller logs")
    columns = ["person_id", "occurred_at_us", "touchpoint"]
    log = jn.from_events(contacts.until_goal[columns], person="person_id", occurred_at="occurred_at_us",
                         event="touchpoint", unit="us")  # fmt: skip
    stats = contacts.log.table("touchpoint_stats").set_index("touchpoint")["person_count"]
    names = sorted(set(contacts.until_goal[~contacts.until_goal["is_goal"]]["touchpoint"]))
    assert {name: log.funnel([name]).frame["reached_count"].iloc[0] for name in names} == stats.to_dict()


def test_journeys_are_converted_lost_or_open(contacts: Contacts) -> None:
    """A journey starts at the first contact, after the goal, and after so long without a contact."""
    frame, settings = contacts.frame, contacts.published.settings
    by_person = frame.groupby("person_id")
    is_start = by_person["is_goal"].shift(fill_value=True) | (
        by_person["occurred_at_us"].diff() >= settings.journey.inactive_us
    )
    journeys = frame.assign(journey=is_start.cumsum()).groupby("journey")
    last_us, is_converted = journeys["occurred_at_us"].max(), journeys["is_goal"].any()
    is_lost = ~is_converted & (last_us + settings.journey.inactive_us <= contacts.log.log.as_of_us)
    expected = {"converted": is_converted.sum(), "lost": is_lost.sum(), "open": (~is_converted & ~is_lost).sum()}
    outcomes = contacts.log.table("journey_outcomes")["outcome"].value_counts()
    assert {name: outcomes.get(name, 0) for name in expected} == expected
    assert outcomes.sum() == len(contacts.log.table("journeys")) == int(is_start.sum())
    figures = contacts.log.table("key_figures").set_index("key")
    ended = expected["converted"] + expected["lost"]
    assert tuple(figures.loc["journey_conversion", ["count", "base"]]) == (expected["converted"], ended)


def test_transitions_are_what_pandas_counts(contacts: Contacts) -> None:
    following = contacts.frame.groupby("person_id")["touchpoint"].shift(-1)
    pairs = (
        contacts.frame.assign(to_step=following).dropna(subset="to_step").rename(columns={"touchpoint": "from_step"})
    )
    grouped = pairs.groupby(["from_step", "to_step"])
    expected = pd.DataFrame({"transition_count": grouped.size(), "person_count": grouped["person_id"].nunique()})
    stored = contacts.log.table("transitions").set_index(["from_step", "to_step"]).sort_index()
    pd.testing.assert_frame_equal(stored[list(expected.columns)], expected, check_dtype=False)
    shares = expected["transition_count"] / expected.groupby("from_step")["transition_count"].transform("sum")
    assert stored["share"].tolist() == pytest.approx(shares.tolist())
