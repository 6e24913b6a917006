"""HubSpot, Salesforce, Pipedrive and Zendesk in Airbyte's tables: 27 tables with over 40 rows of each, counted by hand.

Layouts: the catalogs of the connectors in https://github.com/airbytehq/airbyte (source-hubspot, source-pipedrive,
source-zendesk-support), Salesforce's own field reference, and for names of columns
https://docs.airbyte.com/integrations/destinations/postgres.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import test_pipedrive
import test_salesforce
from crm_nights import Crm
from crm_pulls import start_pulls
from crm_tables import fill_sqlite
from shop_script import Script

SOURCE = '[[source]]\nname = "{name}"\npreset = "{preset}"\nurl = "sqlite:///{name}.sqlite"\n'
NAMES = {
    "hub": "hubspot_airbyte",
    "force": "salesforce_airbyte",
    "desk": "zendesk_airbyte",
    "pipe": "pipedrive_airbyte",
}
FLOW = 'parts = ["persons", "deal_flow", "activities"]\n'
# One id of Ann in each of the four.
HEAD = '[project]\nname = "Acme"\n[identity.kinds.contact_id]\nperson_limit = 4\n'
ANN, BOB, CAT = "1", "2", "3"
HUBSPOT = [
    ("03-01 08:00", "email", "101"),
    ("03-02 09:00", "deal_stage: Appointment scheduled", "101"),
    ("03-02 12:00", "meeting", "101"),
    ("03-03 09:00", "deal_stage: Appointment scheduled", "103"),
    ("03-04 10:00", "call", "101"),
    ("03-05 10:00", "deal_stage: Contract sent", "101"),
    ("03-06 09:00", "deal_stage: qualifiedtobuy", "102"),
    ("03-09 16:00", "deal won", "101"),
    ("03-10 12:00", "meeting missed", "103"),
    ("03-20 15:00", "deal lost", "103"),
]
ZENDESK = [
    ("03-12 09:00", "ticket created", "zendesk:1"),
    ("03-12 15:00", "ticket solved", "zendesk:1"),
    ("03-13 09:00", "ticket created", "zendesk:2"),
    ("03-13 10:00", "ticket reopened", "zendesk:1"),
    ("03-13 11:00", "ticket_status: pending", "zendesk:2"),
    ("03-13 12:00", "ticket_status: open", "zendesk:2"),
    ("03-14 10:00", "ticket solved", "zendesk:1"),
    ("03-14 11:00", "satisfaction: good", "zendesk:1"),
    ("03-15 09:00", "ticket created", "zendesk:5"),
    ("03-15 09:00", "ticket solved", "zendesk:5"),
    ("03-16 09:00", "satisfaction: bad", "zendesk:5"),
]
# Deal 11 was worth 600 at first; 15 was lost at 900, 16 passed three stages in a day, 17 was won without a change kept.
DEAL_FLOW = [
    ("03-01 09:00", "deal_stage: Qualified", ANN, 600.0),
    ("03-03 09:00", "deal_stage: Qualified", CAT, 450.0),
    ("03-04 10:00", "deal_stage: 9", BOB, None),
    ("03-05 09:00", "deal_stage: Proposal made", ANN, 800.0),
    ("03-09 16:00", "deal won", ANN, 800.0),
    ("03-10 09:00", "deal_stage: Qualified", CAT, 95.0),
    ("03-10 11:00", "deal_stage: Proposal made", CAT, 95.0),
    ("03-10 15:00", "deal_stage: Contract sent", CAT, 95.0),
    ("03-11 09:30", "deal_stage: Qualified", ANN, 20.0),
    ("03-11 10:00", "deal won", ANN, 20.0),
    ("03-20 15:00", "deal lost", BOB, 900.0),
]
ACTIVITIES = [each for each in test_pipedrive.FIRST if not each[1].startswith("deal")]
# One came twice, one is of a form that is gone, one has no conversion id; not there: a time of 'yesterday' and a form
# that asks for no address.
FORMS = [
    ("02-20 07:59", "form: Newsletter", "Ann@acme.example", None),
    ("02-21 07:59", "form: f-9", "bob@acme.example", None),
    ("02-22 07:59", "form: Newsletter", "cat@beta.example", None),
]


@pytest.fixture(scope="module")
def all_four(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """A company that has all four, after its first night."""
    folder = tmp_path_factory.mktemp("airbyte")
    for name, preset in NAMES.items():
        fill_sqlite(folder / f"{name}.sqlite", preset)
    made = Crm(Script(folder))
    sources = "".join(SOURCE.format(name=name, preset=preset) for name, preset in NAMES.items())
    made.script.config.write_text(HEAD + sources + FLOW, encoding="utf-8")
    made.night()
    return made


def test_a_stage_or_status_is_an_event_once_of_one_person(all_four: Crm) -> None:
    deals = [each[:3] for each in DEAL_FLOW]
    assert all_four.events() == sorted([*HUBSPOT, *ZENDESK, *test_salesforce.FIRST, *deals, *ACTIVITIES])


def test_nothing_is_lost_in_silence(all_four: Crm) -> None:
    # Deals and a ticket of nobody; times of 'yesterday' and 'soon'.
    assert all_four.rejects() == [
        ("desk_statuses", "unreadable time"),
        ("desk_tickets", "no person: account only"),
        ("desk_tickets", "unreadable time"),
        ("force_opportunities", "no person: account only"),
        ("hub_deals", "no person: account only"),
        ("hub_deals", "unreadable time"),
        ("pipe_activities", "unreadable time"),
        ("pipe_deal_flow", "no person: account only"),
        ("pipe_deal_flow", "unreadable time"),
    ]


def test_contacts_say_who_is_who_in_all_systems(all_four: Crm) -> None:
    # info@ is nobody's; archived, deleted and inactive contacts are not there. Cat is one by the telephone.
    contact, lead = "contact_id:00300000000000{}AAA".format, "lead_id:00Q00000000000{}AAA".format
    hub, pipe, desk = "contact_id:10{}".format, "contact_id:{}".format, "contact_id:zendesk:{}".format
    phone = "phone:+3712000000{}".format
    assert all_four.persons() == [
        [contact(1), pipe(1), hub(1), desk(1), "email:ann@acme.example", lead(1), phone(1)],
        [contact(2), hub(2), pipe(2), desk(2), "email:bob@acme.example", phone(2)],
        [contact(3), hub(3), pipe(3), desk(5), lead(5), phone(3)],
        [hub(5)],
        ["email:dora@beta.example", lead(2), lead(4)],
    ]


def test_deals_have_their_amount_and_company(all_four: Crm) -> None:
    deals = all_four.script.rows(
        "SELECT event, value_amount, currency, account_id, note FROM events WHERE source = 'hub_deals' "
        "ORDER BY occurred_at"
    )
    assert deals == [
        ("deal_stage: Appointment scheduled", 1200.5, "EUR", "501", None),
        ("deal_stage: Appointment scheduled", None, "EUR", "502", None),
        ("deal_stage: Contract sent", 1200.5, "EUR", "501", None),
        ("deal_stage: qualifiedtobuy", None, "EUR", "501", "unreadable value_amount"),
        ("deal won", 1200.5, "EUR", "501", None),
        ("deal lost", None, "EUR", "502", None),
    ]


def test_what_a_crm_and_a_desk_know_belongs_to_no_visit(all_four: Crm) -> None:
    assert all_four.script.rows("SELECT count(*) FROM sessions") == [(0,)]


def test_the_suggested_funnels_count(all_four: Crm) -> None:
    # Ann, Bob and Cat have a deal in HubSpot, Ann an offer and a win; three asked the desk, two were helped, Ann was
    # pleased.
    rows = all_four.script.rows(
        "SELECT funnel, reached_count FROM funnel_steps WHERE funnel IN ('sales', 'support') "
        "ORDER BY funnel, step_index"
    )
    assert rows == [("sales", 3), ("sales", 1), ("sales", 1), ("support", 3), ("support", 2), ("support", 1)]


@pytest.mark.parametrize(
    ("part", "events"),
    [
        ("pipedrive_airbyte/deal_flow", DEAL_FLOW),
        ("hubspot_airbyte/forms", FORMS),
        ("salesforce_airbyte/lead_statuses", test_salesforce.STATUSES),
    ],
)
def test_a_part_has_its_events_with_the_amount_of_the_moment(
    part: str, events: list[tuple[object, ...]], tmp_path: Path
) -> None:
    assert start_pulls(tmp_path, part).night() == events


def test_deals_of_pipedrive_without_their_flow_have_the_stage_that_they_are_in(tmp_path: Path) -> None:
    known = [each for each in test_pipedrive.FIRST if each[1].startswith("deal")]
    new = [
        ("03-10 15:00", "deal_stage: Contract sent", CAT),
        ("03-11 09:30", "deal_stage: Qualified", ANN),
        ("03-11 10:00", "deal won", ANN),
    ]
    assert [each[:3] for each in start_pulls(tmp_path, "pipedrive_airbyte/deals").night()] == sorted([*known, *new])
