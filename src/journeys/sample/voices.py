"""What customers say: support tickets (JSON lines) and survey answers (CSV) in their own languages."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from journeys.sample.catalogue import LANGUAGES
from journeys.sample.clickstream import name_user
from journeys.sample.randomness import open_stream
from journeys.sample.words import COMMENTS, TICKET_TEXTS
from journeys.sample.world import Visits, World

SHOP_ZONE = ZoneInfo("Europe/Riga")
# Every so many-th ticket holds a phone number and a card number, for those who must not keep them.
CONTACT_DATA_EVERY = 15
# By Visits.main_pain: nothing, card form, delivery cost, empty search.
TOPICS = ("delivery", "payment", "delivery cost", "search")
ASKED_ABOUT = ("Checkout payment", "Checkout payment", "Checkout shipping", "Search")
TICKET_SHARE_BY_PAIN = (0.010, 0.35, 0.25, 0.12)
CES_SHARE = 0.35
SCALES = {"NPS": (0, 10), "CSAT": (1, 5), "CES": (1, 7)}
SURVEY_FIELDS = ("survey_id", "answered_at", "user_id", "kind", "score", "comment", "language", "touchpoint")


@dataclass(frozen=True)
class Ticket:
    """One support ticket; times are days since the start of the first day; `closed` is None while it is open."""

    ticket_id: str
    person: int
    user_id: str
    email: str
    opened: float
    closed: float | None
    topic: str
    text: str
    language: str


@dataclass(frozen=True)
class Answer:
    """One survey answer: `kind` is NPS (0 to 10), CSAT (1 to 5) or CES (1 to 7, high is easy)."""

    person: int
    user_id: str
    answered: float
    kind: str
    score: int
    comment: str
    language: str
    touchpoint: str


class Question(NamedTuple):
    """What is asked: `kind` is NPS, CSAT or CES; `about` is the touchpoint, '' for the shop as a whole."""

    kind: str
    about: str


def list_tickets(world: World, visits: Visits) -> list[Ticket]:
    """Let some of the known visitors write to support, most often after something went wrong."""
    stream = open_stream(world.parameters.seed, "tickets")
    main_pain = visits.main_pain
    chance, wait, work = stream.random(len(visits)), stream.random(len(visits)), stream.exponential(1.2, len(visits))
    writes = (visits.login > 0) & (chance < np.array(TICKET_SHARE_BY_PAIN)[main_pain])
    tickets: list[Ticket] = []
    for place in np.flatnonzero(writes):
        person, pain = int(visits.person[place]), int(main_pain[place])
        opened = float(visits.start_days[place] + 0.1 + 1.2 * wait[place])
        if opened >= world.parameters.day_count:
            continue
        closed = opened + 0.05 + float(work[place])
        language = _speak(world, person)
        tickets.append(
            Ticket(
                ticket_id=f"t-{len(tickets) + 1:05d}",
                person=person,
                user_id=name_user(world, person),
                email=f"user{world.people.user_numbers[person]}@mail.example",
                opened=opened,
                closed=closed if closed < world.parameters.day_count else None,
                topic=TOPICS[pain],
                text=TICKET_TEXTS[TOPICS[pain]][language] + _add_contact_data(len(tickets)),
                language=language,
            )
        )
    return tickets


def list_answers(world: World, visits: Visits, tickets: list[Ticket]) -> list[Answer]:
    """Ask after purchases (CSAT, NPS), after troubles (CSAT) and after tickets (CES); scores follow what happened."""
    stream = open_stream(world.parameters.seed, "surveys")
    count = len(visits)
    main_pain = visits.main_pain
    chance, noise, wait = stream.random(count), stream.standard_normal(count), stream.random(count)
    known = visits.login > 0
    asked = known & ((visits.is_purchase & (chance < 0.20)) | ((main_pain > 0) & (chance < 0.15)))
    fondness = np.array([0.0, -0.3, 0.2, 0.8])[world.people.type_index]
    answers: list[Answer] = []
    for place in np.flatnonzero(asked):
        person, pain = int(visits.person[place]), int(main_pain[place])
        mood = float(0.7 + fondness[person] + 0.8 * noise[place] - 2.0 * (pain > 0))
        kind = "NPS" if pain == 0 and chance[place] < 0.08 else "CSAT"
        about = "" if kind == "NPS" else ASKED_ABOUT[pain]
        when = float(visits.start_days[place] + 0.1 + 0.9 * wait[place])
        answers.append(_answer(world, person, when=when, mood=mood, question=Question(kind, about)))
    replies, moods = stream.random(len(tickets)), stream.standard_normal(len(tickets))
    for number, ticket in enumerate(tickets):
        if ticket.closed is not None and replies[number] < CES_SHARE:
            mood = float(0.8 * moods[number] - 0.4 * (ticket.closed - ticket.opened - 1))
            when = ticket.closed + 0.05
            answers.append(
                _answer(world, ticket.person, when=when, mood=mood, question=Question("CES", "Support ticket"))
            )
    inside = [answer for answer in answers if answer.answered < world.parameters.day_count]
    return sorted(inside, key=lambda answer: (answer.answered, answer.user_id, answer.kind))


def write_tickets(path: Path, world: World, tickets: list[Ticket]) -> None:
    """Write one JSON object per ticket; times are ISO texts in UTC."""
    lines = []
    for ticket in tickets:
        row = {
            "ticket_id": ticket.ticket_id,
            "opened_at": _utc(world, ticket.opened).isoformat().replace("+00:00", "Z"),
            "closed_at": None
            if ticket.closed is None
            else _utc(world, ticket.closed).isoformat().replace("+00:00", "Z"),
            "user_id": ticket.user_id,
            "email": ticket.email,
            "topic": ticket.topic,
            "text": ticket.text,
            "language": ticket.language,
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    path.write_bytes("".join(lines).encode())


def write_answers(path: Path, world: World, answers: list[Answer]) -> None:
    """Write one CSV row per answer; times are the shop's local time without a zone, as survey tools export them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SURVEY_FIELDS)
    for number, answer in enumerate(answers, start=1):
        local = _utc(world, answer.answered).astimezone(SHOP_ZONE).replace(tzinfo=None)
        writer.writerow(
            (f"s-{number:05d}", local.isoformat(" "), answer.user_id, answer.kind, answer.score, answer.comment,
             answer.language, answer.touchpoint)
        )  # fmt: skip
    path.write_bytes(text.getvalue().encode())


def _answer(world: World, person: int, *, when: float, mood: float, question: Question) -> Answer:
    """Turn a mood (about -3 to 3) into a score of the kind's scale and a comment that fits it."""
    low, high = SCALES[question.kind]
    score = min(high, max(low, round((low + high) / 2 + mood * (high - low) / 5)))
    language = _speak(world, person)
    good, fair, bad = COMMENTS[language]
    comments = bad if score < low + 0.4 * (high - low) else good if score > low + 0.7 * (high - low) else fair
    comment = comments[int(when * 1000) % len(comments)]
    return Answer(person, name_user(world, person), when, question.kind, score, comment, language, question.about)


def _add_contact_data(number: int) -> str:
    """Give what careless people write below their ticket, '' for most."""
    return f" +371 2{number % 10_000_000:07d}, VISA 4111 1111 1111 1111" if number % CONTACT_DATA_EVERY == 0 else ""


def _speak(world: World, person: int) -> str:
    """Give the language a person writes in: the own one where texts exist, else English."""
    language = LANGUAGES[world.people.language[person]]
    return language if language in COMMENTS else "en"


def _utc(world: World, day: float) -> datetime:
    """Give the UTC time of days since the start of the first day, to the second."""
    return datetime.combine(world.parameters.first_day, time(), UTC) + timedelta(seconds=int(day * 86_400))
