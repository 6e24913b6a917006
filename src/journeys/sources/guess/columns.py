"""Which column is which, by its name and by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from journeys.sources.guess.sample import Sample
from journeys.sources.guess.times import read_times

SURE, LIKELY, UNSURE = "sure", "likely", "a guess"
_MOST_EVENTS = 200
_MOST = 0.9
# Columns of these names hold events only where few of them are different: else they are people's names.
_VAGUE = ("name", "type", "what", "status", "state")
_MOST_OF_VAGUE = 0.5
# An event that was sent twice has its id twice; where more are alike, it is the id of something else.
_MOST_REPEATED = 0.8
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[\d\s()/.-]{7,20}")
_ADDRESS = re.compile(r"(https?://|/)\S*")
# Times of loading, and times that are no event's: taken where there is no other.
_OTHER_TIMES = re.compile(
    r"^_|sync|load|etl|ingest|extract|export|(^|_|\.)end|due|expir|birth|delete|close", re.IGNORECASE
)

# Names of columns without case and punctuation, the likeliest first.
_NAMES: dict[str, tuple[str, ...]] = {
    "occurred_at": ("occurredat", "eventtimestamp", "timestamp", "eventtime", "eventdate", "datetime", "createdat",
                    "time", "ts", "happenedat", "date", "at", "when", "servertime", "clienttime", "changedat",
                    "openedat", "answeredat", "submittedat", "startedat", "createddate", "dateentered", "created",
                    "updatedat", "updated"),
    "event": ("event", "eventname", "eventtype", "action", "activity", "name", "type", "what", "stage", "status",
              "state"),
    "device_id": ("deviceid", "anonymousid", "visitorid", "visitor", "cookieid", "cookie", "clientid", "browserid",
                  "userpseudoid", "domainuserid", "fingerprint"),
    "user_id": ("userid", "customerid", "customer", "user", "memberid", "uid", "accountuserid", "householdid",
                "personid", "buyerid", "shopperid", "requesterid", "cardid", "clientnumber",
                "who"),
    "session_id": ("sessionid", "session", "visitid"),
    "account_id": ("accountid", "companyid", "organizationid", "organisationid", "company", "orgid"),
    "event_id": ("eventid", "uuid", "messageid", "insertid", "id", "hitid"),
    "url": ("url", "pageurl", "page", "pagelocation", "path", "location", "uri"),
    "referrer": ("referrer", "referer", "pagereferrer", "httpreferer"),
    "traffic_source": ("utmsource", "trafficsource", "mktsource"),
    "medium": ("utmmedium", "medium", "mktmedium"),
    "campaign": ("utmcampaign", "campaign", "mktcampaign", "campaignname"),
    "value_amount": ("amount", "revenue", "value", "total", "price", "salesvalue", "ordertotal", "sum", "dealamount"),
    "currency": ("currency", "currencycode"),
    "user_agent": ("useragent", "agent", "httpuseragent", "browseragent"),
}  # fmt: skip
_IDENTIFIERS: dict[str, tuple[str, ...]] = {
    "email": ("email", "emailaddress", "mail", "customeremail", "useremail", "contactemail", "buyeremail"),
    "phone": ("phone", "phonenumber", "mobile", "telephone", "mobilephone", "customerphone", "caller", "callernumber"),
    "loyalty_card": ("loyaltycard", "loyaltyid", "cardnumber", "membercard"),
    "contact_id": ("contactid", "leadid"),
}


@dataclass(frozen=True)
class Guess:
    """What a canonical column is thought to be.

    Attributes:
        column: the source's column.
        sureness: SURE, LIKELY or UNSURE.
        why: what speaks for it, with a value.
        keys: further keys of `[[source]]` that reading it takes, such as `unit`.
    """

    column: str
    sureness: str
    why: str
    keys: Mapping[str, str] = field(default_factory=dict)


def guess_columns(sample: Sample) -> tuple[dict[str, Guess], dict[str, Guess]]:
    """Guess the mapping of a sample.

    Returns:
        Guesses by canonical column, and by kind of further identifier; each column of the source is taken once.
    """
    taken: set[str] = set()
    columns = _choose(sample, _NAMES, taken)
    if "occurred_at" not in columns and (found := _find_any_time(sample, taken)):
        columns = {"occurred_at": found, **columns}
        taken.add(found.column)
    return columns, _choose(sample, _IDENTIFIERS, taken)


def _choose(sample: Sample, names: Mapping[str, Sequence[str]], taken: set[str]) -> dict[str, Guess]:
    chosen: dict[str, Guess] = {}
    for canonical, known in names.items():
        ranked = sorted(_candidates(sample, known, taken), key=lambda each: each[:2])
        for _, _, column in ranked:
            guess = _judge(sample, canonical, column, known)
            if guess is not None:
                chosen[canonical] = guess
                taken.add(column)
                break
    return chosen


def _candidates(sample: Sample, known: Sequence[str], taken: set[str]) -> list[tuple[int, int, str]]:
    """Columns whose name, or its last parts, is a known one: how deep they lie, how likely the name is, the column."""
    found = []
    for column in sample.values:
        # `customer.id` is a customer's id.
        parts = column.split(".")
        names = [name for name in (_plain("".join(parts[-2:])), _plain(parts[-1])) if name in known]
        if column not in taken and names:
            found.append((column.count("."), known.index(names[0]), column))
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _judge(sample: Sample, canonical: str, column: str, known: Sequence[str]) -> Guess | None:
    """Say how sure a column is by its values; None when they speak against it."""
    values = [value.strip() for value in sample.values[column] if value is not None and value.strip()]
    if not values or values[0].startswith(("{", "[")):  # an object tells nothing as a whole
        return None
    if canonical == "occurred_at":
        return _judge_time(column, values, known)
    test = _TESTS.get(canonical)
    share = sum(test(value) for value in values) / len(values) if test else 1.0
    if share < _MOST:
        return None
    distinct = len(set(values))
    said = f"its name; {distinct:,} different of {len(values):,} values, such as {values[0][:40]!r}"
    if canonical == "event_id" and distinct < len(values) * (_MOST_REPEATED if _plain(column) != "id" else 1):
        return None
    most = _MOST_OF_VAGUE if _plain(column.rpartition(".")[2]) in _VAGUE else _MOST
    if canonical == "event" and distinct > min(_MOST_EVENTS, max(2, len(values) * most)):
        return None
    if _plain(column.rpartition(".")[2]) in _VAGUE:
        return Guess(column, UNSURE, said)
    is_first = _plain(column) in known[:2]
    return Guess(column, SURE if test and is_first else LIKELY if is_first or test else UNSURE, said)


def _judge_time(column: str, values: Sequence[str], known: Sequence[str]) -> Guess | None:
    times = read_times(values)
    if times is None or times.share < _MOST:
        return None
    name = _plain(column)
    said = f"{times.share:.0%} of {len(values):,} values are times, such as {values[0][:40]!r}"
    sureness = UNSURE if times.is_ambiguous else SURE if name in known[:6] else LIKELY
    if times.is_ambiguous:
        said += "; day and month may be the other way round"
    return Guess(column, sureness, said, times.keys)


def _find_any_time(sample: Sample, taken: set[str]) -> Guess | None:
    for column in sorted(sample.values, key=lambda name: _OTHER_TIMES.search(name) is not None):
        values = [value.strip() for value in sample.values[column] if value is not None and value.strip()]
        if column not in taken and values and (guess := _judge_time(column, values, ())):
            return guess
    return None


def _is_number(value: str) -> bool:
    return re.fullmatch(r"-?\d+([.,]\d+)?", value) is not None


_TESTS: dict[str, Callable[[str], bool]] = {
    "url": lambda value: _ADDRESS.match(value) is not None,
    "referrer": lambda value: value == "-" or _ADDRESS.match(value) is not None,
    "value_amount": _is_number,
    "currency": lambda value: len(value) == 3,
    "email": lambda value: _EMAIL.fullmatch(value) is not None,
    "event": lambda value: not _is_number(value),
    "phone": lambda value: _PHONE.fullmatch(value) is not None,
    "user_agent": lambda value: "/" in value,
}
