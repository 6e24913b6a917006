"""A good journeys.toml becomes frozen settings with defaults; a file that cannot be read says where and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from journeys.config import ColumnMap, Match, Settings, load_settings
from journeys.errors import CallError
from journeys.schema import STAGES

# The outline of the design, completed only by the columns that the CRM source needs.
OUTLINE = """\
[project]
name = "Acme"
timezone = "Europe/Riga"          # for calendar days and source times without a zone
currency = "EUR"
[warehouse]
path = "warehouse"
[[source]]
name = "web"
kind = "file"
path = "data/web/*.jsonl"
required = true
[source.columns]                  # canonical = theirs
event_id = "event_id"
occurred_at = "occurred_at"
device_id = "anonymous_id"
user_id = "user_id"
event = "name"
[[source]]
name = "crm"
kind = "database"
url = "${CRM_URL}"                # SQLAlchemy
table = "deal_stage_history"
cursor = "updated_at"
[source.columns]
event_id = "history_id"
occurred_at = "changed_at"
event = "stage"
user_id = "contact_id"
[identity]
rule = "device_split"
[session]
timeout = "30m"
[journey]
goal = "purchase"
inactive_days = 30
[[stage]]
name = "consideration"
[[touchpoint]]                    # first match wins
name = "Product page"
channel = "web"
stage = "consideration"
match = { event = "page_view", url = "*/product/*" }
[[goal]]
name = "purchase"
match = { event = "purchase" }
value = "value_amount"
[[funnel]]
name = "shop"
steps = ["Product page", "Cart", "purchase"]
window = "7d"
[report]
path = "report.html"
"""


def test_the_outline_loads(load: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_URL", "postgresql://reader:hush@db/crm")
    settings = load(text=OUTLINE)
    web, crm = settings.sources
    assert (settings.path, settings.folder) == (tmp_path / "journeys.toml", tmp_path)
    assert (settings.project.name, settings.project.timezone, settings.project.currency) == (
        "Acme",
        "Europe/Riga",
        "EUR",
    )
    assert (settings.warehouse.path, settings.report.path) == (tmp_path / "warehouse", tmp_path / "report.html")
    assert (web.index, web.path, web.is_interaction, web.timezone) == (1, "data/web/*.jsonl", True, "Europe/Riga")
    assert web.columns["device_id"] == ColumnMap(column="anonymous_id")
    assert (crm.index, crm.url, crm.is_interaction, crm.cursor) == (
        2,
        "postgresql://reader:hush@db/crm",
        False,
        "updated_at",
    )
    assert (settings.session.timeout_us, settings.session.max_length_us) == (1_800_000_000, None)
    assert (settings.journey.goal, settings.journey.inactive_us) == ("purchase", 30 * 86_400_000_000)
    assert [stage.name for stage in settings.stages] == ["consideration"]
    assert settings.touchpoints[0].match == Match(conditions=(("event", ("page_view",)), ("url", ("*/product/*",))))
    assert settings.funnel("shop").steps == ("Product page", "Cart", "purchase")
    assert settings.funnel("shop").window_us == 7 * 86_400_000_000
    assert settings.goal("purchase").value == "value_amount"
    assert [warning for warning in settings.warnings if "device_split" not in warning] == []


def test_defaults_are_filled_in(load: Callable[..., Settings], tmp_path: Path) -> None:
    settings = load(
        text="""
        project.name = "A"
        [[source]]
        name = "log"
        kind = "file"
        path = "access.log"
        columns = { occurred_at = "time", event = { value = "page_view" }, device_id = ["ip", "user_agent"] }
        [[goal]]
        name = "bought"
        match = "event = 'purchase'"
        """
    )
    source = settings.sources[0]
    assert (settings.project.timezone, settings.project.currency, source.timezone) == ("UTC", "", "UTC")
    assert (settings.warehouse.path, settings.warehouse.keep_snapshots) == (tmp_path / "warehouse", 3)
    assert [stage.name for stage in settings.stages] == list(STAGES)
    assert settings.journey.goal == "bought"
    assert (settings.goals[0].match, settings.goals[0].sql) == (None, "event = 'purchase'")
    assert (source.format, source.delimiter, source.unit, source.required, source.drop_repeats) == (
        "auto",
        ",",
        "",
        True,
        False,
    )
    assert source.earliest_us == 946_684_800_000_000  # 2000-01-01T00:00Z, from the calendar
    assert source.columns["device_id"].columns == ("ip", "user_agent")
    assert (source.columns["event"].value, source.columns["event"].column) == ("page_view", None)
    assert (settings.report.top, settings.report.depth, settings.channels.preset) == (8, 8, "ga4")
    assert settings.session.model_dump() == {
        "timeout": "30m",
        "gap_inclusive": True,
        "max_length": None,
        "midnight": False,
        "campaign": False,
        "keep_source_id": True,
    }


def test_the_earliest_time_is_in_the_zone_of_the_source(load: Callable[..., Settings]) -> None:
    settings = load(("required = true", "earliest = 2020-01-01"))
    assert settings.sources[0].earliest_us == 1_577_829_600_000_000  # 2019-12-31T22:00Z: Riga is two hours ahead


def test_steps_may_be_names_lists_and_conditions(load: Callable[..., Settings]) -> None:
    settings = load(('"Cart", "purchase"]', '["Cart", "Basket"], { value_amount = [1, 2.5], is_bot = false }]'))
    assert settings.funnels[0].steps == (
        "Product page",
        ("Cart", "Basket"),
        Match(conditions=(("is_bot", (False,)), ("value_amount", (1, 2.5)))),
    )
    step = settings.funnels[0].steps[2]
    assert isinstance(step, Match)
    assert step.to_dict() == {"is_bot": [False], "value_amount": [1, 2.5]}


def test_touchpoints_and_stages_keep_the_order_of_the_file(load: Callable[..., Settings]) -> None:
    settings = load(('name = "awareness"', 'name = "dormant"\nabsent_days = 90'))
    assert [(rule.index, rule.name) for rule in settings.touchpoints] == [(1, "Product page"), (2, "Cart")]
    assert [(stage.name, stage.absent_days) for stage in settings.stages] == [("dormant", 90), ("consideration", None)]


def test_one_channel_may_have_several_rules(load: Callable[..., Settings]) -> None:
    rule = '[[channels.rule]]\nname = "Partners"\n'
    settings = load(('source = "partner-*"\n', f'source = "partner-*"\n{rule}medium = "affiliate"\n'))
    assert [(rule.name, rule.source, rule.medium) for rule in settings.channels.rules] == [
        ("Partners", "partner-*", None),
        ("Partners", None, "affiliate"),
    ]


def test_paths_start_at_the_folder_of_the_file(load: Callable[..., Settings], tmp_path: Path) -> None:
    settings = load(('"warehouse"', '"../store"'), ('"report.html"', '"/srv/report.html"'))
    assert settings.warehouse.path == tmp_path.parent / "store"
    assert settings.report.path == Path("/srv/report.html")
    assert settings.sources[1].url == f"sqlite:///{tmp_path}/data/crm.sqlite"


@pytest.mark.parametrize(
    "url", ["sqlite:////srv/crm.db", "sqlite:///:memory:", "postgresql://db/crm", "sqlite:///file:a?uri=true"]
)
def test_other_urls_stay_as_they_are(load: Callable[..., Settings], url: str) -> None:
    assert load(("sqlite:///data/crm.sqlite", url)).sources[1].url == url


def test_a_relative_path_of_the_file_itself_is_made_absolute(
    load: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    monkeypatch.chdir(tmp_path)
    assert load_settings("journeys.toml").folder == tmp_path


@pytest.mark.parametrize("ending", ["a.parquet", "a.csv.gz", "A.JSONL.GZ", "logs/*", "access.log*", "access.log"])
def test_formats_are_told_by_the_ending(load: Callable[..., Settings], ending: str) -> None:
    assert load(("data/web/*.jsonl", ending)).sources[0].path == ending


def test_settings_cannot_be_changed(load: Callable[..., Settings]) -> None:
    settings = load()
    with pytest.raises(ValidationError):
        settings.project.name = "Other"  # type: ignore[misc]


def test_an_unknown_funnel_names_the_nearest(load: Callable[..., Settings]) -> None:
    with pytest.raises(CallError) as caught:
        load().funnel("shp")
    assert caught.value.code == "unknown-funnel"
    assert (caught.value.found, caught.value.allowed, caught.value.do) == ("'shp'", "'shop'", "did you mean 'shop'?")
    with pytest.raises(CallError, match="unknown-goal"):
        load().goal("xyz")


def test_unwise_settings_are_warned_of(load: Callable[..., Settings]) -> None:
    settings = load(
        ("sqlite:///data/crm.sqlite", "postgresql://reader:hush@db/crm"),
        ('steps = ["Product page", "Cart"', 'steps = ["Prodct page", "cart"'),
        ('[[stage]]\nname = "consideration"', '[[stage]]\nname = "consideration"\nabsent_days = 5'),
    )
    password, page, cart, stage = settings.warnings
    assert '[[source]] "crm": url holds a password' in password
    assert "hush" not in password
    assert "did you mean 'Product page'?" in page
    assert "did you mean 'Cart'?" in cart
    assert "[[touchpoint]] \"Product page\": stage 'consideration' is given by absence" in stage
