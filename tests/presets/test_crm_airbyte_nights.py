"""Nights over the tables that Airbyte writes: what is new is an event once, and what was one stays as it was."""

from __future__ import annotations

from pathlib import Path

from crm_pulls import start_pulls

LATER = "'2026-03-26 01:00:00'"
ANN, BOB, CAT = (f"00300000000000{number}AAA" for number in (1, 2, 3))


def test_deals_of_hubspot(tmp_path: Path) -> None:
    crm = start_pulls(tmp_path, "hubspot_airbyte/deals")
    assert len(crm.night()) == 6
    crm.change(
        # The amount of a deal that was counted; a deal that is taken up again; a contact for the deal that had none.
        f"UPDATE deals SET properties_amount = 1500, _airbyte_extracted_at = {LATER} WHERE id = 9001",
        "INSERT INTO deals_property_history (dealId, property, value, timestamp, _airbyte_extracted_at) "
        f"VALUES (9002, 'dealstage', 'contractsent', '2026-03-25 09:00:00', {LATER})",
        f"UPDATE deals SET contacts = '[\"102\"]', _airbyte_extracted_at = {LATER} WHERE id = 9003",
    )
    assert crm.night() == [
        ("03-04 09:00", "deal_stage: Appointment scheduled", "102", 300.0),
        ("03-25 09:00", "deal_stage: Contract sent", "103", None),
    ]
    assert crm.night() == []


def test_opportunities_of_salesforce(tmp_path: Path) -> None:
    crm = start_pulls(tmp_path, "salesforce_airbyte/opportunities")
    assert len(crm.night()) == 5
    crm.change(
        # The amount of a won deal changes alone; the deal that had no contact gets one.
        "INSERT INTO OpportunityHistory (Id, OpportunityId, StageName, Amount, ForecastCategory, CreatedDate, "
        "_airbyte_extracted_at) VALUES ('008000000000009AAA', '006000000000001AAA', 'Closed Won', 6000, 'Closed', "
        f"'2026-03-25 09:00:00', {LATER})",
        "INSERT INTO OpportunityContactRole (Id, OpportunityId, ContactId, CreatedDate, _airbyte_extracted_at) VALUES "
        f"('00K000000000006AAA', '006000000000003AAA', '{BOB}', '2026-03-25 09:00:00', {LATER})",
    )
    assert crm.night() == [("03-04 09:00", "deal_stage: Prospecting", BOB, 100.0)]
    assert crm.night() == []


def test_the_flow_of_deals_of_pipedrive(tmp_path: Path) -> None:
    crm = start_pulls(tmp_path, "pipedrive_airbyte/deal_flow")
    assert len(crm.night()) == 11
    crm.change(
        # A first change, which tells the first stage that is known already; the deal of nobody gets Bob.
        "INSERT INTO deal_flow (id, item_id, field_key, old_value, new_value, log_time, _airbyte_extracted_at) VALUES "
        f"(520, 12, 'stage_id', '1', '2', '2026-03-25 09:00:00', {LATER})",
        f"UPDATE deals SET stage_id = 2, _airbyte_extracted_at = {LATER} WHERE id = 12",
        f"UPDATE deals SET person_id = 2, _airbyte_extracted_at = {LATER} WHERE id = 13",
    )
    assert crm.night() == [
        ("03-04 09:00", "deal_stage: Qualified", "2", 100.0),
        ("03-25 09:00", "deal_stage: Proposal made", "3", 450.0),
    ]
    assert crm.night() == []


def test_tickets_of_zendesk_that_are_solved(tmp_path: Path) -> None:
    desk = start_pulls(tmp_path, "zendesk_airbyte/statuses")
    first = desk.night()
    desk.change(
        "INSERT INTO ticket_metric_events (id, ticket_id, metric, instance_id, type, time, _airbyte_extracted_at) "
        f"VALUES (9020, 202, 'requester_wait_time', 1, 'fulfill', '2026-03-25T09:00:00Z', {LATER})",
        f"UPDATE tickets SET status = 'solved', _airbyte_extracted_at = {LATER} WHERE id = 202",
    )
    # All changes of the ticket are read again; those that were events before repeat their ids.
    assert [each for each in desk.night() if each not in first] == [
        ("03-25 09:00", "ticket solved", "zendesk:2", None),
    ]
