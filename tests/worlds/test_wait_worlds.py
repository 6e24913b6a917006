"""Small logs whose waits one can work out on paper."""

from __future__ import annotations

import math

import pytest
from world import read_world

import journeys as jn

# 2026-03-02 is a Monday; as_of is the last event, 9/17:00, a Monday too.
DESK = """
    ann 2/09:00 ask
    ann 2/11:00 offer
    bob 6/16:00 ask
    bob 9/10:00 offer
    cid 6/12:00 ask
    cid 6/13:00 call
    dan 9/09:00 ask
    eva 4/09:00 ask
    eva 4/17:00 offer
    eva 9/17:00 sign
"""


def row_of(log: jn.Journeys, start: str, end: str, **keywords: object) -> dict[str, object]:
    frame = log.waits(**keywords).frame.set_index(["from_step", "to_step"])
    return frame.loc[(start, end)].to_dict()


def test_percentiles_by_the_clock_and_in_business_hours() -> None:
    row = row_of(read_world(DESK), "ask", "offer")
    # ask > offer: ann 2 h, eva 8 h, bob from Friday 16:00 to Monday 10:00: 66 h.
    assert (row["transition_count"], row["person_count"]) == (3, 3)
    assert row["median_seconds"] == 8 * 3600
    assert row["p75_seconds"] == (8 + 58 / 2) * 3600
    assert row["p90_seconds"] == pytest.approx((8 + 58 * 0.8) * 3600)
    # In business hours 2, 8 and 1 + 1 = 2.
    assert row["median_business_seconds"] == 2 * 3600
    assert row["p75_business_seconds"] == 5 * 3600
    assert row["is_too_few"]


def test_who_still_waits_is_told_and_moves_the_median() -> None:
    log = read_world(DESK)
    row = row_of(log, "ask", "offer")
    # dan has waited since 9/09:00, 8 h up to as_of. cid went to call after 1 h.
    assert row["waiting_count"] == 1
    # At risk of an offer at 2 h: ann, bob, dan, eva: S = 3/4; at 8 h: bob, dan, eva: S = 3/4 * 2/3 = 1/2.
    assert row["km_median_seconds"] == 8 * 3600
    # Two more who wait for long: at 2 h six are at risk, at 8 h five: 5/6 * 4/5 = 2/3; at 66 h bob and the two: 4/9.
    more = DESK + "    fay 2/09:00 ask\n    gus 2/09:00 ask\n"
    row = row_of(read_world(more), "ask", "offer")
    assert (row["waiting_count"], row["median_seconds"], row["km_median_seconds"]) == (3, 8 * 3600, 66 * 3600)
    # With three more, fewer than half have gone at any time known: 6/7 * 5/6 * 3/4.
    row = row_of(read_world(more + "    hal 2/09:00 ask\n"), "ask", "offer")
    assert math.isnan(row["km_median_seconds"])


def test_every_contact_of_a_step_goes_on_waits_or_is_dropped() -> None:
    steps = read_world(DESK).waits(inactive_days=2).tables["steps"].set_index("step")
    assert list(steps.loc["ask"])[:4] == [5, 4, 0, 1]  # dan
    assert list(steps.loc["offer"])[:4] == [3, 1, 1, 1]  # eva went on; ann was last seen a week ago, bob is open
    assert list(steps.loc["call"])[:4] == [1, 0, 1, 0]
    # Any next step after ask: 1 h, 2 h, 8 h (dan still waits), 66 h: S = 4/5, 3/5, 2/5.
    assert steps.loc["ask", "km_median_seconds"] == 8 * 3600


def test_the_calendar_may_be_given() -> None:
    log = read_world(DESK)
    always = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "hours": ["00:00-24:00"]}
    for row in log.waits(calendar=always).frame.itertuples():
        assert row.median_business_seconds == row.median_seconds
    row = row_of(log, "ask", "offer", calendar={"closed": ["2026-03-09"]})
    assert row["p90_business_seconds"] == pytest.approx((2 + 6 * 0.8) * 3600)  # 1, 2 and 8 hours
    answer = log.waits(calendar={"timezone": "Europe/Riga"})
    assert "Europe/Riga" in answer.definition["rule"]


def test_sessions_and_accounts_wait_too() -> None:
    log = read_world(
        """
        ann 2/09:00 ask company=x
        bob 2/09:20 offer company=x
        ann 2/12:00 offer company=x
        """,
        account="company",
    )
    assert row_of(log, "ask", "offer", unit="account")["median_seconds"] == 1200
    assert row_of(log, "ask", "offer")["median_seconds"] == 3 * 3600
    assert log.waits("session").frame.empty  # a pause of more than 30 minutes parts ann's two sessions
    assert list(log.waits("session").tables["steps"]["contact_count"]) == [2, 1]


@pytest.mark.parametrize(
    "keywords",
    [{"unit": "team"}, {"collapse": "yes"}, {"calendar": "always"}, {"calendar": {"hours": []}}, {"as_of": "soon"},
     {"inactive_days": 0}, {"calendar": {"timezone": "Riga"}}],
)  # fmt: skip
def test_a_wrong_call_is_told(keywords: dict[str, object]) -> None:
    with pytest.raises(jn.JourneysError):
        read_world(DESK).waits(**keywords)


def test_before_the_first_event_nobody_waits() -> None:
    answer = read_world(DESK).waits(as_of="2020-01-01")
    assert answer.frame.empty
    assert answer.tables["steps"].empty
    assert [note.text for note in answer.figure().layout.annotations] == ["no data"]
