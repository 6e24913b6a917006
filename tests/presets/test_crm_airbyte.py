"""HubSpot, Salesforce, Pipedrive and Zendesk in Airbyte's tables: 21 tables with over 40 rows of each, counted by hand.

Layouts: the catalogs of the connectors in https://github.com/airbytehq/airbyte (source-hubspot, source-pipedrive,
source-zendesk-support), Salesforce's own field reference, and for names of columns
https://docs.airbyte.com/integrations/destinations/postgres.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import test_pipedrive
import test_salesforce
from crm_nights import Crm, start_crm
from crm_pulls import start_pulls
from crm_tables import fill_sqlite

PROJECT = '[project]\nname = "Acme"\n'
SOURCE = '[[source]]\nname = "{name}"\npreset = "{preset}"\nurl = "sqlite:///{name}.sqlite"\n'
FLOW = 'parts = ["persons", "deal_flow", "activities"]\n'
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
    ("03-11 09:00", "deal_stage: Qualified", ANN, 20.0),
    ("03-11 10:00", "deal won", ANN, 20.0),
    ("03-20 15:00", "deal lost", BOB, 900.0),
]
ACTIVITIES = [each for each in test_pipedrive.FIRST if not each[1].startswith("deal")]
FORMS = [
    ("02-20 07:59", "form: Newsletter", "101", None),
    ("02-21 07:59", "form: f-2", "102", None),
    ("02-22 07:59", "form: Newsletter", "103", None),
]


def start_two(folder: Path, *, crm: str, desk: str, beside: str = "") -> Crm:
    """Refresh two systems, each by its preset, in one configuration."""
    config = PROJECT + SOURCE.format(name="crm", preset=crm) + SOURCE.format(name="desk", preset=desk) + beside
    fill_sqlite(folder / "desk.sqlite", desk)
    made = start_crm(folder, crm, config)
    made.night()
    return made


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """HubSpot and Zendesk after their first night."""
    return start_two(tmp_path_factory.mktemp("service"), crm="hubspot_airbyte", desk="zendesk_airbyte")


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """Salesforce and Pipedrive after their first night."""
    folder = tmp_path_factory.mktemp("sales")
    return start_two(folder, crm="salesforce_airbyte", desk="pipedrive_airbyte", beside=FLOW)


def test_a_stage_or_status_is_an_event_once_of_one_person(service: Crm, sales: Crm) -> None:
    assert service.events() == sorted([*HUBSPOT, *ZENDESK])
    assert sales.events() == sorted([*test_salesforce.FIRST, *(each[:3] for each in DEAL_FLOW), *ACTIVITIES])


def test_nothing_is_lost_in_silence(service: Crm, sales: Crm) -> None:
    assert service.rejects() == [
        ("crm_deals", "no person: account only"),
        ("crm_deals", "unreadable time"),
        ("desk_statuses", "unreadable time"),
        ("desk_tickets", "no person: account only"),
        ("desk_tickets", "unreadable time"),
    ]
    assert sales.rejects() == [
        ("crm_opportunities", "no person: account only"),
        ("desk_activities", "unreadable time"),
        ("desk_deal_flow", "no person: account only"),
        ("desk_deal_flow", "unreadable time"),
    ]


def test_contacts_say_who_is_who_in_both_systems(service: Crm, sales: Crm) -> None:
    # info@ is nobody's; archived, deleted and inactive ones are not there.
    assert service.persons() == [
        ["contact_id:101", "contact_id:zendesk:1", "email:ann@acme.example", "phone:+37120000001"],
        ["contact_id:102", "contact_id:zendesk:2", "email:bob@acme.example", "phone:+37120000002"],
        ["contact_id:103", "contact_id:zendesk:5", "phone:+37120000003"],
        ["contact_id:105"],
    ]
    contact, lead = "contact_id:00300000000000{}AAA".format, "lead_id:00Q00000000000{}AAA".format
    assert sales.persons() == [
        [contact(1), "contact_id:1", "email:ann@acme.example", lead(1), "phone:+37120000001"],
        [contact(2), "contact_id:2", "email:bob@acme.example", "phone:+37120000002"],
        [contact(3), "contact_id:3", lead(5), "phone:+37120000003"],
        ["email:dora@beta.example", lead(2), lead(4)],
    ]


def test_deals_have_their_amount_and_company(service: Crm) -> None:
    deals = service.script.rows(
        "SELECT event, value_amount, currency, account_id, note FROM events WHERE source = 'crm_deals' "
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


def test_the_suggested_funnels_count(service: Crm) -> None:
    # Ann, Bob and Cat have a deal, Ann an offer and a win; three asked the desk, two were helped, Ann was pleased.
    rows = service.script.rows("SELECT funnel, reached_count FROM funnel_steps ORDER BY funnel, step_index")
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
        ("03-11 09:00", "deal_stage: Qualified", ANN),
        ("03-11 10:00", "deal won", ANN),
    ]
    assert [each[:3] for each in start_pulls(tmp_path, "pipedrive_airbyte/deals").night()] == sorted([*known, *new])
