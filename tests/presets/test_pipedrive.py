"""Pipedrive in Fivetran's tables, by naming it: 39 rows of six tables whose answers were counted by hand.

Layout: https://fivetran.com/docs/connectors/applications/pipedrive/connector-schema; columns of deals and activities by
the names of Pipedrive's interface, https://developers.pipedrive.com/docs/api/v1/Deals; versions of deals as in
https://fivetran.com/docs/core-concepts/sync-modes/history-mode.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from crm_nights import Crm, start_crm
from crm_pulls import start_pulls

ANN, BOB, CAT = "1", "2", "3"
FIRST = [
    ("03-01 00:00", "email", BOB),
    ("03-02 10:30", "call", ANN),
    ("03-03 09:00", "deal_stage: Qualified", CAT),
    ("03-04 10:00", "deal_stage: 9", BOB),
    ("03-05 09:00", "deal_stage: Proposal made", ANN),
    ("03-06 15:00", "meeting", CAT),
    ("03-09 16:00", "deal won", ANN),
    ("03-20 15:00", "deal lost", BOB),
]


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """The CRM after its first night."""
    made = start_crm(tmp_path_factory.mktemp("pipedrive"), "pipedrive")
    made.night()
    return made


def test_the_stage_of_a_deal_and_its_end_are_events_of_its_person(crm: Crm) -> None:
    # Not read: a deleted deal, a repeat, what is not done, a to-do, a deleted call, a call with nobody.
    assert crm.events() == FIRST


def test_nothing_is_lost_in_silence(crm: Crm) -> None:
    # A deal of nobody, and a lunch marked as done 'soon'.
    assert crm.rejects() == [("crm_activities", "unreadable time"), ("crm_deals", "no person: account only")]


def test_persons_say_who_is_who(crm: Crm) -> None:
    # Bob's addresses are a list.
    assert crm.persons() == [
        ["contact_id:1", "email:ann@acme.example", "phone:+37120000001"],
        ["contact_id:2", "email:bob@acme.example"],
        ["contact_id:3", "phone:+37120000003"],
    ]


def test_deals_have_their_amount_and_organization(crm: Crm) -> None:
    deals = crm.script.rows(
        "SELECT event, value_amount, currency, account_id, note FROM events WHERE source = 'crm_deals' "
        "ORDER BY occurred_at"
    )
    assert deals == [
        ("deal_stage: Qualified", 450.5, "EUR", "62", None),
        ("deal_stage: 9", None, "EUR", "61", "unreadable value_amount"),
        ("deal_stage: Proposal made", 800.0, "EUR", "61", None),
        ("deal won", 800.0, "EUR", "61", None),
        ("deal lost", None, "EUR", "61", "unreadable value_amount"),
    ]


def test_the_suggested_funnel_counts(crm: Crm) -> None:
    assert crm.reached() == [3, 1]


def test_nights_make_an_event_of_each_change(tmp_path_factory: pytest.TempPathFactory) -> None:
    crm = start_crm(tmp_path_factory.mktemp("nights"), "pipedrive")
    crm.night()
    crm.change(
        # Beta's deal moves on for more; the deal of nobody gets Bob; the title of the won deal is changed.
        "UPDATE deal SET stage_id = 2, stage_change_time = '2026-03-22 09:00:00', value = 500, "
        "update_time = '2026-03-22 09:00:00', _fivetran_synced = '2026-03-23 01:00:00' WHERE id = 12",
        "UPDATE deal SET person_id = 2, _fivetran_synced = '2026-03-23 01:00:00' WHERE id = 13",
        "UPDATE deal SET title = 'Acme 2026', _fivetran_synced = '2026-03-23 01:00:00' WHERE id = 11",
    )
    assert crm.night()["crm_deals"] == 2
    crm.change(
        "UPDATE deal SET status = 'won', won_time = '2026-03-25 09:00:00', _fivetran_synced = '2026-03-26 01:00:00' "
        "WHERE id = 12"
    )
    assert crm.night()["crm_deals"] == 1
    new = [
        ("03-04 09:00", "deal_stage: Qualified", BOB),
        ("03-22 09:00", "deal_stage: Proposal made", CAT),
        ("03-25 09:00", "deal won", CAT),
    ]
    assert crm.events() == sorted([*FIRST, *new])
    won = crm.script.rows("SELECT value_amount FROM events WHERE event = 'deal won' ORDER BY occurred_at")
    assert won == [(800.0,), (500.0,)]


# Deal 11's change of its value alone and the repeat of a version are none, 14 is deleted; 16 passes three stages in a
# day, for which Pipedrive gives the time of the last; 15 was lost, opened again and won.
HISTORY = [
    ("03-01 09:00", "deal_stage: Qualified", ANN, 600.0),
    ("03-03 09:00", "deal_stage: Qualified", CAT, 450.0),
    ("03-04 10:00", "deal_stage: 9", BOB, None),
    ("03-05 09:00", "deal_stage: Proposal made", ANN, 800.0),
    ("03-09 16:00", "deal won", ANN, 800.0),
    ("03-10 09:00", "deal_stage: Qualified", CAT, None),
    ("03-10 11:00", "deal_stage: Proposal made", CAT, 90.0),
    ("03-10 15:00", "deal_stage: Contract sent", CAT, 95.0),
    ("03-11 09:00", "deal_stage: Qualified", ANN, 20.0),
    ("03-20 15:00", "deal lost", BOB, 900.0),
    ("03-22 11:00", "deal won", BOB, 950.0),
]


def test_the_history_of_deals_has_each_stage_once_with_the_amount_of_its_moment(tmp_path: Path) -> None:
    crm = start_pulls(tmp_path, "pipedrive/deal_history")
    assert crm.night() == HISTORY
    assert crm.last is not None
    assert crm.last.row_count == len(HISTORY) + 1  # and 13, which is nobody's


def test_a_night_of_the_history_brings_what_is_new_in_it(tmp_path: Path) -> None:
    crm = start_pulls(tmp_path, "pipedrive/deal_history")
    crm.night()
    later = "'2026-03-23 02:00:00'"
    crm.change(
        # The deal of nobody gets Bob; Cat's moves on, is worth more an hour later, and gets another title then.
        f"UPDATE deal_history SET person_id = 2, _fivetran_synced = {later} WHERE id = 13",
        f"UPDATE deal_history SET _fivetran_active = 0, _fivetran_synced = {later} WHERE id = 12",
        "INSERT INTO deal_history VALUES (12, 'Beta pilot', 3, 62, 2, 'open', 450.5, 'EUR', '2026-03-03 09:00:00', "
        f"'2026-03-22 09:00:00', NULL, NULL, '2026-03-22 09:00:00', '2026-03-22 10:00:00', 0, {later}), "
        "(12, 'Beta trial', 3, 62, 2, 'open', 500, 'EUR', '2026-03-03 09:00:00', '2026-03-22 09:00:00', "
        f"NULL, NULL, '2026-03-22 10:00:00', '9999-12-31 23:59:59', 1, {later})",
    )
    assert crm.night() == [
        ("03-04 09:00", "deal_stage: Qualified", BOB, 100.0),
        ("03-22 09:00", "deal_stage: Proposal made", CAT, 450.5),
    ]
    assert crm.night() == []
