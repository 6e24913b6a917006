"""Salesforce in Fivetran's tables, by naming it: 60 rows of ten tables whose answers were counted by hand.

Layout: https://fivetran.com/docs/connectors/applications/salesforce/connector-schema, the columns of
https://github.com/fivetran/dbt_salesforce, and Salesforce's own field reference for OpportunityHistory,
OpportunityFieldHistory and LeadHistory.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from crm_nights import Crm, start_crm
from crm_pulls import start_pulls

ANN, BOB, CAT = (f"00300000000000{number}AAA" for number in (1, 2, 3))
# Dora is a lead only; her events go by her e-mail where the row has it.
LEAD, DORA = "00Q000000000002AAA", "dora@beta.example"
OFFER = "deal_stage: Proposal/Price Quote"
FIRST = [
    ("02-26 10:00", "lead created", CAT),
    ("02-27 10:00", "lead created", ANN),
    ("03-01 09:00", "deal_stage: Prospecting", ANN),
    ("03-01 11:00", "lead created", DORA),
    ("03-02 10:00", "call", ANN),
    ("03-03 08:00", "email", LEAD),
    ("03-03 09:00", "deal_stage: Prospecting", CAT),
    ("03-04 14:00", "meeting", ANN),
    ("03-05 09:00", OFFER, ANN),
    ("03-06 00:00", "meeting", BOB),
    ("03-07 14:00", "meeting", LEAD),
    ("03-08 11:00", "lead created", DORA),
    ("03-09 16:00", "deal won", ANN),
    ("03-20 15:00", "deal lost", CAT),
]


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """The CRM after its first night."""
    made = start_crm(tmp_path_factory.mktemp("salesforce"), "salesforce")
    made.night()
    return made


def test_a_change_of_stage_is_an_event_once_of_the_primary_contact(crm: Crm) -> None:
    # Not read: a change of the amount alone, a repeat, a deleted deal and lead, open tasks and to-dos, a call with
    # nobody, the copy of a meeting and one in 2099.
    assert crm.events() == FIRST


def test_a_deal_without_contact_is_a_reject(crm: Crm) -> None:
    assert crm.rejects() == [("crm_opportunities", "no person: account only")]


def test_leads_are_the_contacts_that_they_became(crm: Crm) -> None:
    # Ann's lead by both links, Cat's by the conversion alone, Dora's two by her e-mail.
    assert crm.persons() == [
        [f"contact_id:{ANN}", "email:ann@acme.example", "lead_id:00Q000000000001AAA", "phone:+37120000001"],
        [f"contact_id:{BOB}", "email:bob@acme.example", "phone:+37120000002"],
        [f"contact_id:{CAT}", "lead_id:00Q000000000005AAA", "phone:+37120000003"],
        [f"email:{DORA}", "lead_id:00Q000000000002AAA", "lead_id:00Q000000000004AAA"],
    ]


def test_amounts_are_those_of_the_moment(crm: Crm) -> None:
    deals = crm.script.rows(
        "SELECT event, value_amount, account_id, note FROM events WHERE source = 'crm_opportunities' "
        "ORDER BY occurred_at"
    )
    acme, beta = "001000000000001AAA", "001000000000002AAA"
    assert deals == [
        ("deal_stage: Prospecting", 4000.0, acme, None),
        ("deal_stage: Prospecting", None, beta, None),
        (OFFER, 5000.0, acme, None),
        ("deal won", 5000.0, acme, None),
        ("deal lost", None, beta, "unreadable value_amount"),
    ]


def test_the_suggested_funnel_counts(crm: Crm) -> None:
    assert crm.reached() == [2, 1, 1]


@pytest.mark.prove
def test_a_second_night_reads_what_changed_and_counts_nothing_twice(tmp_path_factory: pytest.TempPathFactory) -> None:
    crm = start_crm(tmp_path_factory.mktemp("nights"), "salesforce")
    crm.night()
    later = "'2026-03-26 01:00:00'"
    crm.change(
        # Dora's lead becomes a contact; the deal that had no contact gets one; the amount of a won deal changes.
        f"UPDATE lead SET converted_contact_id = '003000000000005AAA', is_converted = 1, _fivetran_synced = {later} "
        f"WHERE id = '{LEAD}'",
        "INSERT INTO contact (id, email, is_deleted, last_modified_date, _fivetran_synced) "
        f"VALUES ('003000000000005AAA', '{DORA}', 0, '2026-03-25 09:00:00', {later})",
        "INSERT INTO opportunity_contact_role VALUES "
        f"('00K000000000006AAA', '006000000000003AAA', '{BOB}', '', 0, 0, '2026-03-25 09:00:00', {later})",
        f"UPDATE opportunity SET amount = 6000, _fivetran_synced = {later} WHERE id = '006000000000001AAA'",
        "INSERT INTO opportunity_history VALUES ('008000000000009AAA', '006000000000001AAA', 'Closed Won', 6000, 100, "
        f"'Closed', '2026-03-31', 0, '2026-03-25 09:00:00', {later})",
        f"UPDATE task SET is_closed = 1, completed_date_time = '2026-03-22 10:00:00', _fivetran_synced = {later} "
        "WHERE subject = 'Call again'",
    )
    read = crm.night()
    # Contact 5 and, within the hour before the last mark, Ann; of tasks, the closed one and three at the mark.
    assert (read["crm_contacts"], read["crm_opportunities"], read["crm_tasks"]) == (2, 1, 4)
    new = [("03-04 09:00", "deal_stage: Prospecting", BOB), ("03-22 10:00", "call", ANN)]
    assert crm.events() == sorted([*FIRST, *new])
    assert crm.persons()[-1] == [
        "contact_id:003000000000005AAA", f"email:{DORA}", "lead_id:00Q000000000002AAA", "lead_id:00Q000000000004AAA"
    ]  # fmt: skip
    assert crm.script.rows("SELECT value_amount FROM events WHERE event = 'deal won'") == [(5000.0,)]


# Each amount is the one before its next change; two fields that are saved together change together. Of a closed deal
# without a change kept only its end is known.
FIELDS = [
    ("02-10 00:00", "deal won", ANN, 700.0),
    ("03-01 09:00", "deal_stage: Prospecting", ANN, 4000.0),
    ("03-03 09:00", "deal_stage: Prospecting", CAT, None),
    ("03-05 09:00", OFFER, ANN, 5000.0),
    ("03-09 16:00", "deal won", ANN, 5000.0),
    ("03-20 15:00", "deal lost", CAT, None),
]
STATUSES = [
    ("02-27 11:00", "lead_status: Working - Contacted", ANN, None),
    ("02-27 12:00", "lead_status: Closed - Converted", ANN, None),
]


def test_the_history_of_fields_tells_the_same_stages_once(tmp_path: Path) -> None:
    crm = start_pulls(tmp_path, "salesforce/opportunity_fields")
    assert crm.night() == FIELDS
    assert [each[:3] for each in FIELDS[1:]] == [each for each in FIRST if each[1].startswith("deal")]
    assert crm.last is not None
    assert crm.last.row_count == len(FIELDS) + 1  # and the deal without a contact


def test_a_night_of_the_history_of_fields_brings_what_is_new_in_it(tmp_path: Path) -> None:
    crm = start_pulls(tmp_path, "salesforce/opportunity_fields")
    crm.night()
    later = "'2026-03-26 01:00:00'"
    deal, was = "006000000000003AAA", "'Prospecting', 'Qualification'"
    crm.change(
        "INSERT INTO opportunity_contact_role VALUES "
        f"('00K000000000006AAA', '{deal}', '{BOB}', '', 0, 0, '2026-03-25 09:00:00', {later})",
        f"INSERT INTO opportunity_field_history VALUES ('017000000000011AAA', '{deal}', 'StageName', 'DynamicEnum', "
        f"{was}, 'u1', 0, '2026-03-25 09:00:00', {later})",
        f"UPDATE opportunity SET stage_name = 'Qualification', _fivetran_synced = {later} WHERE id = '{deal}'",
    )
    assert crm.night() == [
        ("03-04 09:00", "deal_stage: Prospecting", BOB, 100.0),
        ("03-25 09:00", "deal_stage: Qualification", BOB, 100.0),
    ]
    assert crm.night() == []


def test_changes_of_a_lead_s_status_are_events_of_who_it_became(tmp_path: Path) -> None:
    # Not read: other fields, and a deleted lead; no event: a status that is empty, and a time of 'soon'.
    crm = start_pulls(tmp_path, "salesforce/lead_statuses")
    assert crm.night() == STATUSES
    assert crm.last is not None
    assert crm.last.row_count == 5
