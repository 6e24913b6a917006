"""Names that people and machines really write, and repeats of an event_id."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from world import read_world

import journeys as jn

HOSTILE = (
    "'; DROP TABLE events; --", "a\nb", "a\tb", "a\0b", '"q"', "$steps", "%", "*", "?", "ä", "Ä", "a\u0308",
    "\U0001f469\u200d\U0001f467", "\u202ex", "\\", "{}", "NULL", "nan", "a\x1fb", "<b>&", "select", "x" * 5000,
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile() -> jn.Journeys:
    rows = [(f"p{n}", f"2026-03-02 10:{n:02d}", name, name) for n, name in enumerate(HOSTILE)]
    return jn.from_events(
        pd.DataFrame(rows, columns=["who", "at", "what", "more"]), person="who", occurred_at="at", event="what"
    )


@pytest.mark.parametrize("number", range(len(HOSTILE)), ids=lambda n: f"{HOSTILE[n][:12]!a}")
def test_any_text_is_a_name_and_means_itself(hostile: jn.Journeys, number: int) -> None:
    name = HOSTILE[number]
    assert hostile.rejects.empty
    answer = hostile.funnel([name])
    assert list(answer.persons["person_id"]) == [f"p{number}"]
    assert list(answer.frame["step_name"]) == [name]
    # In a condition `*` is the wildcard; every other sign stands for itself.
    found = list(hostile.funnel([{"more": name}]).persons["person_id"])
    assert found == [f"p{number}"] if name != "*" else len(found) == len(HOSTILE)


def test_hostile_names_survive_every_verb(hostile: jn.Journeys) -> None:
    starts = hostile.transitions(boundaries=True).frame
    assert set(starts[starts["from_step"] == "(start)"]["to_step"]) == set(HOSTILE)
    assert set(hostile.paths().frame["from_step"]) == set(HOSTILE)
    assert set(hostile.touchpoints("%").frame["touchpoint"]) == set(HOSTILE) - {"%"}
    for answer in (hostile.transitions(), hostile.paths(), hostile.touchpoints("*"), hostile.funnel(["?", "*"])):
        answer.figure()
        assert "<b>" not in answer._repr_html_()
        json.dumps(answer.to_dict(), allow_nan=False)


def test_hostile_persons() -> None:
    rows = [(name, "2026-03-02", "A") for name in HOSTILE]
    log = jn.from_events(pd.DataFrame(rows, columns=["u", "t", "e"]), person="u", occurred_at="t", event="e")
    assert set(log.funnel(["A"]).persons["person_id"]) == set(HOSTILE)


def test_repeats_of_an_event_id_keep_the_earliest_time_then_the_smallest_content() -> None:
    frame = pd.DataFrame(
        [
            # x: the earlier time wins, whatever the content.
            ("x", "ann", "2026-03-02 10:05", "A", 1),
            ("x", "ann", "2026-03-02 10:00", "Z", 9),
            # y: equal times: the first column by name that differs is `amount`, and as text '10' < '9'.
            ("y", "bob", "2026-03-02 10:00", "A", 9),
            ("y", "bob", "2026-03-02 10:00", "B", 10),
            # z: three times the same row.
            ("z", "cid", "2026-03-02 10:00", "A", 1),
            ("z", "cid", "2026-03-02 10:00", "A", 1),
            ("z", "cid", "2026-03-02 10:00", "A", 1),
        ],
        columns=["id", "who", "at", "event", "amount"],
    )
    for seed in range(3):
        log = jn.from_events(
            frame.sample(frac=1, random_state=seed), person="who", occurred_at="at", event="event", event_id="id"
        )
        assert log.repeat_count == 4
        assert dict(log.transitions(boundaries=True).frame.query("from_step == '(start)'")
                    .set_index("to_step")["transition_count"]) == {"Z": 1, "B": 1, "A": 1}  # fmt: skip


def test_without_an_event_id_every_row_counts() -> None:
    frame = pd.DataFrame([("ann", "2026-03-02", "A")] * 3, columns=["who", "at", "event"])
    log = jn.from_events(frame, person="who", occurred_at="at", event="event")
    assert log.repeat_count == 0
    assert log.sessions().frame["event_count"].sum() == 3


def test_sequence_orders_ties_as_a_number_with_nulls_last_then_event_id_as_text() -> None:
    # At one time: sequence '9' before '10' before none; then ids '10' before '9', as text.
    log = jn.from_events(
        pd.DataFrame(
            [("ann", "2026-03-02", "d", "9", None), ("ann", "2026-03-02", "c", "10", None),
             ("ann", "2026-03-02", "b", "3", "10"), ("ann", "2026-03-02", "a", "4", "9")],
            columns=["who", "at", "event", "id", "seq"],
        ),
        person="who", occurred_at="at", event="event", event_id="id", sequence="seq",
    )  # fmt: skip
    pairs = log.transitions().frame
    assert set(zip(pairs["from_step"], pairs["to_step"], strict=True)) == {("a", "b"), ("b", "c"), ("c", "d")}


def test_ties_together_ignore_sequence() -> None:
    log = read_world(
        """
        ann 10:00 B seq=1
        ann 10:00 A seq=2
    """,
        sequence="seq",
    )
    assert list(log.funnel(["A", "B"]).frame["reached_count"]) == [1, 1]


def test_a_session_id_of_the_source_never_joins_two_persons() -> None:
    log = read_world(
        """
        ann 10:00 A s=1
        ann 10:01 B s=1
        bob 10:02 C s=1
        ann 10:03 D s=2
    """,
        session="s",
    )
    pairs = log.transitions(unit="session").frame
    assert set(zip(pairs["from_step"], pairs["to_step"], strict=True)) == {("A", "B")}
    assert list(log.funnel([["A", "C", "D"]], unit="session").frame["reached_count"]) == [3]


def test_large_sequence_numbers_keep_their_order() -> None:
    text = f"""
        ann 10:00 second seq={2**53 + 1}
        ann 10:00 first seq={2**53}
    """
    pairs = read_world(text, sequence="seq").transitions().frame
    assert (pairs["from_step"][0], pairs["to_step"][0]) == ("first", "second")


@pytest.mark.parametrize("blank", [None, "", " "])
def test_an_id_of_nothing_is_no_id(blank: str | None) -> None:
    frame = pd.DataFrame([("ann", "2026-03-02", "A", blank)] * 3, columns=["who", "at", "event", "id"])
    log = jn.from_events(frame, person="who", occurred_at="at", event="event", event_id="id")
    assert log.repeat_count == 0
    assert log.sessions().frame["event_count"].sum() == 3
