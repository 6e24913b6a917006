"""A preset stands for sources; what is written beside it wins, and its rules hold for its own events only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from journeys.config import Settings, preset
from journeys.errors import ConfigError
from journeys.presets import Preset, list_presets, load_preset

HEAD = '[project]\nname = "Acme"\n'
WEB = '[[source]]\nname = "web"\npreset = "ga4"\npath = "export/*.json"\n'
CRM = '[[source]]\nname = "crm"\npreset = "deals"\nurl = "sqlite:///crm.sqlite"\n'


def made_preset(
    parts: Mapping[str, Mapping[str, Any]], *, extra: frozenset[str] = frozenset(), rank: int = 2
) -> Preset:
    """A CRM's preset of several tables, small enough to see through."""
    return Preset("deals", "A CRM", ("https://crm.example/docs",), parts, RULES, extra, rank)


RULES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "touchpoint": ({"name": "Page", "stage": "retention", "match": {"event": "call"}},),
    "goal": ({"name": "purchase", "match": {"event": "won"}},),
    "funnel": ({"name": "sales", "steps": ["Page", "purchase"]},),
}
PEOPLE = {"holds": "contacts", "table": "{schema}people", "cursor": "changed", "columns": {"occurred_at": "changed"},
          "identifiers": {"contact_id": "id", "email": "email"}}  # fmt: skip
STAGES = {"query": "SELECT * FROM {schema}stages", "columns": {"occurred_at": "at", "event": "stage"},
          "identifiers": {"contact_id": "person"}}  # fmt: skip


@pytest.fixture
def deals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the configuration know a preset 'deals' of two tables."""
    made = made_preset({"people": PEOPLE, "stages": STAGES})
    monkeypatch.setattr(preset, "list_presets", lambda: ("deals", "ga4"))
    monkeypatch.setattr(preset, "load_preset", lambda name: made if name == "deals" else load_preset(name))


def problems_in(load: Callable[..., Settings], text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(text=text)
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize("name", list_presets())
def test_each_preset_is_cited_and_complete(name: str) -> None:
    made = load_preset(name)
    assert made.title
    assert all(address.startswith("https://") for address in made.documentation)
    assert made.documentation
    assert list(made.parts) == [""] or "" not in made.parts


@pytest.mark.parametrize("name", list_presets())
def test_each_preset_makes_valid_sources_and_rules(load: Callable[..., Settings], name: str) -> None:
    parts = load_preset(name).parts
    kinds = {part.get("kind", "database" if {"table", "query"} & set(part) else "file") for part in parts.values()}
    place = 'url = "sqlite:///a.sqlite"' if "database" in kinds else 'path = "export/*.jsonl"'
    events = '[[source]]\nname = "other"\npreset = "ga4"\npath = "a.json"\n'
    own = f'{HEAD}[[source]]\nname = "own"\npreset = "{name}"\n{place}\n'
    instead = load_preset(name).instead_of
    for named in ([part for part in parts if part not in instead], [part for part in parts if part in instead]):
        if named and named != [""]:
            settings = load(text=f"{own}parts = {named}\n{events}")
            assert [each.name for each in settings.sources[:-1]] == [f"own_{part}" for part in named]
    usual = [part for part in parts if part not in load_preset(name).extra]
    assert usual
    settings = load(text=f"{own}{events}")
    assert [each.name for each in settings.sources[:-1]] == [f"own_{part}" if part else "own" for part in usual]


def test_a_few_lines_are_a_whole_configuration(load: Callable[..., Settings]) -> None:
    settings = load(text=HEAD + WEB)
    source = settings.sources[0]
    assert (source.kind, source.unit, source.columns["event"].column) == ("file", "us", "event_name")
    assert settings.journey.goal == "purchase"
    assert settings.touchpoints[0].match is not None
    assert settings.touchpoints[0].match.to_dict()["source"] == ["web"]
    assert all(rule.is_suggested for rule in settings.touchpoints)


def test_what_is_written_beside_a_preset_wins(load: Callable[..., Settings]) -> None:
    own = 'timezone = "Europe/Riga"\n[source.columns]\nuser_id = "customer"\n[source.identifiers]\nemail = "mail"\n'
    source = load(text=HEAD + WEB + own).sources[0]
    assert (source.timezone, source.columns["user_id"].column) == ("Europe/Riga", "customer")
    assert source.columns["event"].column == "event_name"
    assert source.identifiers["email"].column == "mail"


def test_own_rules_take_the_place_of_those_suggested(load: Callable[..., Settings]) -> None:
    goal = '[[goal]]\nname = "lead"\nmatch = { event = "generate_lead" }\n'
    settings = load(text=HEAD + WEB + goal)
    assert [each.name for each in settings.goals] == ["lead"]
    assert settings.funnels == ()
    assert len(settings.touchpoints) > 1
    rule = '[[touchpoint]]\nname = "All"\nmatch = { event = "*" }\n'
    settings = load(text=HEAD + WEB + goal + rule)
    assert [(each.name, each.is_suggested) for each in settings.touchpoints] == [("All", False)]


def test_stages_of_the_company_s_own_are_not_named_by_suggestions(load: Callable[..., Settings]) -> None:
    settings = load(text=HEAD + '[[stage]]\nname = "purchase"\n' + WEB)
    assert {rule.stage for rule in settings.touchpoints} == {None, "purchase"}


def test_each_part_is_a_source(load: Callable[..., Settings], deals: None) -> None:
    settings = load(text=HEAD + WEB + CRM + 'schema = "hub"\nread_timeout = "1m"\n')
    assert [source.name for source in settings.sources] == ["web", "crm_people", "crm_stages"]
    people, stages = settings.sources[1:]
    assert (people.kind, people.table, people.cursor, people.read_timeout) == (
        "database",
        "hub.people",
        "changed",
        "1m",
    )
    assert stages.query == "SELECT * FROM hub.stages"
    assert [source.index for source in settings.sources] == [1, 2, 3]


def test_parts_can_be_chosen_and_one_can_be_changed(load: Callable[..., Settings], deals: None) -> None:
    settings = load(text=HEAD + WEB + CRM + 'parts = ["stages"]\n')
    assert [source.name for source in settings.sources] == ["web", "crm_stages"]
    one = CRM.replace('"deals"', '"deals/stages"') + 'table = "my_stages"\n'
    source = load(text=HEAD + WEB + one).sources[1]
    assert (source.name, source.table, source.query) == ("crm", "my_stages", None)


def test_an_extra_part_is_read_only_where_it_is_named(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_preset({"people": PEOPLE, "stages": STAGES}, extra=frozenset({"people"}))
    monkeypatch.setattr(preset, "list_presets", lambda: ("deals", "ga4"))
    monkeypatch.setattr(preset, "load_preset", lambda name: made if name == "deals" else load_preset(name))
    assert [source.name for source in load(text=HEAD + WEB + CRM).sources] == ["web", "crm_stages"]
    named = load(text=HEAD + WEB + CRM + 'parts = ["people", "stages"]\n')
    assert [source.name for source in named.sources] == ["web", "crm_people", "crm_stages"]
    alone = load(text=HEAD + WEB + CRM.replace('"deals"', '"deals/people"'))
    assert [source.name for source in alone.sources] == ["web", "crm"]


def test_parts_that_would_count_twice_are_not_read_together(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Preset("deals", "A CRM", ("https://crm.example/docs",), {"history": STAGES, "stages": STAGES}, RULES,
                  frozenset({"history"}), instead_of={"history": "stages"})  # fmt: skip
    monkeypatch.setattr(preset, "list_presets", lambda: ("deals", "ga4"))
    monkeypatch.setattr(preset, "load_preset", lambda name: made if name == "deals" else load_preset(name))
    named = CRM + 'parts = ["history"]\n'
    assert [source.name for source in load(text=HEAD + WEB + named).sources] == ["web", "crm_history"]
    found = problems_in(load, HEAD + WEB + CRM + 'parts = ["stages", "history"]\n')
    assert "history and stages tell of the same things" in found


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("postgresql+psycopg://me@host/db", 'SELECT "Id" FROM hub."eu_Stages"'),
        ("${CRM_URL}", 'SELECT "Id" FROM hub."eu_Stages"'),
        ("sqlite:///a.sqlite", "SELECT Id FROM hub.eu_Stages"),
        ("mysql+pymysql://me@host/db", "SELECT Id FROM hub.eu_Stages"),
    ],
)
def test_names_with_capitals_are_quoted_where_they_would_be_folded(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, url: str, query: str
) -> None:
    made = made_preset({"stages": {**STAGES, "query": 'SELECT "Id" FROM {schema}"Stages"'}})
    monkeypatch.setenv("CRM_URL", "postgresql+psycopg://me@host/db")
    monkeypatch.setattr(preset, "list_presets", lambda: ("deals", "ga4"))
    monkeypatch.setattr(preset, "load_preset", lambda name: made if name == "deals" else load_preset(name))
    text = CRM.replace("sqlite:///crm.sqlite", url) + 'schema = "hub"\nprefix = "eu_"\n'
    assert load(text=HEAD + WEB + text).sources[1].query == query
    placed = load(text=HEAD + WEB + text.replace('schema = "hub"', "schema = '\"My hub\"'")).sources[1].query
    assert placed == query.replace("hub.", '"My hub".')
    own = "query = 'SELECT \"Mine\" FROM a'\n"
    written = load(text=HEAD + WEB + CRM.replace('"deals"', '"deals/stages"') + own).sources[1]
    assert written.query == 'SELECT "Mine" FROM a'


def test_a_prefix_begins_the_names_of_tables(load: Callable[..., Settings], deals: None) -> None:
    people, stages = load(text=HEAD + WEB + CRM + 'schema = "hub"\nprefix = "eu_"\n').sources[1:]
    assert (people.table, stages.query) == ("hub.eu_people", "SELECT * FROM hub.eu_stages")
    assert load(text=HEAD + WEB + CRM + 'prefix = "eu_"\n').sources[1].table == "eu_people"


def test_a_preset_s_own_prefix_is_a_default(load: Callable[..., Settings]) -> None:
    own = '[[source]]\nname = "web"\npreset = "matomo"\nurl = "sqlite:///a.sqlite"\n'
    assert "FROM matomo_log_link_visit_action AS" in str(load(text=HEAD + own).sources[0].query)
    blog = load(text=HEAD + own + 'prefix = "wp_matomo_"\n').sources[0]
    assert "FROM wp_matomo_log_link_visit_action AS" in str(blog.query)


def test_files_of_several_parts_are_named_by_the_part(load: Callable[..., Settings], deals: None) -> None:
    text = CRM.replace('url = "sqlite:///crm.sqlite"', 'path = "crm/{part}.csv"')
    settings = load(text=HEAD + WEB + text)
    assert [source.path for source in settings.sources[1:]] == ["crm/people.csv", "crm/stages.csv"]
    assert settings.sources[1].cursor is None


def test_an_api_that_answers_in_a_preset_s_columns_has_no_table(load: Callable[..., Settings], deals: None) -> None:
    own = 'preset = "deals/people"\nkind = "rest"\nurl = "https://crm.example/people"\n'
    _, source = load(text=HEAD + WEB + CRM.partition("preset")[0] + own).sources
    assert (source.kind, source.table, source.cursor) == ("rest", None, None)


def test_rules_of_two_presets_keep_apart(load: Callable[..., Settings], deals: None) -> None:
    settings = load(text=HEAD + WEB + CRM)
    names = [rule.name for rule in settings.touchpoints]
    assert "Page" in names
    rule = settings.touchpoints[names.index("Page (crm_stages)")]
    assert rule.match is not None
    # The address book has no events.
    assert rule.match.to_dict() == {"event": ["call"], "source": ["crm_stages"]}
    assert [funnel.steps for funnel in settings.funnels if funnel.name == "sales"] == [
        ("Page (crm_stages)", "purchase (crm_stages)")
    ]


@pytest.mark.parametrize(("rank", "first"), [(1, "crm_stages"), (2, "web"), (3, "web")])
def test_the_lowest_rank_suggests_first(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, rank: int, first: str
) -> None:
    made = made_preset({"people": PEOPLE, "stages": STAGES}, rank=rank)
    monkeypatch.setattr(preset, "list_presets", lambda: ("deals", "ga4"))
    monkeypatch.setattr(preset, "load_preset", lambda name: made if name == "deals" else load_preset(name))
    settings = load(text=HEAD + WEB + CRM)
    goal = settings.goal(settings.journey.goal)
    assert goal == settings.goals[0]
    assert goal.match is not None
    assert goal.match.to_dict()["source"] == [first]
    assert settings.funnels[0].name == ("sales" if first == "crm_stages" else "shop")


def test_an_address_book_alone_suggests_nothing(load: Callable[..., Settings], deals: None) -> None:
    settings = load(text=HEAD + WEB + CRM.replace('"deals"', '"deals/people"'))
    assert [goal.name for goal in settings.goals] == ["purchase"]
    assert [funnel.name for funnel in settings.funnels] == ["shop"]


@pytest.mark.parametrize("loader", ["", "_airbyte"])
@pytest.mark.parametrize("crm", ["hubspot", "pipedrive", "salesforce"])
def test_a_deal_comes_before_a_purchase_and_a_ticket_after_it(
    load: Callable[..., Settings], crm: str, loader: str
) -> None:
    tables = '[[source]]\nname = "{0}"\npreset = "{0}"\nurl = "sqlite:///{0}.sqlite"\n'
    named = [tables.format(f"zendesk{loader}"), WEB, tables.format(crm + loader)]
    for text in (named, named[::-1]):
        goals = [goal.name for goal in load(text=HEAD + "".join(text)).goals]
        assert goals == ["deal won", "purchase", "ticket solved"]


def test_two_sources_of_one_preset_share_its_rules(load: Callable[..., Settings]) -> None:
    settings = load(text=HEAD + WEB + WEB.replace('"web"', '"app"'))
    goal = settings.goals[0].match
    assert goal is not None
    assert goal.to_dict()["source"] == ["web", "app"]
    assert len(settings.goals) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WEB.replace('"ga4"', '"ga3"'), ['"web" (1st): preset', "no preset of that name", "did you mean 'ga4'?"]),
        (WEB.replace('"ga4"', "4"), ["preset", "found 4", "ga4"]),
        (WEB.replace('"ga4"', '"ga4/events"'), ["preset", "not parts of this preset", "ga4 has one part only"]),
        (CRM + 'parts = ["stage"]\n', ['"crm" (1st): parts', "did you mean 'stages'?", "people, stages"]),
        (CRM + "parts = []\n", ["parts", "not parts"]),
        (CRM + 'parts = "stages"\n', ["parts", "not parts"]),
        (CRM + 'table = "deals"\n', ["table", "several parts", 'preset = "deals/people"']),
        (CRM.replace('"crm"', "7"), ["name", "must be a text"]),
        (CRM + "schema = 7\n", ["schema", "must be a text", "found 7"]),
        (CRM + "prefix = true\n", ["prefix", "must be a text", "found true"]),
        (WEB.replace('preset = "ga4"\n', 'parts = ["a"]\n'), ["parts", "unknown key"]),
    ],
)
def test_a_mistake_beside_a_preset_is_named(
    load: Callable[..., Settings], deals: None, text: str, words: list[str]
) -> None:
    found = problems_in(load, HEAD + text)
    for word in words:
        assert word in found
