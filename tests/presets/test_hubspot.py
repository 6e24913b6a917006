"""HubSpot in Fivetran's tables, by naming it: 59 rows of eleven tables whose answers were counted by hand.

Layout: https://fivetran.com/docs/connectors/applications/hubspot/connector-schema, and the seeds of
https://github.com/fivetran/dbt_hubspot.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from crm_nights import Crm, start_crm
from crm_pulls import start_pulls


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """The CRM after its first night."""
    made = start_crm(tmp_path_factory.mktemp("hubspot"), "hubspot")
    made.night()
    return made


FIRST = [
    ("03-01 08:00", "email", "101"),
    ("03-02 09:00", "deal_stage: Appointment scheduled", "101"),
    ("03-02 12:00", "meeting", "101"),
    ("03-02 12:00", "meeting", "102"),
    ("03-03 09:00", "deal_stage: Appointment scheduled", "103"),
    ("03-04 10:00", "call", "101"),
    ("03-05 10:00", "deal_stage: Contract sent", "101"),
    ("03-06 09:00", "deal_stage: qualifiedtobuy", "102"),
    ("03-09 16:00", "deal won", "101"),
    ("03-10 12:00", "meeting missed", "103"),
    ("03-20 15:00", "deal lost", "103"),
]


def test_a_stage_is_an_event_once_for_one_person_and_a_meeting_one_for_each_who_came(crm: Crm) -> None:
    # Of deal 9001's two contacts the first made, 101; a call with nobody and a meeting in 2099 are not read.
    assert crm.events() == FIRST


def test_nothing_is_lost_in_silence(crm: Crm) -> None:
    # A deleted e-mail, a deal without a contact, and a stage entered 'yesterday'; the deleted deal is not read.
    assert crm.rejects() == [
        ("crm_deals", "no person: account only"),
        ("crm_deals", "unreadable time"),
        ("crm_emails", "no identifier"),
    ]


def test_contacts_say_who_is_who(crm: Crm) -> None:
    # info@ is nobody's, and the deleted contact 104 is not there.
    assert crm.persons() == [
        ["contact_id:101", "email:ann@acme.example", "phone:+37120000001"],
        ["contact_id:102", "email:bob@acme.example", "phone:+37120000002"],
        ["contact_id:103", "phone:+37120000003"],
        ["contact_id:105"],
    ]


def test_deals_have_their_amount_and_primary_company(crm: Crm) -> None:
    deals = crm.script.rows(
        "SELECT event, value_amount, currency, account_id, note FROM events WHERE source = 'crm_deals' "
        "AND known_value <> '103' ORDER BY occurred_at"
    )
    assert deals == [
        ("deal_stage: Appointment scheduled", 1200.5, "EUR", "501", None),
        ("deal_stage: Contract sent", 1200.5, "EUR", "501", None),
        ("deal_stage: qualifiedtobuy", None, "EUR", "501", "unreadable value_amount"),
        ("deal won", 1200.5, "EUR", "501", None),
    ]
    acting = crm.script.rows(
        "SELECT event, event_accounts.account_id FROM event_accounts INNER JOIN events USING (event_id) "
        "WHERE source <> 'crm_deals' ORDER BY occurred_at, event_accounts.account_id"
    )
    assert acting == [
        ("email", "501"),
        ("meeting", "501"),
        ("meeting", "501"),
        ("call", "501"),
        ("meeting missed", "502"),
    ]


def test_the_suggested_funnel_counts(crm: Crm) -> None:
    # Deal: Ann, Bob and 103; then an offer and the win: Ann.
    assert crm.reached() == [3, 1, 1]


def test_the_funnel_of_companies_counts(crm: Crm) -> None:
    # Acme by Ann and Bob together, Beta by 103.
    answer = json.loads(crm.script("funnel", "sales", "--unit", "account", "--format", "json").succeeds())
    assert [step["reached_count"] for step in answer["frame"]] == [2, 1, 1]


@pytest.mark.prove
def test_a_second_night_reads_what_changed_and_counts_nothing_twice(tmp_path_factory: pytest.TempPathFactory) -> None:
    crm = start_crm(tmp_path_factory.mktemp("nights"), "hubspot")
    assert crm.night()["crm_contacts"] == 4
    crm.change(
        # The amount of a deal that was counted; a deal that is taken up again; a contact for the deal that had none.
        "UPDATE deal SET property_amount = 1500, _fivetran_synced = '2026-03-26 01:00:00' WHERE deal_id = 9001",
        "UPDATE deal_stage SET _fivetran_active = 0, _fivetran_synced = '2026-03-26 01:00:00' "
        "WHERE deal_id = 9002 AND value = 'closedlost'",
        "INSERT INTO deal_stage (deal_id, value, date_entered, _fivetran_active, _fivetran_synced) "
        "VALUES (9002, 'contractsent', '2026-03-25 09:00:00', 1, '2026-03-26 01:00:00')",
        "INSERT INTO deal_contact VALUES (9003, 102, 3, 'HUBSPOT_DEFINED', '2026-03-26 01:00:00')",
        "UPDATE contact SET property_email = 'ann@new.example', property_lastmodifieddate = '2026-03-25 08:00:00', "
        "_fivetran_synced = '2026-03-26 01:00:00' WHERE id = 101",
    )
    read = crm.night()
    assert (read["crm_contacts"], read["crm_deals"], read["crm_calls"]) == (1, 2, 1)
    new = [
        ("03-04 09:00", "deal_stage: Appointment scheduled", "102"),
        ("03-25 09:00", "deal_stage: Contract sent", "103"),
    ]
    assert crm.events() == sorted([*FIRST, *new])
    assert crm.script.rows("SELECT value_amount FROM events WHERE event = 'deal won'") == [(1200.5,)]
    assert crm.persons()[0] == [
        "contact_id:101",
        "email:ann@acme.example",
        "email:ann@new.example",
        "phone:+37120000001",
    ]


FORMS = [
    ("02-20 07:59", "form: Newsletter", "101", None),
    ("02-21 07:59", "form: f-2", "102", None),
    ("02-22 07:59", "form: Newsletter", "103", None),
    ("03-01 12:00", "form: Book a demo", "101", None),
]


def test_a_form_that_was_sent_is_an_event_of_its_contact(tmp_path: Path) -> None:
    # One came twice; one has no title, one no conversion id; no events: a time of 'yesterday', and a form of nobody.
    crm = start_pulls(tmp_path, "hubspot/forms")
    assert crm.night() == FORMS
    assert crm.last is not None
    assert crm.last.row_count == 7
