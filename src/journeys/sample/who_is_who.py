"""The truth about identity: every identifier in the data with its person, every event with its person, every visit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from journeys.sample.catalogue import CHANNEL_NAMES, COUNTRIES, LANGUAGES
from journeys.sample.clickstream import WebEvents
from journeys.sample.crm import ROLE_MAILBOX, Crm, name_person
from journeys.sample.dirt import BLANK_IDS, DirtyLog
from journeys.sample.people import TYPES
from journeys.sample.truth import write_table
from journeys.sample.voices import Answer, Ticket
from journeys.sample.weblog import format_times
from journeys.sample.world import PAIN_POINTS, Visits, World

Identifier = tuple[str, str, str | None, str]


def list_identifiers(
    world: World, log: DirtyLog, *, bot_devices: Iterable[str], crm: Crm, voices: Sequence[Ticket | Answer]
) -> list[Identifier]:
    """List (kind, value, person_id, note) of every identifier that occurs in any source, sorted.

    A device of a family has one row per person (note 'shared'); the kiosk, bots and the mailboxes of whole companies
    belong to nobody (person_id null, notes 'kiosk', 'bot' and 'role').
    Blank ids ('' and 'undefined') identify nobody and are left out.
    """
    kiosk = world.people.device_names[world.people.kiosk_device()]
    bots = set(bot_devices)
    owners: dict[str, set[int]] = defaultdict(set)
    for device, person in set(zip(log.events.device.tolist(), log.events.person.tolist(), strict=True)):
        owners[device].add(person)
    found: set[Identifier] = set()
    for device, persons in owners.items():
        if device in BLANK_IDS:
            continue
        if device == kiosk or device in bots:
            found.add(("device_id", device, None, "kiosk" if device == kiosk else "bot"))
            continue
        note = "shared" if len(persons) > 1 else "own"
        found |= {("device_id", device, name_person(person), note) for person in persons}
    users = set(zip(log.events.user.tolist(), log.events.person.tolist(), strict=True))
    users |= {(voice.user_id, voice.person) for voice in voices}
    found |= {("user_id", user, name_person(person), "own") for user, person in users if user}
    found |= {("email", one.email, name_person(one.person), "own") for one in voices if isinstance(one, Ticket)}
    for contact in crm.contacts:
        is_role = contact.email.startswith(ROLE_MAILBOX)
        found |= {
            ("contact_id", str(contact.contact_id), contact.person_id, "own"),
            ("email", contact.email, None if is_role else contact.person_id, "role" if is_role else "own"),
        }
        if contact.customer_id:
            found.add(("user_id", contact.customer_id, contact.person_id, "own"))
    return sorted(found, key=lambda row: (row[0], row[1], row[2] or ""))


def count_shared_use(world: World, log: DirtyLog) -> dict[str, int]:
    """Count devices with several log-ins (kiosk left out), and the people who logged in at the kiosk."""
    kiosk = world.people.device_names[world.people.kiosk_device()]
    users: dict[str, set[str]] = defaultdict(set)
    for device, user in zip(log.events.device.tolist(), log.events.user.tolist(), strict=True):
        if user and device not in BLANK_IDS:
            users[device].add(user)
    at_kiosk = users.pop(kiosk, set())
    return {
        "shared_device_count": sum(1 for some in users.values() if len(some) > 1),
        "kiosk_user_count": len(at_kiosk),
    }


def write_identifiers(path: Path, identifiers: Sequence[Identifier]) -> None:
    """Write columns kind, value, person_id, note."""
    names = ("kind", "value", "person_id", "note")
    write_table(path, {name: [row[place] for row in identifiers] for place, name in enumerate(names)})


def write_people(path: Path, world: World, visits: Visits, crm: Crm) -> None:
    """Write one row per true person: type, country, language, account, visits, purchases, experiment variants."""
    people, count = world.people, len(world.people)
    bought = np.bincount(visits.person[visits.is_purchase], minlength=count)
    visited = np.bincount(visits.person, minlength=count)
    colleagues = [contact for contact in crm.contacts if contact.person_id.startswith("c-")]
    rest = len(colleagues)
    variants = ("control", "treatment")
    account = [None if place < 0 else f"acc-{place + 1:04d}" for place in people.account]
    write_table(
        path,
        {
            "person_id": [name_person(place) for place in range(count)] + [one.person_id for one in colleagues],
            "customer_type": [TYPES[place].name for place in people.type_index] + [None] * rest,
            "country": [COUNTRIES[place].code for place in people.country] + [None] * rest,
            "language": [LANGUAGES[place] for place in people.language] + [one.language for one in colleagues],
            "account_id": account + [one.account_id for one in colleagues],
            "intent_log_odds": [float(value) for value in people.intent] + [None] * rest,
            "visit_count": visited.tolist() + [0] * rest,
            "purchase_count": bought.tolist() + [0] * rest,
            "banner_variant": [variants[int(flag)] for flag in people.has_banner] + [None] * rest,
            "button_variant": [variants[int(flag)] for flag in people.has_button] + [None] * rest,
            "is_on_web": [True] * count + [False] * rest,
        },
    )


def write_event_persons(path: Path, events: WebEvents) -> None:
    """Write one row per distinct web event with an id: event_id, person_id (null for bots), visit_id, is_bot."""
    known = events.person >= 0
    names = np.array([name_person(place) for place in range(int(events.person.max(initial=0)) + 1)], dtype=object)
    persons = names[np.maximum(events.person, 0)]
    persons[~known] = None
    write_table(
        path,
        {
            "event_id": events.event_id,
            "person_id": persons,
            "visit_id": np.where(known, events.visit + 1, 0),
            "is_bot": ~known,
        },
    )


def write_visits(path: Path, world: World, *, visits: Visits, events: WebEvents) -> None:
    """Write one row per true visit: visit_id, person_id, started_at, event_count, channel, device_id, pain_point, ...

    Args:
        path: the Parquet file.
        world: people and their devices.
        visits: the visits.
        events: their events, each once (bots are passed over).
    """
    people = world.people
    pains = (None, *PAIN_POINTS)
    slot = visits.device_slot
    device = np.where(slot < 0, people.kiosk_device(), people.devices[visits.person, np.maximum(slot, 0)])
    of_visit = events.visit[events.visit >= 0]
    started = np.full(len(visits), np.iinfo(np.int64).max)
    np.minimum.at(started, of_visit, events.occurred_ms[events.visit >= 0])
    write_table(
        path,
        {
            "visit_id": np.arange(1, len(visits) + 1),
            "person_id": [name_person(place) for place in visits.person],
            "started_at": format_times(started, world.parameters.first_day),
            "event_count": np.bincount(of_visit, minlength=len(visits)),
            "channel": [CHANNEL_NAMES[place] for place in visits.channel],
            "device_id": [people.device_names[place] for place in device],
            "pain_point": [pains[place] for place in visits.main_pain],
            "is_purchase": visits.is_purchase,
        },
    )
