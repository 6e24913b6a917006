"""The parameters of the sample company: one dataclass, each field with its meaning, unit and range."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path

from journeys.errors import CallError


@dataclass(frozen=True)
class CompanyParameters:
    """Everything the sample company depends on: equal parameters give equal bytes.

    A `_share` is a fraction from 0 to 1; a `_period` is (start, end) as shares of the whole period, end excluded; an
    `_effect` is added to the log-odds of the decision it names (0 = no effect).

    Raises:
        CallError: a field is outside its range; all of them are named at once.
    """

    person_count: int = (
        20_000  # true people who meet the shop on the web; 1 to 500,000 (about 2 GB of memory per 100,000)
    )
    day_count: int = 120  # calendar days of logs; 1 to 730
    seed: int = 1  # of all random numbers; 0 or more
    last_day: date = date(2026, 6, 30)  # last calendar day (UTC) with events; 2002-01-01 or later
    company_share: float = 0.08  # of persons, who act for a company that sales knows; 0 to 1
    family_share: float = 0.03  # of persons, who share one device with somebody of the family; 0 to 1
    kiosk_share: float = 0.03  # of persons, who make one visit at the kiosk in the store and log in there; 0 to 1
    card_form_share: float = 0.55  # of payments on phones that the broken card form refuses; 0 to 1
    card_form_period: tuple[float, float] = (0.20, 0.45)  # when the card form is broken; shares of the period
    delivery_cost_share: float = 0.35  # of foreign checkouts given up when the delivery cost appears late; 0 to 1
    delivery_cost_period: tuple[float, float] = (0.55, 0.85)  # when the cost appears late; shares of the period
    empty_search_share: float = 0.65  # of visits that end when a native-language search finds nothing; 0 to 1
    empty_search_period: tuple[float, float] = (0.10, 0.40)  # when such searches find nothing; shares of the period
    returns_page_share: float = 0.06  # of visits (of the average person) that look at the returns page; 0 to 1
    banner_effect: float = 0.6  # of the free-delivery banner (experiment) on putting into the cart; log-odds, -3 to 3
    banner_period: tuple[float, float] = (0.20, 0.70)  # when the banner experiment runs; shares of the period
    button_effect: float = 0.0  # of the button colour (experiment) on putting into the cart; log-odds, -3 to 3
    button_period: tuple[float, float] = (0.40, 0.90)  # when the button experiment runs; shares of the period
    autofill_effect: float = 0.8  # of release 2026.4.0 on finishing the address step; log-odds, -3 to 3
    autofill_start: float = 0.50  # when release 2026.4.0 goes live; share of the period
    footer_effect: float = 0.0  # of release 2026.5.0 on finishing the address step; log-odds, -3 to 3
    footer_start: float = 0.75  # when release 2026.5.0 goes live; share of the period
    crawler_share: float = 0.02  # crawler page views as a share of the people's events; 0 to 1
    fast_bot_count: int = 3  # bots that look like browsers but load a page every second for four minutes; 0 to 100
    resent_share: float = 0.004  # of web events that are sent again unchanged in the same file; 0 to 0.1
    resent_later_share: float = 0.002  # of web events that are sent again and received a day later; 0 to 0.1
    changed_repeat_share: float = 0.001  # of web events repeated under one id with other content; 0 to 0.1
    late_share: float = 0.005  # of web events that arrive one to three days late; 0 to 0.1
    swapped_share: float = 0.01  # of lines that change places with the next one; 0 to 0.1
    tie_share: float = 0.005  # of web events that share their millisecond with the event before; 0 to 0.1
    blank_id_share: float = 0.002  # of page views whose anonymous id is '' (as many again: 'undefined'); 0 to 0.1
    malformed_share: float = 0.0003  # of lines cut short (as many again: not UTF-8; not an object); 0 to 0.1

    def __post_init__(self) -> None:
        problems = [problem for field in fields(self) if (problem := self._problem_of(field.name))]
        if problems:
            raise CallError(
                "company-parameters",
                "the sample company cannot be made with these parameters",
                found="; ".join(problem[0] for problem in problems),
                allowed="; ".join(problem[1] for problem in problems),
                do="correct the parameters named",
            )

    @property
    def first_day(self) -> date:
        """The first calendar day with events."""
        return self.last_day - timedelta(days=self.day_count - 1)

    def day_range(self, period: tuple[float, float]) -> tuple[float, float]:
        """Turn a period in shares into days since the start of `first_day`: whole days, end excluded."""
        return float(round(period[0] * self.day_count)), float(round(period[1] * self.day_count))

    def _problem_of(self, name: str) -> tuple[str, str] | None:
        """Say what was found and what is allowed when the field `name` is out of range, else None."""
        value = getattr(self, name)
        allowed = _RANGES.get(name) or _RANGES[name.rsplit("_", 1)[1]]
        if name.endswith("_period"):
            fits = isinstance(value, tuple) and len(value) == 2 and all(_is_number(part) for part in value)
            fits = fits and 0 <= value[0] <= value[1] <= 1
            return None if fits else (f"{name} = {value!r}", f"{name} as (start, end) with 0 <= start <= end <= 1")
        if name == "last_day":
            fits = type(value) is date and value >= date(2000, 1, 1) + timedelta(days=_RANGES["day_count"][1])
            return None if fits else (f"{name} = {value!r}", "last_day as a date from 2002-01-01 on")
        whole = name in ("person_count", "day_count", "seed", "fast_bot_count")
        fits = _is_number(value) and allowed[0] <= value <= allowed[1] and (not whole or isinstance(value, int))
        kind = "a whole number" if whole else "a number"
        return None if fits else (f"{name} = {value!r}", f"{name} as {kind} from {allowed[0]:,} to {allowed[1]:,}")


_RANGES: dict[str, tuple[float, float]] = {
    "person_count": (1, 500_000),
    "day_count": (1, 730),
    "seed": (0, 2**63),
    "fast_bot_count": (0, 100),
    "last_day": (0, 0),
    "share": (0, 1),
    "effect": (-3, 3),
    "start": (0, 1),
    "period": (0, 1),
    "resent_share": (0, 0.1),
    "resent_later_share": (0, 0.1),
    "changed_repeat_share": (0, 0.1),
    "late_share": (0, 0.1),
    "swapped_share": (0, 0.1),
    "tie_share": (0, 0.1),
    "blank_id_share": (0, 0.1),
    "malformed_share": (0, 0.1),
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class CompanySummary:
    """What `write_company` wrote.

    Args:
        folder: where journeys.toml, data/ and truth/ are.
        person_count: true people on the web.
        file_count: daily web files.
        line_count: non-blank lines of the web files, dirt included.
        event_count: distinct web events, bots included.
        purchase_count: true web purchases.
        customer_count: persons with at least one of them.
        contact_count: rows of the CRM's contacts.
        deal_count: rows of the CRM's deals.
        survey_count: survey answers.
        ticket_count: support tickets.
    """

    folder: Path
    person_count: int
    file_count: int
    line_count: int
    event_count: int
    purchase_count: int
    customer_count: int
    contact_count: int
    deal_count: int
    survey_count: int
    ticket_count: int
