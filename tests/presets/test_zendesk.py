"""Zendesk Support in Fivetran's tables, by naming it: 29 rows of five tables whose answers were counted by hand.

Layout: https://fivetran.com/docs/connectors/applications/zendesk/connector-schema, and the columns of
https://github.com/fivetran/dbt_zendesk.
"""

from __future__ import annotations

import pytest
from crm_nights import Crm, start_crm

ANN, BOB, CAT = "zendesk:1", "zendesk:2", "zendesk:5"
FIRST = [
    ("03-12 09:00", "ticket created", ANN),
    ("03-12 09:30", "ticket_status: open", ANN),
    ("03-12 15:00", "ticket solved", ANN),
    ("03-13 09:00", "ticket created", BOB),
    ("03-13 10:00", "ticket reopened", ANN),
    ("03-13 11:00", "ticket_status: pending", BOB),
    ("03-14 10:00", "ticket solved", ANN),
    ("03-14 11:00", "satisfaction: good", ANN),
    ("03-15 09:00", "ticket created", CAT),
    ("03-15 09:00", "ticket solved", CAT),
    ("03-16 09:00", "satisfaction: bad", CAT),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """The help desk after its first night."""
    made = start_crm(tmp_path_factory.mktemp("zendesk"), "zendesk")
    made.night()
    return made


def test_tickets_their_solutions_and_ratings_are_events_of_who_asked(desk: Crm) -> None:
    # Ticket 204 stands there twice and was solved when it came; the closing of 201 and a rating only offered are none.
    assert desk.events() == FIRST


def test_nothing_is_lost_in_silence(desk: Crm) -> None:
    # A ticket of 'soon' and one deleted by the loader; one deleted in Zendesk is not read.
    assert desk.rejects() == [("crm_tickets", "no person: account only"), ("crm_tickets", "unreadable time")]


def test_users_say_who_is_who(desk: Crm) -> None:
    # No agent and no deleted user. External ids may be of any system, and are nobody's user id.
    assert desk.persons() == [
        ["contact_id:zendesk:1", "email:ann@acme.example", "phone:+37120000001"],
        ["contact_id:zendesk:2", "email:bob@acme.example"],
        ["contact_id:zendesk:5", "phone:+37120000003"],
    ]


def test_an_organization_is_the_account_that_its_external_id_names(desk: Crm) -> None:
    found = desk.script.rows("SELECT account_id, count(*) FROM event_accounts GROUP BY account_id")
    # All of Ann and Bob, the rating by what their users say; Cat's organization has none.
    assert found == [("501", 8)]


def test_the_suggested_funnel_counts(desk: Crm) -> None:
    # Three asked, two were helped; Ann's praise counts, Cat's blame does not.
    assert desk.reached()[:2] == [3, 2]


def test_a_rating_that_changes_in_place_is_an_event_when_its_answer_does(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    desk = start_crm(tmp_path_factory.mktemp("nights"), "zendesk")
    desk.night()
    later = "'2026-03-20 01:00:00'"
    desk.change(
        f"UPDATE satisfaction_rating SET score = 'good', updated_at = '2026-03-19 09:00:00', "
        f"_fivetran_synced = {later} WHERE id = 302",
        f"UPDATE satisfaction_rating SET score = 'good_with_comment', updated_at = '2026-03-19 10:00:00', "
        f"_fivetran_synced = {later} WHERE id = 301",
        f"INSERT INTO ticket_field_history VALUES (202, 'status', '2026-03-19 08:00:00', 'solved', 3, {later})",
        f"UPDATE ticket SET status = 'solved', _fivetran_synced = {later} WHERE id = 202",
    )
    read = desk.night()
    # Of ticket 202 its row and both changes of status, of ratings the one whose answer is new.
    assert (read["crm_users"], read["crm_statuses"], read["crm_ratings"]) == (1, 4, 1)
    new = [("03-19 08:00", "ticket solved", BOB), ("03-19 09:00", "satisfaction: good", BOB)]
    assert desk.events() == sorted([*FIRST, *new])
