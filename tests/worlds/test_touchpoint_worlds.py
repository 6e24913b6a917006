"""Touchpoints beside the table: exits, bounces, drop-off, stages, touches and visits, worked out on paper."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint
from world import read_world

import journeys as jn


def rows(frame: pd.DataFrame, *columns: str) -> dict[str, tuple]:
    """Rows by their first column."""
    return {row[0]: row[1:] for row in frame[list(columns)].itertuples(index=False, name=None)}


# Four sessions: ann's home, cart, home, and home alone an hour later; bob's home, then cart 29 minutes later; cleo's.
SESSIONS = """
ann 10:00 home
ann 10:05 cart
ann 10:06 home
ann 11:10 home
bob 10:00 home
bob 10:29 cart
cleo 12:00 cart
"""


def test_exits_are_last_contacts_and_bounces_sessions_of_one_event() -> None:
    answer = read_world(SESSIONS).exits()
    counts = ("session_count", "view_count", "exit_count", "landing_count", "bounce_count")
    assert rows(answer.frame, "touchpoint", *counts) == {"home": (3, 4, 2, 3, 1), "cart": (3, 3, 2, 1, 1)}
    home = answer.frame.set_index("touchpoint").loc["home"]
    assert (home["exit_share"], home["exit_view_share"], home["bounce_share"]) == pytest.approx((2 / 3, 2 / 4, 1 / 3))
    assert answer.frame["exit_count"].sum() == answer.frame["landing_count"].sum() == 4
    assert answer.definition["session_count"] == 4
    assert answer.frame["is_exit_too_few"].all()
    assert answer.frame["is_bounce_too_few"].all()


def test_where_each_person_has_one_session_the_interval_is_wilson_s() -> None:
    lines = [f"p{n:02d} 10:00 home" + (f"\np{n:02d} 10:01 cart" if n < 12 else "") for n in range(40)]
    home = read_world("\n".join(lines)).exits().frame.set_index("touchpoint").loc["home"]
    assert (home["exit_count"], home["session_count"]) == (28, 40)
    assert (home["exit_share_low"], home["exit_share_high"]) == pytest.approx(
        proportion_confint(28, 40, method="wilson")
    )
    assert not home["is_exit_too_few"]


def test_sessions_that_repeat_a_person_count_for_less() -> None:
    """Ten persons always leave from home, ten never, each in four sessions: eighty sessions are worth twenty cases."""
    lines = [
        f"p{n:02d} {10 + 2 * k}:00 home" + ("" if n < 10 else f"\np{n:02d} {10 + 2 * k}:01 cart")
        for n in range(20)
        for k in range(4)
    ]
    home = read_world("\n".join(lines)).exits().frame.set_index("touchpoint").loc["home"]
    assert (home["exit_count"], home["session_count"]) == (40, 80)
    assert (home["exit_share_low"], home["exit_share_high"]) == pytest.approx(
        proportion_confint(10, 20, method="wilson")
    )


def test_ga4_bounces_are_short_sessions_of_one_view_without_a_key_event() -> None:
    """The ten seconds are included; a second view or the key event engages."""
    log = read_world(
        """
        ann 10:00:00 home
        ann 10:00:10 scroll
        bob 10:00:00 home
        bob 10:00:11 scroll
        cleo 10:00:00 home
        cleo 10:00:01 home
        dora 10:00:00 home
        dora 10:00:01 buy
        """
    )
    plain = log.exits().frame.set_index("touchpoint")
    assert plain.loc["home", "bounce_count"] == 0
    ga4 = log.exits(bounce="ga4", views="home", goal="buy").frame.set_index("touchpoint")
    assert tuple(ga4.loc["home", ["landing_count", "bounce_count"]]) == (4, 1)
    without_goal = log.exits(bounce="ga4", views="home").frame.set_index("touchpoint")
    assert without_goal.loc["home", "bounce_count"] == 2
    every_contact_a_view = log.exits(bounce="ga4").frame.set_index("touchpoint")
    assert every_contact_a_view.loc["home", "bounce_count"] == 0


# as_of is 30/12:00, D is 7 days: ann bought, bob left at the cart, cleo was on home lately, dora moved on to the cart.
JOURNEYS = """
ann 02/10:00 home
ann 02/10:05 cart
ann 02/10:06 buy
bob 03/10:00 home
bob 23/12:00 cart
cleo 29/10:00 home
dora 02/10:00 home
dora 30/12:00 cart
"""


def test_drop_off_is_of_the_resolved_and_open_ones_stand_apart() -> None:
    answer = read_world(JOURNEYS).dropoff("buy", inactive_days=7)
    counts = ("person_count", "open_count", "resolved_count", "dropped_count", "converted_count")
    assert rows(answer.frame, "touchpoint", *counts) == {"home": (4, 1, 3, 0, 1), "cart": (3, 1, 2, 1, 1)}
    cart = answer.frame.set_index("touchpoint").loc["cart"]
    assert (cart["dropped_share"], cart["open_share"]) == pytest.approx((1 / 2, 1 / 3))
    assert cart["participation_share"] == pytest.approx(1 / 3)
    assert (cart["dropped_share_low"], cart["dropped_share_high"]) == pytest.approx(
        proportion_confint(1, 2, method="wilson")
    )
    assert answer.frame["is_too_few"].all()


def test_the_suggested_days_are_the_95th_percentile_of_returns() -> None:
    """Bob came back after 20 days and two hours, dora after 28 days and two: 0.95 of the way is 27.7 days."""
    answer = read_world(JOURNEYS).dropoff("buy", inactive_days=7)
    assert answer.definition["return_count"] == 2
    assert answer.definition["suggested_inactive_days"] == 28
    assert "28 days" in answer.definition["rule"]
    nobody = read_world("ann 10:00 home\nann 10:01 buy").dropoff("buy")
    assert (nobody.definition["return_count"], nobody.definition["suggested_inactive_days"]) == (0, 7)


STAGES = {"early": "home", "late": "cart"}


def test_a_stage_is_left_by_a_later_one_or_the_goal_within_the_window() -> None:
    """Ten days: bob's cart comes after 20, cleo's time is not over, dora's cart comes after 28."""
    answer = read_world(JOURNEYS).stages("buy", stages=STAGES, within="10d")
    counts = ("person_count", "open_count", "converted_count", "progressed_count", "abandoned_count")
    assert rows(answer.frame, "stage", *counts) == {"early": (4, 1, 1, 0, 2), "late": (3, 2, 1, 0, 0)}
    wide = read_world(JOURNEYS).stages("buy", stages=STAGES, within=timedelta(days=20, hours=2))
    assert rows(wide.frame, "stage", *counts)["early"] == (4, 1, 1, 1, 1), "the window's end is included"
    assert list(answer.frame["stage_index"]) == [1, 2]
    assert answer.frame["abandoned_share"].tolist() == pytest.approx([2 / 3, 0])


def test_the_goal_may_reach_its_stage_itself_and_an_earlier_goal_counts_for_nothing() -> None:
    log = read_world("ann 02/10:00 buy\nann 03/10:00 home\nbob 02/10:00 home\nbob 30/10:00 home")
    answer = log.stages("buy", stages={"early": "home", "late": "buy"}, within="5d")
    counts = ("mature_count", "converted_count", "progressed_count", "abandoned_count")
    assert rows(answer.frame, "stage", *counts) == {"early": (2, 0, 0, 2), "late": (1, 1, 0, 0)}


def test_touches_are_counted_until_the_goal_against_the_mean_of_converters() -> None:
    """Ann needed two touches of the early stage; bob was dropped with one, dora's journey is open and left out."""
    answer = read_world(JOURNEYS + "ann 02/10:03 home\nann 05/10:00 home").touches(
        "buy", stages=STAGES, inactive_days=7
    )
    frame = answer.frame.set_index("stage")
    assert tuple(frame.loc["early", ["population", "person_count", "touch_count", "expected_from"]]) == (
        "dropped", 1, 1, "converters",
    )  # fmt: skip
    assert tuple(frame.loc["early", ["expected_low", "expected_high", "fewer_count"]]) == (2, 2, 1)
    assert frame["verdict"].tolist() == ["too few", "too few"]
    assert frame["p_value"].isna().all()


def many(count: int, touches: int, *, buys: bool, first: int) -> str:
    """So many persons with so many touches of home, who then buy or not, all at the start of the month."""
    lines = []
    for n in range(first, first + count):
        lines += [f"p{n:03d} 02/10:{minute:02d} home" for minute in range(touches + n % 2)]
        lines += [f"p{n:03d} 02/10:59 buy"] if buys else []
    return "\n".join(lines)


def test_who_gives_up_with_fewer_touches_than_converters_need_is_told() -> None:
    world = "\n".join([many(40, 4, buys=True, first=0), many(40, 1, buys=False, first=40), "z 30/10:00 home"])
    row = read_world(world).touches("buy", stages={"only": "home"}, inactive_days=7).frame.iloc[0]
    assert (row["person_count"], row["mean_touches"], row["expected_low"]) == (40, 1.5, 4.5)
    assert row["mean_touches_low"] < 1.5 < row["mean_touches_high"]
    assert (row["verdict"], row["q_value"] < 1e-9) == ("fewer", True)
    alike = "\n".join([many(40, 2, buys=True, first=0), many(40, 2, buys=False, first=40), "z 30/10:00 home"])
    row = read_world(alike).touches("buy", stages={"only": "home"}, inactive_days=7).frame.iloc[0]
    assert (row["verdict"], row["p_value"]) == ("as expected", pytest.approx(1))


# ann: two visits by mail, the third buys; bob: one visit, which buys; cleo never buys.
VISITS = """
ann 10:00 home via=mail
ann 12:00 home via=web
ann 14:00 home via=web
ann 14:01 buy via=web
ann 16:00 home via=web
bob 10:00 home via=web
bob 10:01 buy via=web
cleo 10:00 home via=web
"""


def test_visits_are_counted_up_to_the_goal_by_the_channel_of_the_first() -> None:
    answer = read_world(VISITS, channel="via").visits("buy")
    columns = ("person_count", "mean_visits", "visits_median", "visits_p75", "single_visit_count")
    assert rows(answer.frame, "first_channel", *columns) == {
        "(all)": (2, 2, 1, 3, 1), "mail": (1, 3, 3, 3, 0), "web": (1, 1, 1, 1, 1),
    }  # fmt: skip
    spread = answer.tables["distribution"]
    whole = spread[spread["first_channel"] == "(all)"]
    assert whole[["visit_count", "person_count", "cumulative_share"]].values.tolist() == [[1, 1, 0.5], [3, 1, 1.0]]


def test_the_table_by_a_column_parts_persons_by_their_first_contact() -> None:
    """Bob's first device is none, though he bought by phone; ann began on the phone."""
    log = read_world(
        """
        ann 10:00 home device=phone
        ann 10:05 cart device=desk
        ann 10:06 buy device=desk
        bob 10:00 home
        bob 10:06 buy device=phone
        cleo 10:00 home device=phone
        """
    )
    frame = log.touchpoints("buy", by="device").frame
    assert frame.columns[0] == "device"
    columns = ("device", "touchpoint", "person_count", "converted_count", "baseline_share")
    assert list(frame[list(columns)].itertuples(index=False, name=None)) == [
        ("phone", "home", 2, 1, 0.5), ("phone", "cart", 1, 1, 0.5), ("(none)", "home", 1, 1, 1.0),
    ]  # fmt: skip


def test_a_column_named_as_one_of_the_table_is_told_apart() -> None:
    log = read_world("ann 10:00 home channel=mail\nann 10:01 buy channel=web", channel="channel")
    frame = log.touchpoints("buy", by="channel").frame
    assert frame.columns[0] == "first_channel"
    assert frame.columns.is_unique
    assert frame["first_channel"].tolist() == ["mail"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda log: log.touchpoints("buy", by="nothing"), "column"),
        (lambda log: log.touchpoints("buy", by=3), "by"),
        (lambda log: log.exits(bounce="odd"), "bounce"),
        (lambda log: log.exits(views="home"), "bounce"),
        (lambda log: log.exits(goal="buy"), "bounce"),
        (lambda log: log.exits(bounce="ga4", views="never"), "unknown-step"),
        (lambda log: log.stages("buy"), "stages"),
        (lambda log: log.stages("buy", stages=[]), "stages"),
        (lambda log: log.stages("buy", stages={"a": "never"}), "unknown-step"),
        (lambda log: log.stages("buy", stages={"a": "home"}, within="soon"), "duration"),
        (lambda log: log.stages(stages={"a": "home"}), "goal"),
        (lambda log: log.visits(), "goal"),
        (lambda log: log.dropoff("buy", inactive_days=0), "inactive-days"),
        (lambda log: log.catalogue(top=0), "top"),
        (lambda log: log.catalogue(address="nothing"), "column"),
        (lambda log: log.catalogue(address="event"), "address"),
    ],
)
def test_a_wrong_call_is_refused_with_its_reason(call: object, code: str) -> None:
    log = read_world("ann 10:00 home\nann 10:01 buy")
    with pytest.raises(jn.JourneysError) as caught:
        call(log)
    assert caught.value.code == code
