"""Groups add up to the whole, numbers of re-visits take nothing away, and every picture is a flow."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import networkx as nx
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from random_logs import START, logs, many_persons, open_log
from reference import DAY, SECOND, Event, to_frame

import journeys as jn
from journeys.report import sankey_figure

ENDS = ("(converted)", "(dropped)", "(open)", "(end)", "(more)")
GOAL = "D"
small_logs = logs(step=DAY // SECOND // 2, most=24)


def many(count: int) -> list[Event]:
    events = many_persons(seed=11, count=count, most=9, span=20, names="AABBCCD")
    return [replace(event, us=START + (event.us - START) * DAY // SECOND // 2) for event in events]


def open_with_groups(events: list[Event]) -> jn.Journeys:
    """A log whose events bear one of three groups, or none; persons change between them."""
    frame = to_frame(events)
    frame["group"] = [(None, "x", "y", "z")[(len(e.event_id) + e.us // SECOND) % 4] for e in events]
    return jn.from_events(frame, person="person", occurred_at="at", event="event", unit="us", event_id="event_id")


def counted(frame: pd.DataFrame, *, skip: int = 0) -> Counter[tuple]:
    links: Counter[tuple] = Counter()
    for row in frame.itertuples(index=False, name=None):
        links[row[skip : skip + 3]] += row[skip + 3]
    return links


def assert_groups_add_up(events: list[Event]) -> None:
    with open_with_groups(events) as log:
        goal = GOAL if any(event.event == GOAL for event in events) else None
        whole, parts = (log.paths(goal=goal, depth=5, inactive_days=3, by=by) for by in (None, "group"))
        numbered = log.paths(goal=goal, depth=5, inactive_days=3, revisits=True)
    assert counted(parts.frame, skip=1) == counted(whole.frame)
    summed = parts.balance.drop(columns="group").groupby("step_index").sum().reset_index()
    assert summed.values.tolist() == whole.balance.values.tolist()
    for name in ("entrant_count", "named_count", "more_count"):
        assert parts.tables["coverage"][name].sum() == whole.tables["coverage"][name].sum()
    # Without its number a re-visit is the step that it is.
    names = dict(numbered.tables["stages"][["step_name", "touchpoint"]].itertuples(index=False, name=None))
    merged = numbered.frame.replace({"from_step": names, "to_step": names})
    assert counted(merged) == counted(whole.frame)
    assert numbered.balance.equals(whole.balance)


def assert_is_flow(answer: jn.PathResult) -> None:
    """All entrants get from the first step to the ends, and need every unit of every link for it."""
    trace = sankey_figure(answer.frame).data[0]
    nodes = [(int(cells[1]), cells[0]) for cells in trace.node.customdata]
    graph = nx.DiGraph()
    for source, target, value in zip(trace.link.source, trace.link.target, trace.link.value, strict=True):
        graph.add_edge(nodes[source], nodes[target], capacity=value)
    for node in nodes:
        leaving = graph.out_degree(node, weight="capacity")
        if node[0] == 1:
            graph.add_edge("all", node, capacity=leaving)
        if node[1] in ENDS:
            graph.add_edge(node, "out", capacity=graph.in_degree(node, weight="capacity"))
    assert nx.is_directed_acyclic_graph(graph)
    value, flow = nx.maximum_flow(graph, "all", "out")
    entrants = answer.balance["entrant_count"].iloc[0]
    assert value == entrants == answer.tables["intervals"]["entrant_count"].iloc[0]
    assert all(flow[source][target] == capacity for source, target, capacity in graph.edges(data="capacity"))


def test_three_hundred_persons_add_up_and_flow() -> None:
    events = many(300)
    assert_groups_add_up(events)
    with open_with_groups(events) as log:
        for top in (None, 1, 2):
            for floor in (None, 5, 40):
                for revisits in (False, True):
                    view = {"top": top, "floor": floor, "revisits": revisits, "depth": 4}
                    answer = log.paths(goal=GOAL, inactive_days=3, **view)
                    assert_is_flow(answer)
                    assert_floor(answer, floor)


def assert_floor(answer: jn.PathResult, floor: int | None) -> None:
    """No link to a named step is of fewer than the floor, and no named step is met by fewer."""
    frame = answer.frame
    named = frame[~frame["to_step"].isin([*ENDS, "(other)"])]
    assert floor is None or (named["count"] >= floor).all()
    firsts = frame[(frame["step_index"] == 1) & (frame["from_step"] != "(other)")].groupby("from_step")["count"].sum()
    assert floor is None or (firsts >= floor).all()


@settings(max_examples=10)
@given(events=small_logs)
def test_groups_of_random_logs_add_up(events: list[Event]) -> None:
    assert_groups_add_up(events)


@settings(max_examples=8)
@given(events=small_logs, top=st.sampled_from([None, 1, 2]), floor=st.sampled_from([None, 2]))
def test_random_logs_flow(events: list[Event], top: int | None, floor: int | None) -> None:
    with open_log(events) as log:
        assert_is_flow(log.paths(top=top, floor=floor, revisits=True, depth=6))


def test_the_check_of_a_flow_can_fail() -> None:
    with open_log(many(30)) as log:
        answer = log.paths(depth=4)
    frame = answer.frame.copy()
    frame.loc[frame.index[-1], "count"] += 1
    try:
        assert_is_flow(replace(answer, frame=frame))
    except AssertionError:
        return
    raise AssertionError("a link of one too many went through")


def test_coverage_is_that_of_paths_walked_one_by_one() -> None:
    events = many(120)
    with open_log(events) as log:
        answer = log.paths(depth=3, top=1, collapse=False, inactive_days=3)
    walks: dict[str, list[str]] = {}
    for event in sorted(events, key=lambda e: (e.us, e.event_id)):
        walks.setdefault(event.person, []).append(event.event)
    first_three = [walk[:3] for walk in walks.values()]
    kept = []
    for place in range(3):
        met = Counter(walk[place] for walk in first_three if len(walk) > place)
        kept.append(min(met, key=lambda name: (-met[name], name)))
    named = sum(all(name == kept[place] for place, name in enumerate(walk)) for walk in first_three)
    more = sum(len(walk) > 3 for walk in walks.values())
    row = answer.tables["coverage"].iloc[0]
    assert (row["entrant_count"], row["named_count"], row["more_count"]) == (120, named, more)
    assert named > 0
