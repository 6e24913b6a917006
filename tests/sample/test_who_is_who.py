"""The truth about identity covers every identifier and agrees with every event."""

from __future__ import annotations

import csv
import json
import sqlite3
import tomllib
from collections import defaultdict

import pytest


@pytest.fixture(scope="module")
def persons_of(company):
    """(kind, value) -> true persons; (kind, value) -> note."""
    persons, notes = defaultdict(set), {}
    for row in company.table("identifiers"):
        persons[row["kind"], row["value"]].add(row["person_id"])
        notes[row["kind"], row["value"]] = row["note"]
    return persons, notes


def test_every_web_identifier_is_known_and_belongs_to_the_person_of_the_event(company, persons_of):
    persons, notes = persons_of
    person_of_event = {row["event_id"]: row["person_id"] for row in company.table("events")}
    for _, _, event in company.events():
        if event["occurred_at"] > "2027":
            continue
        person = person_of_event[event["event_id"]]
        if event["anonymous_id"] not in ("", "undefined"):
            key = ("device_id", event["anonymous_id"])
            assert key in persons
            assert person in persons[key] or notes[key] == "kiosk"
            assert (notes[key] == "bot") == (person is None)
        if "user_id" in event:
            assert persons["user_id", event["user_id"]] == {person}


def test_the_truth_holds_no_web_identifier_that_does_not_occur(company, persons_of):
    devices = {event["anonymous_id"] for _, _, event in company.events()} - {"", "undefined"}
    assert {value for kind, value in persons_of[0] if kind == "device_id"} == devices


def test_every_identifier_of_crm_surveys_and_tickets_is_known(company, persons_of):
    persons, notes = persons_of
    settings = tomllib.loads((company.folder / "journeys.toml").read_text("utf-8"))
    with sqlite3.connect(company.folder / "data" / "crm.sqlite") as connection:
        connection.row_factory = sqlite3.Row
        for source in settings["source"]:
            if source["kind"] == "database":
                rows = connection.execute(source["query"]).fetchall()
                assert sum(row["customer_id"] is None for row in rows) in range(1, len(rows))
                for row in rows:
                    (person,) = persons["contact_id", str(row["contact_id"])]
                    assert row["customer_id"] is None or persons["user_id", row["customer_id"]] == {person}
        contacts = connection.execute("SELECT contact_id, email FROM contacts").fetchall()
    for contact in contacts:
        is_own = notes["email", contact["email"]] == "own"
        assert persons["email", contact["email"]] == (
            persons["contact_id", str(contact["contact_id"])] if is_own else {None}
        )
    assert {value for kind, value in persons if kind == "contact_id"} == {str(row["contact_id"]) for row in contacts}
    with (company.folder / "data" / "surveys.csv").open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    tickets = [json.loads(line) for line in (company.folder / "data" / "tickets.jsonl").read_text("utf-8").splitlines()]
    assert len(answers) == company.summary.survey_count > 20
    assert len(tickets) == company.summary.ticket_count > 5
    for row in [*answers, *tickets]:
        assert len(persons["user_id", row["user_id"]]) == 1
    assert all(persons["email", row["email"]] == persons["user_id", row["user_id"]] for row in tickets)
    emails = {row["email"] for row in [*contacts, *tickets]}
    assert {value for kind, value in persons if kind == "email"} == emails


def test_user_ids_of_the_truth_are_the_shops_own(persons_of):
    assert all(value.startswith("u-") for kind, value in persons_of[0] if kind == "user_id")


def test_a_contact_entered_twice_has_one_address_in_two_cases(persons_of):
    persons, _ = persons_of
    emails = [value for kind, value in persons if kind == "email"]
    twins = [value for value in emails if value != value.lower()]
    assert len(twins) > 2
    for value in twins:
        assert persons["email", value] == persons["email", value.lower()]
        assert len(persons["email", value]) == 1


def test_some_colleagues_share_the_mailbox_of_their_company(company, persons_of):
    _, notes = persons_of
    shared = {value for (kind, value), note in notes.items() if note == "role"}
    with sqlite3.connect(company.folder / "data" / "crm.sqlite") as connection:
        rows = connection.execute("SELECT email, account_id FROM contacts WHERE email LIKE 'info@%'").fetchall()
    assert {email for email, _ in rows} == shared
    assert all(email == f"info@{account}.example" for email, account in rows)
    assert len(rows) > 5


def test_web_identifiers_of_crm_contacts_lead_to_the_same_person(company, persons_of):
    persons, _ = persons_of
    with sqlite3.connect(company.folder / "data" / "crm.sqlite") as connection:
        rows = connection.execute(
            "SELECT contact_id, customer_id FROM contacts WHERE customer_id IS NOT NULL"
        ).fetchall()
    assert len(rows) > 20
    assert all(persons["contact_id", str(contact)] == persons["user_id", user] for contact, user in rows)


def test_purchases_in_the_log_are_those_of_the_truth(company):
    people = {row["person_id"]: row for row in company.table("people")}
    person_of_event = {row["event_id"]: row["person_id"] for row in company.table("events")}
    bought = defaultdict(set)
    for _, _, event in company.events():
        if event["name"] == "purchase":
            bought[person_of_event[event["event_id"]]].add(event["order_id"])
    counts = {person: len(orders) for person, orders in bought.items()}
    assert counts == {person: row["purchase_count"] for person, row in people.items() if row["purchase_count"]}
    assert sum(counts.values()) == company.summary.purchase_count
    assert len(counts) == company.summary.customer_count


def test_logged_variant_is_the_persons_own(company):
    people = {row["person_id"]: row for row in company.table("people")}
    person_of_event = {row["event_id"]: row["person_id"] for row in company.table("events")}
    column = {"free_delivery_banner": "banner_variant", "button_colour": "button_variant"}
    seen = defaultdict(set)
    for _, _, event in company.events():
        if event["name"] == "experiment_exposure":
            person = person_of_event[event["event_id"]]
            assert people[person][column[event["experiment"]]] == event["variant"]
            seen[event["experiment"], event["variant"]].add(person)
    counts = {row["name"]: row for row in company.truth("experiments")}
    assert {key: len(some) for key, some in seen.items()} == {
        (name, variant): counts[name][f"exposed_{variant}_count"]
        for name in column
        for variant in ("control", "treatment")
    }


def test_four_types_and_both_kinds_of_customers(company):
    people = company.table("people")
    assert {row["customer_type"] for row in people if row["is_on_web"]} == {
        "explorer", "bargain_hunter", "decided_buyer", "loyal_customer"
    }  # fmt: skip
    assert sum(row["is_on_web"] for row in people) == 2_000
    works = sum(row["account_id"] is not None for row in people if row["is_on_web"])
    assert 0.05 < works / 2_000 < 0.11


def test_true_visits_hold_their_events(company):
    visits = {row["visit_id"]: row for row in company.table("visits")}
    visit_of_event = {row["event_id"]: row["visit_id"] for row in company.table("events")}
    times = defaultdict(dict)
    for _, _, event in company.events():
        if event["occurred_at"] < "2027" and visit_of_event[event["event_id"]]:
            known = times[visit_of_event[event["event_id"]]]
            known[event["event_id"]] = min(event["occurred_at"], known.get(event["event_id"], "9"))
    assert {visit: (min(some.values()), len(some)) for visit, some in times.items()} == {
        visit: (row["started_at"], row["event_count"]) for visit, row in visits.items()
    }
