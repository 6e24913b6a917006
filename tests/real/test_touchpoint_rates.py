"""Exits, bounces, visits and the catalogue on public logs, held against pandas over the files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import journeys as jn

RATES = ["session_count", "view_count", "exit_count", "landing_count", "bounce_count"]


def count_exits(events: pd.DataFrame) -> pd.DataFrame:
    """Count by hand: rows of `session`, `name` (null is no contact), in the order of events."""
    size = events.groupby("session").size()
    contacts = events.dropna(subset="name")
    met = contacts.groupby("name")["session"].agg(["nunique", "size"])
    ends = contacts.groupby("session")["name"].agg(["first", "last"])
    single = ends[size.reindex(ends.index) == 1]
    counts = pd.DataFrame(
        {
            "session_count": met["nunique"],
            "view_count": met["size"],
            "exit_count": ends["last"].value_counts(),
            "landing_count": ends["first"].value_counts(),
            "bounce_count": single["first"].value_counts(),
        }
    )
    return counts.fillna(0).astype(int).sort_index()


@pytest.mark.real_data
def test_exits_of_a_shop_are_those_of_its_own_sessions(real_data: Path) -> None:
    """Retentioneering's file has session ids of its own; of one second the order is that of the lines."""
    path = real_data / "retentioneering_ecom" / "ecom.csv.gz"
    source = pd.read_csv(path, dtype=str)
    source["id"] = [f"{n:06d}" for n in range(len(source))]
    log = jn.from_events(source, person="user_id", occurred_at="timestamp", event="event", event_id="id",
                         session="session_id")  # fmt: skip
    ordered = source.sort_values(["timestamp", "id"])
    events = pd.DataFrame({"session": ordered["user_id"] + " " + ordered["session_id"], "name": ordered["event"]})
    found = log.exits()
    assert found.frame.set_index("touchpoint")[RATES].sort_index().to_dict() == count_exits(events).to_dict()
    assert found.frame["exit_count"].sum() == 3_605

    first_buy = source[source["event"] == "purchase"].groupby("user_id")["timestamp"].min()
    starts = source.groupby(["user_id", "session_id"])["timestamp"].min().reset_index()
    before = starts[starts["timestamp"] <= starts["user_id"].map(first_buy)]
    expected = Counter(before.groupby("user_id").size())
    spread = log.visits("purchase").tables["distribution"]
    whole = spread[spread["first_channel"] == "(all)"]
    assert dict(zip(whole["visit_count"], whole["person_count"], strict=True)) == expected
    assert expected.total() == 328


@pytest.mark.real_data
def test_drop_off_and_stages_of_a_shop_are_those_of_a_loop(real_data: Path) -> None:
    path = real_data / "retentioneering_ecom" / "ecom.csv.gz"
    source = pd.read_csv(path, dtype=str).reset_index(names="id")
    source["time"] = pd.to_datetime(source["timestamp"])
    log = jn.from_events(source.drop(columns="time").assign(id=source["id"].map("{:06d}".format)), person="user_id",
                         occurred_at="timestamp", event="event", event_id="id")  # fmt: skip
    end, window = source["time"].max(), pd.Timedelta(days=3)
    stages = [{"catalog", "search"}, {"cart", "add_to_cart"}, {"purchase"}]
    expected = [Counter() for _ in stages]
    left = Counter()
    for _, events in source.sort_values(["time", "id"]).groupby("user_id"):
        names, times = events["event"].tolist(), events["time"].tolist()
        bought = names.index("purchase") if "purchase" in names else None
        if bought is None:
            left[names[-1], "dropped" if times[-1] + window <= end else "open"] += 1
        for place, stage in enumerate(stages):
            start = next((n for n, name in enumerate(names) if name in stage), None)
            if start is None:
                continue
            inside = [name for name, time in zip(names[start:], times[start:], strict=True)
                      if time <= times[start] + window]  # fmt: skip
            later = set().union(*stages[place + 1 :])
            word = "open" if times[start] + window > end else "converted" if "purchase" in inside else ""
            word = word or ("progressed" if later & set(inside[1:]) else "abandoned")
            expected[place][f"{word}_count"] += 1
    frame = log.stages("purchase", stages={"look": ["catalog", "search"], "cart": ["cart", "add_to_cart"],
                                           "buy": "purchase"}, within="3d").frame  # fmt: skip
    words = ["open_count", "converted_count", "progressed_count", "abandoned_count"]
    assert frame[words].to_dict("records") == [{word: counts[word] for word in words} for counts in expected]
    dropped = log.dropoff("purchase", inactive_days=3).frame
    assert {(row.touchpoint, "dropped"): row.dropped_count for row in dropped.itertuples() if row.dropped_count} | {
        (row.touchpoint, "open"): row.open_count for row in dropped.itertuples() if row.open_count
    } == dict(left)
    assert (dropped["resolved_count"] + dropped["open_count"] == dropped["person_count"]).all()


CONTEXT = "contexts_com_snowplowanalytics_snowplow_client_session_1_0_1"
ACTION = "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1_0_0"
ORDER = ["time", "sequence", "event_id"]
NAMES = {"list_view": "Product list", "list_click": "Product list", "product_view": "Product", "add_to_cart": "Cart",
         "remove_from_cart": "Cart", "checkout_step": "Checkout", "transaction": "purchase"}  # fmt: skip


def test_exits_of_a_snowplow_shop_are_those_of_its_published_sessions(
    published: Callable[[str], Any], real_data: Path, read_text: Callable[[Path], pd.DataFrame]
) -> None:
    shop = published("snowplow_ecommerce")
    folder = real_data / "snowplow_ecommerce_0.6.1" / "source"
    source = read_text(folder / "snowplow_ecommerce_events.csv.gz")
    contexts = [json.loads(text)[0] if text not in ("", "[]") else {} for text in source[CONTEXT]]
    actions = [json.loads(text)["type"] if text else None for text in source[ACTION]]
    source["session"] = [text or one.get("sessionId") for text, one in zip(source["domain_sessionid"], contexts,
                                                                           strict=True)]  # fmt: skip
    source["person"] = [text or one.get("userId") for text, one in zip(source["domain_userid"], contexts, strict=True)]
    source["name"] = [
        "Promotion" if (action or "").startswith("promo_") else NAMES.get(action or "") for action in actions
    ]
    source["time"] = pd.to_datetime(source["derived_tstamp"], format="ISO8601", utc=True)
    source["sequence"] = [one.get("eventIndex") for one in contexts]
    source = source[(source["domain_userid"] != "") | pd.Series([bool(context) for context in contexts])]
    events = source.dropna(subset="session").sort_values(ORDER)
    expected = count_exits(events[["session", "name"]])
    assert shop.log.exits().frame.set_index("touchpoint")[RATES].sort_index().to_dict() == expected.to_dict()

    first = source.dropna(subset=["person", "name"]).sort_values(ORDER).drop_duplicates("person")
    parts = shop.log.touchpoints(by="geo_city").tables["parts"]
    told = {value or "(none)": count for value, count in first["geo_city"].value_counts().items()}
    assert dict(zip(parts["geo_city"], parts["population_count"], strict=True)) == told


PAGE = re.compile(r'(\S+) \S+ \S+ \[\S+ \+0000\] "(\S+) (\S+)[^"]*" \d{3} \S+ "[^"]*" ".*"$')


def test_the_catalogue_of_an_access_log_is_pasted_and_leaves_nothing(
    published: Callable[[str], Any], tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    site = published("apache")
    frame = site.log.catalogue(top=1_000).frame
    left = site.query("SELECT event, url FROM person_events JOIN events USING (event_id, event) "
                      "WHERE touchpoint IS NULL AND NOT person_events.is_bot")  # fmt: skip
    assert frame["event_count"].sum() == len(left) > 1_000
    paths = left["url"].str.replace(r"[?#].*", "", regex=True)
    icons = ((left["event"] == "asset") & (paths == "http://semicomplete.com/favicon.ico")).sum()
    row = frame[(frame["event"] == "asset") & (frame["address"] == "http://semicomplete.com/favicon.ico")]
    assert row["event_count"].tolist() == [icons]
    assert 2 < len(frame) <= len(left.assign(url=paths).drop_duplicates())

    pasted = tmp_path / "journeys.toml"
    text = site.config.read_text(encoding="utf-8") + "\n" + "\n".join(frame["rule"])
    pasted.write_text(text, encoding="utf-8")
    refresh(pasted)
    with jn.open(pasted) as log:
        events = log.table("event_touchpoints").merge(log.table("events").query("not is_bot"), on="event_id")
        held = events["touchpoint"].value_counts()
        assert held[frame["touchpoint"]].tolist() == frame["event_count"].tolist()
        assert log.catalogue().frame.empty
        for name in ("Home", "Blog", "Article", "Project"):
            assert (log.table("event_touchpoints")["touchpoint"] == name).sum() == (
                site.log.table("event_touchpoints")["touchpoint"] == name
            ).sum()
