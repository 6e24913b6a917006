"""The catalogue of unmatched events: addresses made alike, and rules that match just their own row once pasted."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import journeys as jn
from journeys.insights.touchpoints.suggest import toml_text
from journeys.insights.touchpoints.templates import template_pattern, template_sql

ALIKE = {
    "https://shop.example/product/12?utm_source=x": "https://shop.example/product/*",
    "https://shop.example/product/12/reviews#top": "https://shop.example/product/*/reviews",
    "https://shop.example": "https://shop.example",
    "https://shop.example/": "https://shop.example/",
    "/2026/03/15/a-story": "/*/*/*/a-story",
    "/log/2026-03-15": "/log/*",
    "/log/2026-03-15T10:00:00Z/x": "/log/*/x",
    "/f/123e4567-e89b-12d3-a456-426614174000/x.html": "/f/*/x.html",
    "/f/12345.html": "/f/*.html",
    "/h/9f86d081884c7d65": "/h/*",
    "/watch/dQw4w9WgXcQ": "/watch/*",
    "/p/sku-991": "/p/*",
    "/p/17-red-shoes": "/p/*",
    "/p/red-shoes-104711": "/p/*",
    "/u/anna@shop.example/orders": "/u/*/orders",
    "/u/anna%40shop.example": "/u/*",
    "//x//12//": "//x//*//",
    "https://10.0.0.1/12": "https://10.0.0.1/*",
    "a/12": "a/*",
    "": "",
    # These are names, not cases.
    "/api/v1/users": "/api/v1/users",
    "/mp3/html5": "/mp3/html5",
    "/top-ten": "/top-ten",
    "/search?q=/12/": "/search",
    "/12%2F13/é": "/12%2F13/é",
}


@pytest.mark.parametrize("address", ALIKE)
def test_what_changes_in_a_path_becomes_a_star(address: str) -> None:
    with duckdb.connect() as connection:
        made = connection.execute(f"SELECT {template_sql('a')} FROM (SELECT ? AS a)", [address]).fetchone()
        matches = connection.execute("SELECT regexp_full_match(?, ?)", [address, template_pattern(ALIKE[address])])
        assert made == (ALIKE[address],)
        assert matches.fetchone() == (True,)


@pytest.mark.parametrize(
    "text", ['a "quote"', "back\\slash", "${HOME} $${x} $$${", "tab\tline\nnull\x00\x7f", "'; DROP", "é\u2028ž", ""]
)
def test_a_text_comes_back_from_toml_as_it_was(text: str) -> None:
    read = tomllib.loads(f"x = {toml_text(text)}")["x"]
    assert read.replace("$${", "${") == text


CONFIG = """
[project]
name = "Hostile"
[[source]]
name = "web"
kind = "file"
path = "web.jsonl"
[source.columns]
event_id = "id"
occurred_at = "at"
device_id = "who"
event = "what"
url = "page"
value_amount = "amount"
[[goal]]
name = "order"
sql = "event = 'view' AND value_amount > 10"
"""
RULED = """
[[touchpoint]]
name = "view /about"
match = { event = "view", url = "*/about" }
"""
SITE = "https://shop.example"
PAGES = [
    (5, "view", f"{SITE}/product/17?x=1"),
    (3, "view", f"{SITE}/product/18#top"),
    (2, "view", f"{SITE}/product/new"),
    (2, "view", f"{SITE}/product/17/reviews?next={SITE}/product/1"),
    (2, "view", f"{SITE}/home?next=/product/3/reviews"),
    (2, "view", f"{SITE}/home"),
    (1, "view", f"{SITE}/about"),
    (1, "view", f"{SITE}/100%/a_b"),
    (1, "view", f"{SITE}/100x/aXb"),
    (1, "view", f"{SITE}/star/*"),
    (1, "view", f"{SITE}/star/*x*"),
    (1, "view", f"{SITE}/star/yxy"),
    (1, "view", f"{SITE}/q'uote\"/\\back"),
    (1, "view", f"{SITE}/${{HOME}}/$${{x}}"),
    (1, "view", f"{SITE}/(a|b)[c]+.{{2}}^$"),
    (1, "view", f"{SITE}/(none)"),
    (1, "view", f"{SITE}/line\nbreak"),
    (1, "view", f"{SITE}/ž/ünï/✓"),
    (1, "view", None),
    (1, "view", "/u/a@b.html"),
    (1, "view", "/u/12.html"),
    (1, "view*", f"{SITE}/home"),
    (1, "viewer", f"{SITE}/home"),
    (1, "(none)", None),
    (1, 'it\'s "odd" ${x}\\', None),
    (2, "click", None),
    (1, "click", f"{SITE}/home"),
    *((1, "view", f"{SITE}/blog/{chr(97 + n)}-story/") for n in range(22)),
    (1, "view", f"{SITE}/blog/a-story/comments"),
    (1, "view", f"{SITE}/news/one"),
    (1, "view", f"{SITE}/news/two"),
]
# The order is a view of /thanks with more than ten of money; other views of it are no order.
THANKS = f"{SITE}/thanks"


def write_log(folder: Path) -> None:
    rows = [(what, page, None) for count, what, page in PAGES for _ in range(count)]
    rows += [("view", THANKS, 20.0), ("view", THANKS, None), ("view", THANKS, 5.0)]
    lines = [
        json.dumps({"id": f"e{n}", "at": f"2026-03-{1 + n // 48:02d}T{n % 24:02d}:00:00Z", "who": f"p{n % 7}",
                    "what": what, "page": page, "amount": amount})
        for n, (what, page, amount) in enumerate(rows)
    ]  # fmt: skip
    (folder / "web.jsonl").write_text("\n".join(lines), encoding="utf-8")


def read_touchpoints(config: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """What each touchpoint holds: (event, address, money)."""
    with jn.open(config) as log:
        events = log.table("events").merge(log.table("event_touchpoints"), on="event_id")
        events = events.astype(object).where(events.notna(), None)
    found: dict[str, Counter[tuple[Any, ...]]] = {}
    for row in events.itertuples():
        found.setdefault(row.touchpoint, Counter())[row.event, row.url, row.value_amount] += 1
    return found


def test_rules_of_hostile_addresses_match_just_their_own_row_once_pasted(
    tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    config = tmp_path / "journeys.toml"
    write_log(tmp_path)
    config.write_text(CONFIG + RULED, encoding="utf-8")
    refresh(config)
    with jn.open(config) as log:
        answer = log.catalogue(top=1_000)
    frame = answer.frame
    assert frame["event_count"].sum() == answer.definition["unmatched_count"]
    assert frame["touchpoint"].is_unique
    assert frame["cumulative_share"].iloc[-1] == pytest.approx(1)

    config.write_text(CONFIG + RULED + "\n" + "\n".join(frame["rule"]), encoding="utf-8")
    refresh(config)
    found = read_touchpoints(config)
    home = next(row for row in frame.itertuples() if (row.event, row.address) == ("view", f"{SITE}/home"))
    assert found[home.touchpoint] == {("view", f"{SITE}/home", None): 2, ("view", PAGES[4][2], None): 2}
    for row in frame.itertuples():
        held = found[row.touchpoint]
        assert held.total() == row.event_count, row.rule
        assert {event for event, _, _ in held} == {row.event}
        assert all((address is None) == (not isinstance(row.address, str)) for _, address, _ in held)
    with jn.open(config) as log:
        assert log.catalogue().frame.empty, "nothing is left"
        assert isinstance(log.catalogue().figure().to_dict(), dict)
        assert log.table("touchpoints").query("is_goal")["touchpoint"].tolist() == ["order"], "the goal keeps its name"


def test_before_there_is_any_rule_addresses_stand_in_the_rows_of_their_kind(
    tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    config = tmp_path / "journeys.toml"
    write_log(tmp_path)
    config.write_text(CONFIG, encoding="utf-8")
    refresh(config)
    with jn.open(config) as log:
        frame = log.catalogue(top=1_000).frame
    counts = {(row.event, row.address): row.event_count for row in frame.itertuples() if isinstance(row.address, str)}
    assert counts["view", f"{SITE}/product/*"] == 8
    assert counts["view", f"{SITE}/product/new"] == 2
    assert counts["view", f"{SITE}/product/*/reviews"] == 2
    assert counts["view", f"{SITE}/home"] == 4
    assert counts["view", f"{SITE}/blog/*/"] == 22, "more than twenty in one place are one kind"
    assert counts["view", f"{SITE}/blog/a-story/comments"] == counts["view", f"{SITE}/news/one"] == 1
    assert counts["view", THANKS] == 2
    assert list(frame["event_count"]) == sorted(frame["event_count"], reverse=True)
    product = frame[frame["address"] == f"{SITE}/product/*"].iloc[0]
    assert (product["person_count"], product["example"]) == (7, f"{SITE}/product/17?x=1")
    assert product["first_seen_at"] == pd.Timestamp("2026-03-01 00:00")
    assert product["last_seen_at"] == pd.Timestamp("2026-03-01 07:00")


def test_a_log_in_memory_has_no_rules_and_is_listed_whole() -> None:
    rows = [("a", "2026-03-01 10:00", "view", "/p/1"), ("b", "2026-03-01 10:01", "view", "/p/2"),
            ("b", "2026-03-01 10:02", "buy", None)]  # fmt: skip
    log = jn.from_events(
        pd.DataFrame(rows, columns=["who", "at", "what", "page"]), person="who", occurred_at="at", event="what"
    )
    by_event = log.catalogue()
    assert by_event.frame[["event", "event_count", "person_count"]].values.tolist() == [["view", 2, 2], ["buy", 1, 1]]
    assert by_event.frame["address"].isna().all()
    by_page = log.catalogue(address="page", top=1)
    assert by_page.frame[["event", "address", "event_count"]].values.tolist() == [["view", "/p/*", 2]]
    assert tomllib.loads(by_page.frame["rule"][0])["touchpoint"] == [
        {"name": "view /p/*", "match": {"event": "view", "page": "/p/*"}}
    ]
    assert (by_page.definition["group_count"], by_page.definition["unmatched_count"]) == (2, 3)
    assert log.catalogue(as_of="2020-01-01").frame.empty


def test_each_of_many_groups_has_its_own_rule() -> None:
    names = [f"{a}{b}" for a in "abcdefghijklm" for b in ("", "*", "_", "%", "'", "x", "yz", "?", "[a]", "zz")]
    rows = pd.DataFrame([(name, "2026-03-01 10:00", name) for name in names], columns=["who", "at", "what"])
    log = jn.from_events(rows, person="who", occurred_at="at", event="what")
    frame = log.catalogue(top=1_000).frame
    assert sorted(frame["event"]) == sorted(names)
    rules = tomllib.loads("\n".join(frame["rule"]))["touchpoint"]
    assert len({rule["name"] for rule in rules}) == len(names) == 130
    for event, rule in zip(frame["event"], rules, strict=True):
        if "match" in rule:
            assert rule == {"name": event, "match": {"event": event}}
        else:
            assert rule == {"name": event, "sql": f"event = '{event}'"}
            assert event.endswith("*"), "a star in a name matches more than the name"
