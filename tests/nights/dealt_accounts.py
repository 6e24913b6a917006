"""Companies in small: who writes from which domain and works where changes, and the rows of it arrive in any order."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

CONFIG = """
[project]
name = "Companies"
[[source]]
name = "web"
kind = "file"
path = "web-*.csv"
interaction = true
[source.columns]
event_id = "id"
occurred_at = "at"
device_id = "device"
user_id = "user"
account_id = "company"
event = "what"
[source.identifiers]
email = "mail"
[[source]]
name = "contacts"
kind = "file"
holds = "contacts"
path = "contacts-*.csv"
required = false
[source.columns]
occurred_at = "at"
user_id = "user"
account_id = "company"
[source.identifiers]
email = "mail"
contact_id = "card"
[journey]
goal = "buy"
inactive_days = 10
[[touchpoint]]
name = "research"
match = { event = "research" }
[[touchpoint]]
name = "offer"
match = { event = "offer" }
[[goal]]
name = "buy"
match = { event = "buy" }
[identity]
free_mail = ["mail.example"]
"""
HEADS = {"web": "id,at,device,user,company,mail,what", "contacts": "at,user,company,mail,card"}
_START = datetime(2026, 3, 1, tzinfo=UTC)
_DAYS = 40


@dataclass(frozen=True)
class Row:
    """One line of a file, and the night in which it arrives."""

    source: str
    night: int
    text: str


def write_rows(folder: Path, night: int, rows: list[Row]) -> None:
    """Put the files of one night there."""
    for source, head in HEADS.items():
        lines = [row.text for row in rows if row.source == source and row.night == night]
        if lines:
            (folder / f"{source}-{night}.csv").write_text("\n".join([head, *lines, ""]), encoding="utf-8")


class DealtAccounts:
    """Some sixty persons of ten companies, two of which no row names, dealt to nights.

    Persons change company half-way, and the address with it; some write from the domain of another company, from a
    private mailbox, or share a mailbox. Some events come again under their id with an earlier time and another company;
    some persons have two users, which one row links, often late.

    Args:
        folder: takes the configuration and the files.
        night_count: nights over which the rows arrive, most in the order of time.
        seed: of all of it.
        more: further lines of `[identity]`.
    """

    def __init__(self, folder: Path, *, night_count: int, seed: int, more: str = "") -> None:
        folder.mkdir(parents=True)
        self.folder, self.night_count, self.config = folder, night_count, folder / "journeys.toml"
        self.config.write_text(CONFIG + more, encoding="utf-8")
        self.random = random.Random(seed)
        self.rows: list[Row] = []
        for number in range(60):
            self._add_person(number)
        self.random.shuffle(self.rows)

    def arrive(self, night: int) -> None:
        """Put what arrives in one night there."""
        write_rows(self.folder, night, self.rows)

    def _add_person(self, number: int) -> None:
        draw = self.random
        home, move = draw.randrange(10), draw.randrange(8) if draw.random() < 0.3 else None
        move = move if home < 8 else None
        private = draw.random() < 0.2
        users = [f"u{number}", *([f"v{number}"] if draw.random() < 0.25 else [])]
        for place in range(draw.randrange(3, 12)):
            day = draw.random() * _DAYS
            company = home if move is None or day < _DAYS / 2 else move
            name = f"{number}-{place}"
            user = draw.choice(users)
            # An address of another company's now and then, and a mailbox of several people.
            writes_from = draw.randrange(8) if home < 8 and draw.random() < 0.02 else company
            mailbox = "team" if draw.random() < 0.04 else user
            domain = draw.choice(["gmail.com", "mail.example"]) if private else f"c{writes_from}.example"
            mail = f"{mailbox}@{domain}"
            if draw.random() < 0.3:
                named = f"Company {company}" if company < 8 and draw.random() < 0.35 else ""
                shown = mail if draw.random() < 0.8 else ""
                card = number if draw.random() < 0.3 else ""
                self._add("contacts", day, f"{_time(day)},{user},{named},{shown},{card}")
            else:
                named = f"Company {company}" if company < 8 and draw.random() < 0.1 else ""
                known = user if draw.random() < 0.4 else ""
                shown = mail if draw.random() < 0.1 else ""
                device = "kiosk" if draw.random() < 0.03 else f"d{number}"
                what = draw.choice(["research", "research", "offer", "look", "buy"])
                self._add("web", day, f"{name},{_time(day)},{device},{known},{named},{shown},{what}")
                if draw.random() < 0.1:
                    other = "" if named or home >= 8 else f"Company {draw.randrange(8)}"
                    earlier = f"{name},{_time(day - 0.5)},{device},{known},{other},{shown},{what}"
                    self._add("web", day + 4, earlier)
        if len(users) == 2:
            day = draw.random() * _DAYS
            self._add("contacts", day, f"{_time(day)},{users[1]},,{users[0]}@c{home}.example,")

    def _add(self, source: str, day: float, text: str) -> None:
        night = self.random.gauss(day / _DAYS * self.night_count, 0.8)
        self.rows.append(Row(source, min(self.night_count - 1, max(0, int(night))), text))


def _time(day: float) -> str:
    return (_START + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")
