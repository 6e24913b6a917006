"""Carts and checkouts of Snowplow's e-commerce log, session by session as its publisher counts them.

The publisher's rules, read off its tables (dbt-snowplow-ecommerce 0.6.1): a cart is created by adding all that it is
worth; a session abandons its cart when it created more carts than it had transactions; a checkout is its steps 1 to 3
and the transaction as step 4; a session enters at the checkout when its first event is a step of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from real.two_steps import Share

STEPS = {"Checkout 1": "1", "Checkout 2": "2", "Checkout 3": "3", "transaction": "4"}
CHECKOUT = ["Checkout 1", "Checkout 2", "Checkout 3"]


@pytest.fixture(scope="module")
def shop(published: Callable[[str], Any]) -> Any:
    return published("snowplow_carts")


@pytest.fixture(scope="module")
def read(real_data: Path, read_text: Callable[[Path], pd.DataFrame]) -> Callable[[str], pd.DataFrame]:
    """`read("cart_interactions")`: one of the publisher's tables, true and false in small letters."""
    folder = real_data / "snowplow_ecommerce_0.6.1" / "expected" / "default"

    def read_table(name: str) -> pd.DataFrame:
        frame = read_text(folder / f"snowplow_ecommerce_{name}_expected.csv.gz")
        return frame.replace({"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"})

    return read_table


@pytest.fixture(scope="module")
def carts(read: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    """The publisher's cart interactions in the order of time."""
    frame = read("cart_interactions")
    frame["at"] = pd.to_datetime(frame["derived_tstamp"], format="ISO8601", utc=True)
    return frame.sort_values("at", kind="stable", ignore_index=True)


@pytest.fixture(scope="module")
def expected(read: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    return read("sessions").set_index("domain_sessionid")


@pytest.fixture(scope="module")
def their_ids(shop: Any) -> dict[str, str]:
    """The publisher's id of each of our sessions."""
    pairs = shop.query("SELECT DISTINCT session_id, source_session_id FROM session_events JOIN events USING (event_id)")
    assert len(pairs) == pairs["session_id"].nunique() == pairs["source_session_id"].nunique() == 63
    return dict(pairs.itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def ask(shop: Any, their_ids: dict[str, str]) -> Callable[..., pd.DataFrame]:
    """`ask(steps, ...)`: the sessions behind a funnel, one row each or one per attempt, under the publisher's ids."""

    def ask_funnel(steps: list[Any], **settings: Any) -> pd.DataFrame:
        persons: pd.DataFrame = shop.log.funnel(steps, unit="session", **settings).persons
        return persons.assign(session=persons["session_id"].map(their_ids))

    return ask_funnel


@pytest.fixture(scope="module")
def times_met(ask: Callable[..., pd.DataFrame]) -> Callable[[str], pd.Series]:
    """`times_met("Cart created")`: how often each session met it; each time is an attempt of a funnel of one step."""
    return lambda name: ask([name], entry="each").groupby("session").size()


def as_counts(values: pd.Series) -> dict[str, int]:
    """Read a column of the publisher's; sessions without a number, or with none of it, are left out."""
    return {str(session): int(text) for session, text in values.items() if text not in ("", "0")}


def test_every_interaction_is_the_one_of_the_publisher(shop: Any, read: Callable[[str], pd.DataFrame]) -> None:
    named = shop.query("SELECT event_id, event, touchpoint FROM person_events").set_index("event_id")
    carts, checkouts, products = map(read, ("cart_interactions", "checkout_interactions", "product_interactions"))
    assert (len(carts), len(checkouts), len(products)) == (67, 52, 928)
    for word, flag in (("created", "cart_created"), ("emptied", "cart_emptied"), ("transacted", "cart_transacted")):
        mine = named.index[named["event"] == {"transacted": "transaction"}.get(word, f"cart_{word}")]
        assert set(mine) == set(carts.loc[carts[flag] == "true", "event_id"]), word
    for name, step in STEPS.items():
        mine = named.index[named["touchpoint"] == name]
        assert set(mine) == set(checkouts.loc[checkouts["checkout_step_number"] == step, "event_id"]), name
    views = shop.log.exits().frame.set_index("touchpoint")["view_count"]
    ours = {"Product": "product_view", "List": "list_view", "List click": "list_click"}
    shown = products.groupby("ecommerce_action_type")["event_id"].nunique()
    assert {name: views[name] for name in ours} == {name: shown[action] for name, action in ours.items()}
    assert views["Cart created"] + views["Cart emptied"] + views["Cart changed"] + views["transaction"] == 67
    assert sum(views[name] for name in STEPS) == 52


def test_each_session_created_emptied_and_bought_as_many_carts(
    times_met: Callable[[str], pd.Series], expected: pd.DataFrame
) -> None:
    for name, column in {
        "Cart created": "number_carts_created",
        "Cart emptied": "number_carts_emptied",
        "transaction": "number_carts_transacted",
    }.items():
        assert times_met(name).to_dict() == as_counts(expected[column]), name


def test_the_published_flag_is_a_cart_created_without_a_purchase_before_the_next(
    ask: Callable[..., pd.DataFrame], times_met: Callable[[str], pd.Series], expected: pd.DataFrame
) -> None:
    """By the publisher's rule, more carts than transactions; and as a funnel: an attempt that another cart cuts off."""
    flagged = expected.loc[expected["session_cart_abandoned"] != "", "session_cart_abandoned"] == "true"
    assert (flagged.sum(), (~flagged).sum()) == (11, 5)
    abandoned = set(flagged.index[flagged])
    created, bought = (
        times_met(name).reindex(expected.index, fill_value=0) for name in ("Cart created", "transaction")
    )
    assert set(expected.index[created > bought]) == abandoned
    attempts = ask(["Cart created", "transaction"], entry="each", exclude=[("Cart created", 1, 2)])
    assert set(attempts.loc[attempts["status"] == "dropped", "session"]) == abandoned
    kept = set(attempts["session"]) - abandoned
    # The other three that are not flagged created no cart: two added to one or emptied it, a phone bought without.
    without = set(flagged.index) - set(attempts["session"])
    assert without == set(flagged.index) - abandoned - kept
    assert (len(kept), len(without), created[sorted(without)].sum()) == (2, 3, 0)


def test_by_the_last_cart_two_sessions_fewer_are_lost(
    ask: Callable[..., pd.DataFrame], carts: pd.DataFrame, expected: pd.DataFrame
) -> None:
    """Without the exclusion an attempt goes on to the next cart: those who filled another and bought it got through."""
    attempts = ask(["Cart created", "transaction"], entry="each")
    lost = set(attempts.loc[attempts["status"] == "dropped", "session"])
    created = carts[carts["cart_created"] == "true"].groupby("domain_sessionid")["at"].max()
    bought = carts[carts["cart_transacted"] == "true"].groupby("domain_sessionid")["at"].max()
    assert lost == set(created.index[~(bought.reindex(created.index) > created)])
    abandoned = set(expected.index[expected["session_cart_abandoned"] == "true"])
    assert lost < abandoned
    assert len(lost) == 9
    for session in abandoned - lost:
        of_it = carts[carts["domain_sessionid"] == session]
        assert of_it["ecommerce_action_type"].iloc[-1] == "transaction"
        assert (of_it["cart_created"] == "true").sum() > (of_it["cart_transacted"] == "true").sum()


def test_by_any_purchase_six_of_thirteen_are_lost(
    shop: Any, ask: Callable[..., pd.DataFrame], carts: pd.DataFrame
) -> None:
    """As most shops ask: of the sessions with a cart, which bought nothing at all after it."""
    frame = shop.log.funnel(["Cart created", "transaction"], unit="session").frame
    created = carts[carts["cart_created"] == "true"].groupby("domain_sessionid")["at"].min()
    bought = carts[carts["cart_transacted"] == "true"].groupby("domain_sessionid")["at"].max()
    is_through = bought.reindex(created.index) > created
    share = Share(int(is_through.sum()), len(is_through))
    assert frame["reached_count"].tolist() == [share.base, share.count] == [13, 7]
    assert frame["dropped_count"].tolist() == [6, 0]
    assert frame.loc[1, ["overall_share_low", "overall_share_high"]].tolist() == pytest.approx(share.interval)
    persons = ask(["Cart created", "transaction"]).set_index("session")
    assert (persons["status"] == "converted").to_dict() == is_through.to_dict()


def test_each_session_went_through_as_many_steps_of_the_checkout(
    times_met: Callable[[str], pd.Series], expected: pd.DataFrame
) -> None:
    met = pd.DataFrame({name: times_met(name) for name in STEPS}).fillna(0).astype(int)
    assert met.sum(axis=1).to_dict() == as_counts(expected["number_checkout_steps_visited"])
    assert (met > 0).sum(axis=1).to_dict() == as_counts(expected["number_unique_checkout_steps_attempted"])


def test_the_same_sessions_entered_the_checkout_and_succeeded(
    shop: Any, ask: Callable[..., pd.DataFrame], expected: pd.DataFrame
) -> None:
    persons = ask([CHECKOUT, "transaction"]).set_index("session")
    said = expected.loc[expected["checkout_succeeded"] != "", "checkout_succeeded"]
    assert (persons["status"] == "converted").to_dict() == (said == "true").to_dict()
    assert ((said == "true").sum(), (said == "false").sum()) == (8, 3)
    frame = shop.log.funnel([CHECKOUT, "transaction"], unit="session").frame
    assert frame["reached_count"].tolist() == [11, 8]
    ends = frame.loc[1, ["overall_share_low", "overall_share_high"]].tolist()
    assert ends == pytest.approx(Share(8, 11).interval)


def test_the_same_session_began_in_the_checkout_at_the_same_step(
    shop: Any, ask: Callable[..., pd.DataFrame], read: Callable[[str], pd.DataFrame], expected: pd.DataFrame
) -> None:
    starts = shop.log.sessions().frame.set_index("session_id")["started_at"]
    begun = {}
    for name in CHECKOUT:
        persons = ask([name], entry="first")
        begun[name] = set(persons.loc[persons["entered_at"] == persons["session_id"].map(starts), "session"])
    checkouts = read("checkout_interactions")
    entered = checkouts[checkouts["session_entered_at_step"] == "true"]
    assert {name: found for name, found in begun.items() if found} == {
        name: set(entered.loc[entered["checkout_step_number"] == STEPS[name], "domain_sessionid"])
        for name in ["Checkout 3"]
    }
    assert set.union(*begun.values()) == set(expected.index[expected["session_entered_at_checkout"] == "true"])
    landings = shop.log.exits().frame.set_index("touchpoint")["landing_count"]
    assert landings[CHECKOUT].tolist() == [0, 0, 1]


def test_the_steps_lose_whom_the_publisher_s_rows_lose(
    shop: Any, ask: Callable[..., pd.DataFrame], read: Callable[[str], pd.DataFrame]
) -> None:
    """Step 1, step 2, transaction: in this order, each later than the one before."""
    rows = read("checkout_interactions")
    rows["at"] = pd.to_datetime(rows["derived_tstamp"], format="ISO8601", utc=True)
    depths = {}
    for session, of_it in rows.groupby("domain_sessionid"):
        depth, now = 0, pd.Timestamp.min.tz_localize("UTC")
        for step in ("1", "2", "4"):
            later = of_it.loc[(of_it["checkout_step_number"] == step) & (of_it["at"] > now), "at"]
            if later.empty:
                break
            depth, now = depth + 1, later.min()
        depths[session] = depth
    steps = ["Checkout 1", "Checkout 2", "transaction"]
    persons = ask(steps).set_index("session")
    assert persons["furthest_step"].to_dict() == {session: depth for session, depth in depths.items() if depth}
    frame = shop.log.funnel(steps, unit="session").frame
    assert frame["reached_count"].tolist() == [sum(depth >= k for depth in depths.values()) for k in (1, 2, 3)]
    assert frame["reached_count"].tolist() == [10, 10, 7]


def test_the_touchpoint_table_tells_the_same_sessions(shop: Any, carts: pd.DataFrame) -> None:
    """Of what a session met up to its first transaction: how many it met, and how many bought."""
    table = shop.log.touchpoints(unit="session").frame.set_index("touchpoint")
    bought = carts[carts["cart_transacted"] == "true"].groupby("domain_sessionid")["at"].min()
    until = carts["domain_sessionid"].map(bought)
    before = carts[until.isna() | (carts["at"] < until)]
    for name, flag in (("Cart created", "cart_created"), ("Cart emptied", "cart_emptied")):
        sessions = set(before.loc[before[flag] == "true", "domain_sessionid"])
        share = Share(len(sessions & set(bought.index)), len(sessions))
        row = table.loc[name]
        assert (row["converted_count"], row["person_count"]) == (share.count, share.base)
        assert (row["conversion_share_low"], row["conversion_share_high"]) == pytest.approx(share.interval)
