"""The CRM as an SQLite database, written through SQLAlchemy: companies, contacts, deals, their stages, activities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from journeys.sample.catalogue import COMPANY_NAMES, COUNTRIES, FIRST_NAMES, LANGUAGES, LAST_NAMES
from journeys.sample.clickstream import name_user
from journeys.sample.people import Bools
from journeys.sample.randomness import open_stream
from journeys.sample.world import World

Row = dict[str, Any]

STAGES = (("lead", 1.0), ("qualified", 0.65), ("proposal", 0.65), ("won", 0.5))
ACTIVITY_OF_STAGE = {"lead": "call", "qualified": "meeting", "proposal": "mail", "won": "call", "lost": "mail"}
COLLEAGUE_SHARE = 0.2
TWIN_SHARE = 0.04
# Every so many-th contact, where only sales knows the person, has the mailbox of the whole company.
ROLE_MAILBOX_EVERY = 3
ROLE_MAILBOX = "info@"
STAGE_DAYS = 6.0


@dataclass(frozen=True)
class Contact:
    """A contact row with the person behind it (for the truth).

    Args:
        contact_id, account_id, email: as in the CRM.
        customer_id: the web user id, None for those who never registered.
        person_id: true person.
        first_day: days since the start of the first day when the contact is first known.
        language: code.
    """

    contact_id: int
    account_id: str
    email: str
    customer_id: str | None
    person_id: str
    first_day: float
    language: str


@dataclass(frozen=True)
class Crm:
    """All rows of the CRM by table, and the contacts with their persons."""

    contacts: tuple[Contact, ...]
    rows: dict[str, list[Row]] = field(repr=False)


def name_person(place: int) -> str:
    """Give the true id of the web person at this place; it never occurs in a log."""
    return f"p-{place + 1:06d}"


def make_crm(world: World, is_registered: Bools) -> Crm:
    """Make all rows of the CRM.

    Args:
        world: people and their companies.
        is_registered: per person, has a user id at the end of the period.
    """
    stream = open_stream(world.parameters.seed, "crm")
    contacts = tuple(_list_contacts(world, is_registered, stream))
    from journeys.sample.crm_tables import METADATA  # SQLAlchemy is slow to import

    rows: dict[str, list[Row]] = {table.name: [] for table in METADATA.sorted_tables}
    for number in range(world.people.account_count):
        created = _moment(world, -200.0 + number % 150)
        name = f"{COMPANY_NAMES[number % len(COMPANY_NAMES)]} {number // len(COMPANY_NAMES) + 1}"
        rows["accounts"].append(
            {"account_id": _name_account(number), "name": name, "country": COUNTRIES[number % 5].code,
             "employee_count": int(np.exp(stream.normal(3.0, 1.2))) + 1, "created_at": created, "updated_at": created}
        )  # fmt: skip
    for contact in contacts:
        rows["contacts"].append(_contact_row(world, contact, stream))
        _add_deals(world, contact, rows=rows, stream=stream)
    rows["deal_stage_history"].sort(key=lambda row: (row["changed_at"], row["deal_id"]))
    rows["activities"].sort(key=lambda row: (row["occurred_at"], row["contact_id"]))
    for name, key in (("deal_stage_history", "history_id"), ("activities", "activity_id")):
        rows[name] = [{key: number, **row} for number, row in enumerate(rows[name], start=1)]
    return Crm(contacts, rows)


def write_crm(path: Path, crm: Crm) -> None:
    """Write the CRM as a new SQLite database in one transaction, so that equal rows give equal bytes."""
    from sqlalchemy import create_engine, insert

    from journeys.sample.crm_tables import METADATA

    path.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            METADATA.create_all(connection)
            for table in METADATA.sorted_tables:
                if crm.rows[table.name]:
                    connection.execute(insert(table), crm.rows[table.name])
    finally:
        engine.dispose()


def _name_account(number: int) -> str:
    return f"acc-{number + 1:04d}"


def _list_contacts(world: World, is_registered: Bools, stream: np.random.Generator) -> Iterator[Contact]:
    """List every web person of a company, some twice (e-mail in capitals), and colleagues whom only sales knows.

    Some colleagues have no e-mail address but their company's.
    """
    people = world.people
    contact_id = 0
    for place in np.flatnonzero(people.account >= 0):
        contact_id += 1
        account, number = _name_account(int(people.account[place])), int(people.user_numbers[place])
        email = f"buyer{number}@{account}.example"
        customer = name_user(world, int(place)) if is_registered[place] else None
        first, language = float(people.first_visit_days[place]), LANGUAGES[people.language[place]]
        yield Contact(contact_id, account, email, customer, name_person(int(place)), first, language)
        if stream.random() < TWIN_SHARE:
            contact_id += 1
            yield Contact(contact_id, account, email.upper(), None, name_person(int(place)), first + 3, language)
        if stream.random() < COLLEAGUE_SHARE:
            contact_id += 1
            name = f"colleague{contact_id}@" if contact_id % ROLE_MAILBOX_EVERY else ROLE_MAILBOX
            email = f"{name}{account}.example"
            day = float(stream.uniform(0, world.parameters.day_count))
            yield Contact(contact_id, account, email, None, f"c-{contact_id:06d}", day, language)


def _contact_row(world: World, contact: Contact, stream: np.random.Generator) -> Row:
    first, last = FIRST_NAMES[contact.language], LAST_NAMES[contact.language]
    known = _moment(world, min(contact.first_day, world.parameters.day_count - 0.01))
    return {
        "contact_id": contact.contact_id,
        "account_id": contact.account_id,
        "customer_id": contact.customer_id,
        "first_name": first[int(stream.integers(0, len(first)))],
        "last_name": last[int(stream.integers(0, len(last)))],
        "email": contact.email,
        "language": contact.language,
        "created_at": known,
        "updated_at": known,
    }


def _add_deals(world: World, contact: Contact, *, rows: dict[str, list[Row]], stream: np.random.Generator) -> None:
    """Give some contacts a deal that moves through its stages until it is won, lost or the period ends."""
    if stream.random() > 0.45:
        _add_activity(world, contact, rows=rows, when=_at_work(contact.first_day + 2.0, stream), about=(None, "mail"))
        return
    deal_id = len(rows["deals"]) + 1
    amount = round(float(np.exp(stream.normal(7.5, 0.8))), 2)
    day = contact.first_day + 0.5 + float(stream.exponential(3.0))
    history: list[Row] = []
    for stage, share in STAGES:
        reached = stage if stream.random() < share else "lost"
        when = _at_work(day, stream)
        if when >= world.parameters.day_count:
            break
        changed = _moment(world, when)
        history.append(
            {"deal_id": deal_id, "contact_id": contact.contact_id, "stage": reached, "changed_at": changed,
             "amount": amount, "currency": "EUR", "updated_at": changed}
        )  # fmt: skip
        _add_activity(world, contact, rows=rows, when=when - 0.02, about=(deal_id, ACTIVITY_OF_STAGE[reached]))
        if reached == "lost":
            break
        day = when + 1.0 + float(stream.exponential(STAGE_DAYS))
    if history:
        last = history[-1]
        closed = last["changed_at"] if last["stage"] in ("won", "lost") else None
        rows["deals"].append(
            {"deal_id": deal_id, "account_id": contact.account_id, "contact_id": contact.contact_id,
             "title": f"Office order {deal_id}", "stage": last["stage"], "amount": amount, "currency": "EUR",
             "opened_at": history[0]["changed_at"], "closed_at": closed, "updated_at": last["changed_at"]}
        )  # fmt: skip
        rows["deal_stage_history"].extend(history)


def _add_activity(
    world: World, contact: Contact, *, rows: dict[str, list[Row]], when: float, about: tuple[int | None, str]
) -> None:
    """Note a call, mail or meeting; `about` is the deal (or None) and the kind."""
    deal_id, kind = about
    if when < 0 or when >= world.parameters.day_count:
        return
    moment = _moment(world, when)
    rows["activities"].append(
        {"contact_id": contact.contact_id, "deal_id": deal_id, "kind": kind, "subject": f"{kind} with {contact.email}",
         "outcome": "done", "occurred_at": moment, "updated_at": moment}
    )  # fmt: skip


def _at_work(day: float, stream: np.random.Generator) -> float:
    """Move a time to office hours (8 to 16 UTC) of the next day."""
    return float(np.floor(day) + 1 + (8 + 8 * stream.random()) / 24)


def _moment(world: World, day: float) -> datetime:
    """Give the UTC time (without a zone, as the database stores it) of days since the start of the first day."""
    start = datetime.combine(world.parameters.first_day, time(), UTC).replace(tzinfo=None)
    return start + timedelta(seconds=round(day * 86_400))
