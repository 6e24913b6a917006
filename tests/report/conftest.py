"""A shop's report to draw: 25 touchpoints and 4,000 people who walk up to six steps; and a report on nothing."""

from __future__ import annotations

import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stage_world import COVERAGE, COVERED, transition_frame

from journeys.report import NamedTable, Notice, ReportContent, WhoIsWho

STAGE_OF = {
    "Search ad": "awareness", "Social post": "awareness", "Newsletter sign-up": "awareness",
    "Blog article": "awareness", "Trade fair": "awareness", "Home page": "consideration",
    "Product page": "consideration", "Site search": "consideration", "Category page": "consideration",
    "Comparison of products side by side": "consideration",
    "Delivery terms": "consideration", "Sales call": "consideration", "Offer sent": "consideration", "Cart": "purchase",
    "Checkout: address": "purchase", "Checkout: payment": "purchase", "Form error": "purchase", "Purchase": "purchase",
    "Order confirmation mail": "retention", "Support ticket": "retention", "Log-in": "retention",
    "Satisfaction survey": "retention", "Referral link": "advocacy", "Review written": "advocacy",
    "ギフトカードのご案内": "advocacy",
}  # fmt: skip
STAGES = ("awareness", "consideration", "purchase", "retention", "advocacy")
FUNNEL = ("Product page", "Cart", "Checkout: address", "Checkout: payment", "Purchase")


def walk_people(person_count: int = 4000, depth: int = 6, top: int = 7) -> pd.DataFrame:
    """Balanced links of people who walk from stage to stage; per step the `top` names stay, the rest is (other)."""
    chance = random.Random(7)
    names = list(STAGE_OF)
    paths = []
    for _ in range(person_count):
        place, path = chance.choice((0, 1, 2, 3, 5, 5, 5, 6, 7)), []
        while len(path) < depth + 1:
            path.append(names[place])
            if chance.random() < 0.22:
                path.append(chance.choice(("(dropped)", "(dropped)", "(open)")))
                break
            step = min(len(names) - 1, max(0, place + chance.choice((-2, -1, 1, 1, 2, 3, 5))))
            place = step if step != place else place - 1
        paths.append(path)
    kept: dict[int, set[str]] = {}
    for index in range(depth):
        seen = Counter(path[index] for path in paths if len(path) > index and not path[index].startswith("("))
        kept[index] = {name for name, _ in seen.most_common(top)}
    links: Counter[tuple[int, str, str]] = Counter()
    for path in paths:
        shown = [name if name.startswith("(") or name in kept.get(i, ()) else "(other)" for i, name in enumerate(path)]
        shown[depth:] = ["(more)"] if len(path) > depth and not path[depth].startswith("(") else shown[depth:]
        for index, (source, target) in enumerate(itertools.pairwise(shown), start=1):
            links[index, source, target] += 1
    return pd.DataFrame(
        [(*key, count, count / person_count) for key, count in sorted(links.items())],
        columns=["step_index", "from_step", "to_step", "count", "share"],
    )


def funnel_frame(names: tuple[str, ...] = FUNNEL) -> pd.DataFrame:
    reached = (18204, 7411, 4120, 3377, 2251)
    open_counts = (812, 164, 40, 121, 0)
    rows = []
    for place, name in enumerate(names):
        following = reached[place + 1] if place + 1 < len(names) else reached[place]
        mature = [count - 500 for count in reached]
        share = mature[place] / mature[0]
        still_open = open_counts[place] if place + 1 < len(names) else 0
        rows.append(
            (place + 1, name, reached[place], reached[place] - following - still_open, still_open, mature[place],
             mature[place] / mature[max(0, place - 1)], share, share - 0.006 * (place > 0),
             share + 0.006 * (place > 0), 0.0 if place == 0 else 900.0 * 7**place)
        )  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=["step_index", "step_name", "reached_count", "dropped_count", "open_count", "mature_count",
                 "step_share", "overall_share", "overall_share_low", "overall_share_high", "median_seconds_from_first"],
    )  # fmt: skip


def touchpoint_frame(stage_of: dict[str, str] = STAGE_OF) -> pd.DataFrame:
    rows = []
    for place, (name, stage) in enumerate(stage_of.items()):
        persons = max(8, 9000 // (place + 1) - 340)
        converted = round(persons * (0.06 + 0.011 * (place % 11)))
        share = converted / persons
        half = 1.96 * (share * (1 - share) / persons) ** 0.5
        exits = persons // 4
        rows.append(
            (name, ("web", "crm", "mail")[place % 3], stage if place % 9 else None, persons, persons / 18204, exits,
             exits // 2, exits // 8, converted, share, max(0, share - half), share + half, 0.1237, share / 0.11)
        )  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=["touchpoint", "channel", "stage", "person_count", "reach_share", "exit_count", "dropped_count",
                 "open_count", "converted_count", "conversion_share", "conversion_share_low", "conversion_share_high",
                 "baseline_share", "lift"],
    )  # fmt: skip


def key_figure_frame() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("persons", "Persons", 18204, "count", 18204, None, None, None, "People with at least one touchpoint."),
            ("conversion", "Conversion", 0.1237, "share", 2251, 18204, 0.119, 0.1285,
             "Persons with a purchase, of all persons; Wilson 95 % interval."),
            ("sessions", "Sessions", 51377, "count", 51377, None, None, None, "Visits, cut after pauses over 30 min."),
            ("open", "Still open", 0.087, "share", 1584, 18204, 0.083, 0.0912,
             "Persons without a purchase whose last contact is less than 30 days old."),
            ("revenue", "Revenue", 412345.5, "money", 2611, None, None, None, "Sum of the value of all purchases."),
            ("time", "Time to purchase", 187320.0, "seconds", 2251, None, 180000.0, 195500.0,
             "Median from the first touchpoint to the first purchase."),
        ],
        columns=["key", "label", "value", "unit", "count", "base", "low", "high", "definition"],
    )  # fmt: skip


def who_is_who() -> WhoIsWho:
    return WhoIsWho(
        person_count=18204,
        known_count=6120,
        bot_count=311,
        kinds=pd.DataFrame(
            [("device_id", 21_470, 18_392), ("email", 6_004, 5_811), ("user_id", 5_920, 5_920)],
            columns=["identifier_kind", "identifier_count", "person_count"],
        ),
        refusals=pd.DataFrame(
            [("blocked", 7, 0, 1_204), ("hub", 1, 212, 4_310), ("limit", 3, 3, 41), ("shared", 118, 251, 9_882)],
            columns=["guard", "identifier_count", "link_count", "event_count"],
        ),
        large_persons=pd.DataFrame([("9f2c61d0aa17be42", 137)], columns=["person_id", "identifier_count"]),
        large_person_count=2,
        alarm_size=100,
        aliases=pd.DataFrame(
            [("merged", 14, 6, 31), ("renamed", 3, 3, 8), ("split", 1, 2, 5)],
            columns=["change", "old_person_count", "new_person_count", "identifier_count"],
        ),
    )


def bot_frame() -> pd.DataFrame:
    rows = [
        ("without bots", 51_377, 792_411, 18_204, 17_320, 2_251, 0.12997, 0.12505, 0.13505),
        ("user agent", 1_940, 11_318, 204, 204, 0, 0.0, 0.0, 0.01848),
        ("too many events", 12, 3_180, 11, 11, 1, 0.0909, 0.0162, 0.3774),
        ("steady pace", 0, 0, 0, 0, 0, None, None, None),
        ("with bots", 53_329, 806_909, 18_415, 17_531, 2_251, 0.1284, 0.12354, 0.13343),
    ]
    return pd.DataFrame(
        rows,
        columns=["population", "session_count", "event_count", "person_count", "contact_person_count",
                 "converted_count", "conversion_share", "conversion_share_low", "conversion_share_high"],
    )  # fmt: skip


def verdict_frame() -> pd.DataFrame:
    rows = [
        ("volume", "web", "", "warned", "Source 'web': 120 events on Monday 2026-11-16, 40.0 % of the usual 300."),
        ("nulls", "crm", "user_id", "not judged", "Source 'crm' has 12 new events; fewer than 50 are not judged."),
        ("reconciliation", "", "persons of events", "passed", "The persons of events: all 846 242 add up."),
    ]
    return pd.DataFrame(rows, columns=["gate", "source", "subject", "status", "text"])


BOT_REASONS = {
    "user agent": "an event comes from a browser that calls itself a bot",
    "too many events": "more than 200 events within 5m",
    "steady pace": "at least 20 page changes at an even pace",
}


@pytest.fixture(scope="session")
def busy_content() -> ReportContent:
    """A full report."""
    return ReportContent(
        project_name="Acme Garden Supplies",
        as_of="2026-11-22T03:12:00Z",
        timezone="Europe/Riga",
        currency="EUR",
        snapshot_id="2026-11-22T031500-4f9c21",
        key_figures=key_figure_frame(),
        funnels=(
            NamedTable("Shop", funnel_frame(), {"rule": "ordered, best entry", "window": "7d", "as_of": "2026-11-22"}),
            NamedTable("Checkout", funnel_frame()[:3]),
        ),
        stage_links=NamedTable("stages", walk_people(), {"top": 7, "depth": 6, "ends": ["(dropped)", "(open)"]}),
        stage_of=STAGE_OF,
        stage_coverage=pd.DataFrame([COVERAGE], columns=COVERED),
        transitions=NamedTable("What follows what", transition_frame(tuple(STAGE_OF)), {"rule": "directly followed"}),
        stage_order=STAGES,
        touchpoints=NamedTable("touchpoints", touchpoint_frame(), {"goal": "Purchase", "inactive_days": 30}),
        who_is_who=who_is_who(),
        bots=NamedTable("Bots", bot_frame(), {"rule": "A bot's visit is one as a whole.", "reasons": BOT_REASONS}),
        data_quality=pd.DataFrame(
            [("web", 812_441, 806_130, 5_204, 1_107), ("crm", 40_112, 40_112, 0, 0)],
            columns=["source", "read_count", "accepted_count", "duplicate_count", "rejected_count"],
        ),
        rejects=pd.DataFrame(
            [
                ("web", "no time", 811, "data/web/2026-10.jsonl", 411),
                ("web", "unreadable line", 296, "data/x.jsonl", 9),
            ],
            columns=["source", "reason", "count", "example_file", "example_line"],
        ),
        warnings=("Funnel 'Shop': the step 'Gift wrap' never occurs.",),
        definitions=(
            ("Person", "The human behind a set of identifiers."),
            ("Touchpoint", "An event where the person meets the company."),
            ("Dropped", "The last contact is at least 30 days old and the goal was not reached."),
        ),
        parameters=(("session timeout", "30m"), ("inactive days", "30")),
        fingerprint="sha256:5b1d0c6f7e2a9d0b",
        product_version="0.1.0",
        verdicts=verdict_frame(),
    )


def put_name_everywhere(content: ReportContent, name: str) -> ReportContent:
    """The same report with `name` in every place that data or configuration can fill."""
    long_named = dict.fromkeys(("label", "definition"), name)
    touchpoints = content.touchpoints.frame.assign(channel=name, stage=name)
    touchpoints["touchpoint"] = [name, *touchpoints["touchpoint"][1:]]
    home = {"from_step": {"Home page": name}, "to_step": {"Home page": name}}
    funnel = content.funnels[0].frame.assign(step_name=name)
    told = {name: name, "nested": {name: [name, name]}}
    return replace(
        content,
        project_name=name,
        as_of=name,
        timezone=name,
        currency=name,
        snapshot_id=name,
        key_figures=content.key_figures.assign(**long_named),
        funnels=(
            NamedTable(name, funnel, told),
            NamedTable(name, pd.concat([funnel.assign(**{name: name}), funnel.assign(**{name: "b"})]), told),
        ),
        stage_links=NamedTable(name, content.stage_links.frame.replace(home), told),
        transitions=NamedTable(name, content.transitions.frame.replace(home), told),
        stage_of={**content.stage_of, name: name},
        stage_order=(*content.stage_order, name),
        touchpoints=NamedTable(name, touchpoints, told),
        who_is_who=replace(
            content.who_is_who,
            kinds=content.who_is_who.kinds.assign(identifier_kind=name),
            large_persons=content.who_is_who.large_persons.assign(person_id=name),
        ),
        bots=NamedTable(name, content.bots.frame, told | {"reasons": dict.fromkeys(BOT_REASONS, name)}),
        data_quality=content.data_quality.assign(source=name),
        rejects=content.rejects.assign(source=name, reason=name, example_file=name),
        warnings=(name,),
        definitions=((name, name),),
        parameters=((name, name),),
        fingerprint=name,
        product_version=name,
        verdicts=content.verdicts.assign(gate=name, source=name, subject=name, status=name, text=name),
        notice=Notice(name, (name, name)),
    )


@pytest.fixture(scope="session")
def name_everywhere(busy_content: ReportContent) -> Callable[[str], ReportContent]:
    """Builds the full report with one name in every place."""
    return lambda name: put_name_everywhere(busy_content, name)


@pytest.fixture(scope="session")
def empty_content() -> ReportContent:
    """A report on nothing: frames without rows, and one without columns."""
    quality = pd.DataFrame(columns=["source", "read_count", "accepted_count", "duplicate_count", "rejected_count"])
    return ReportContent(
        project_name="New project",
        as_of="2026-11-22T03:12:00Z",
        timezone="UTC",
        currency="",
        snapshot_id="s-1",
        key_figures=key_figure_frame()[:0],
        funnels=(NamedTable("Shop", funnel_frame()[:0]),),
        stage_links=NamedTable("stages", pd.DataFrame()),
        stage_of={},
        stage_order=(),
        touchpoints=NamedTable("touchpoints", touchpoint_frame()[:0]),
        who_is_who=WhoIsWho(0, 0, 0, *(pd.DataFrame() for _ in range(3)), 0, 100, pd.DataFrame()),
        bots=NamedTable("Bots", bot_frame()[:0]),
        data_quality=quality,
        rejects=pd.DataFrame(columns=["source", "reason", "count", "example_file", "example_line"]),
        warnings=(),
        definitions=(),
    )
