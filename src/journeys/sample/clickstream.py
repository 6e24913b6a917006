"""From visits to web events: which pages and deeds, in what order and when, as columns of codes and short texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeys.sample import pages
from journeys.sample.catalogue import CATEGORIES, PRODUCTS
from journeys.sample.pages import Kind, Steps
from journeys.sample.people import Bools, Ints
from journeys.sample.randomness import open_stream
from journeys.sample.world import Visits, World

MS_PER_DAY = 86_400_000
LONGEST_VISIT_MS = 95 * 60_000
# Visits start before 22:12 UTC, so that each ends on its own UTC day (Riga's midnight is crossed).
LATEST_START_SHARE = 22.2 / 24

Texts = NDArray[np.object_]


@dataclass(frozen=True)
class WebEvents:
    """Web events as parallel arrays, ordered by visit and time.

    Args:
        event_id: the id text.
        visit: place in Visits; -1 for bots and other strangers.
        person: place in People; -1 for strangers.
        occurred_ms, received_ms: milliseconds since the start of the first day.
        device: anonymous id text, as logged.
        user: user id text, '' when nobody is logged in.
        kind: place in pages.KINDS.
        url, referrer: JSON texts (with quotes).
        profile: JSON members of device type, country, language and user agent.
        extra: further JSON members, each starting with a comma; '' for none.
        amount: money of the event in EUR, 0 for none.
    """

    event_id: Texts
    visit: Ints
    person: Ints
    occurred_ms: Ints
    received_ms: Ints
    device: Texts
    user: Texts
    kind: Ints
    url: Texts
    referrer: Texts
    profile: Texts
    extra: Texts
    amount: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.visit)

    def take(self, places: Ints) -> WebEvents:
        """Give the events at these places, in this order."""
        return WebEvents(**{name: column[places] for name, column in vars(self).items()})

    def join(self, other: WebEvents) -> WebEvents:
        """Put the events of `other` behind these."""
        return WebEvents(**{name: np.concatenate([column, vars(other)[name]]) for name, column in vars(self).items()})

    def with_columns(self, **columns: NDArray[Any]) -> WebEvents:
        """Give the same events with some columns replaced."""
        return replace(self, **columns)


def expand_visits(world: World, visits: Visits) -> WebEvents:
    """Turn every visit into its events."""
    seed = world.parameters.seed
    steps = _list_steps(world, visits)
    occurred = _place_in_time(world, visits, steps)
    people, visit = world.people, steps.visit
    person = visits.person[visit]
    slot = visits.device_slot[visit]
    device = np.where(slot < 0, people.kiosk_device(), people.devices[person, np.maximum(slot, 0)])
    is_landing = np.r_[True, visit[1:] != visit[:-1]]
    stream = open_stream(seed, "web texts")
    delay = stream.integers(40, 4_000, len(visit))
    texts = pages.describe_events(world, visits, steps)
    url, referrer = pages.address_events(visits, steps, texts=texts, is_landing=is_landing)
    return WebEvents(
        event_id=make_event_ids(seed, "events", len(visit)),
        visit=visit,
        person=person,
        occurred_ms=occurred,
        received_ms=occurred + delay,
        device=np.array(people.device_names, dtype=object)[device],
        user=_name_users(world, visits, steps),
        kind=steps.kind,
        url=url,
        referrer=referrer,
        profile=pages.profile_visits(world, visits)[visit],
        extra=pages.add_release(world, texts.extra, occurred_ms=occurred),
        amount=texts.amount,
    )


def make_event_ids(seed: int, purpose: str, count: int) -> Texts:
    """Draw ids that look like random UUIDs from the stream of this purpose."""
    text = open_stream(seed, f"ids/{purpose}").bytes(16 * count).hex()
    ids = np.empty(count, dtype=object)
    ids[:] = [
        f"{one[:8]}-{one[8:12]}-4{one[13:16]}-a{one[17:20]}-{one[20:]}"
        for one in (text[start : start + 32] for start in range(0, 32 * count, 32))
    ]
    return ids


def name_user(world: World, person: int) -> str:
    """Give the web user id of a person, which is the CRM's customer id."""
    return f"u-{world.people.user_numbers[person]}"


def _list_steps(world: World, visits: Visits) -> Steps:
    """List the events of all visits in order: landing, wandering, products, cart, checkout, deeds of customers."""
    stream = open_stream(world.parameters.seed, "things")
    product = _choose_products(stream, len(visits))
    category = stream.integers(0, len(CATEGORIES), len(visits))
    term = stream.integers(0, 1 << 20, len(visits))
    nothing = np.zeros(len(visits), dtype=np.int64)
    step = visits.step
    plan: list[tuple[Kind, Ints | Bools, Ints]] = [
        (Kind.HOME, stream.random(len(visits)) < 0.55, nothing),
        (Kind.LOGIN, visits.login == 1, nothing),
        (Kind.ORDERS, visits.sees_orders, nothing),
        (Kind.RETURNS, visits.sees_returns, nothing),
        (Kind.CATEGORY, visits.category_count, category),
        (Kind.SEARCH, visits.search_count, term),
        (Kind.PRODUCT, visits.product_count, product),
        (Kind.SHOW_BANNER, visits.exposed_banner, product),
        (Kind.SHOW_BUTTON, visits.exposed_button, product),
        (Kind.ADD_TO_CART, step >= 1, product),
        (Kind.CART, step >= 1, product),
        (Kind.LATE_LOGIN, visits.login == 2, nothing),
        (Kind.ADDRESS, step >= 2, nothing),
        (Kind.ADDRESS_ERROR, (step >= 2) & (stream.random(len(visits)) < 0.08), nothing),
        (Kind.SHIPPING, step >= 3, nothing),
        (Kind.PAYMENT, step >= 4, nothing),
        (Kind.CARD_ERROR, visits.card_error_count, nothing),
        (Kind.PURCHASE, step >= 5, product),
        (Kind.HELP, visits.sees_help, nothing),
        (Kind.REVIEW, visits.reviews, product),
        (Kind.SUBMIT_REVIEW, visits.reviews, product),
        (Kind.REFER, visits.refers, nothing),
        (Kind.SEND_REFERRAL, visits.refers, nothing),
        (Kind.LOGOUT, visits.logs_out, nothing),
    ]
    counts = np.stack([count.astype(np.int64) for _, count, _ in plan], axis=1)
    counts[counts.sum(axis=1) == 0, 0] = 1
    flat = counts.ravel()
    visit = np.repeat(np.repeat(np.arange(len(visits)), len(plan)), flat)
    kind = np.repeat(np.tile(np.array([kind for kind, _, _ in plan]), len(visits)), flat)
    thing = np.repeat(np.stack([thing for _, _, thing in plan], axis=1).ravel(), flat)
    return Steps(visit, kind, _vary_things(kind, thing, visit))


def _vary_things(kind: Ints, thing: Ints, visit: Ints) -> Ints:
    """Let repeated product and category pages of a visit show different ones; the last is the one put in the cart."""
    same = np.r_[(kind[1:] == kind[:-1]) & (visit[1:] == visit[:-1]), False]
    varies = same & np.isin(kind, (Kind.PRODUCT, Kind.CATEGORY))
    size = np.where(kind == Kind.PRODUCT, len(PRODUCTS), len(CATEGORIES))
    place = np.arange(len(kind))
    return np.where(varies, (thing + (place * 2_654_435_761 >> 9)) % size, thing)


def _choose_products(stream: np.random.Generator, count: int) -> Ints:
    """Choose products, earlier ones of the list a little more often."""
    weight = 1 / np.sqrt(np.arange(1, len(PRODUCTS) + 1))
    return stream.choice(len(PRODUCTS), count, p=weight / weight.sum())


def _place_in_time(world: World, visits: Visits, steps: Steps) -> Ints:
    """Give each event its time: the visit's start by the habits of the day, then pauses between the events."""
    stream = open_stream(world.parameters.seed, "pauses")
    count = len(steps.visit)
    pause = np.clip(np.exp(stream.normal(3.0, 0.9, count)), 1.5, 900) * 1000
    pause = np.where(stream.random(count) < 0.004, stream.uniform(31, 60, count) * 60_000, pause)
    first = np.flatnonzero(np.r_[True, steps.visit[1:] != steps.visit[:-1]])
    pause[first] = 0
    total = np.add.reduceat(pause, first)
    shrink = np.minimum(1, LONGEST_VISIT_MS / np.maximum(total, 1))
    pause = np.maximum(pause * shrink[np.cumsum(np.r_[True, steps.visit[1:] != steps.visit[:-1]]) - 1], 1).astype(
        np.int64
    )
    pause[first] = 0
    run = np.cumsum(pause)
    lengths = np.diff(np.r_[first, count])
    day = np.floor(visits.start_days)
    start = ((day + _bend_day(visits.start_days - day)) * MS_PER_DAY).astype(np.int64)
    return np.asarray(start[steps.visit] + run - np.repeat(run[first], lengths))


def _bend_day(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn an even share of the day into UTC hours people are awake: few at night, most in the evening; monotone."""
    shares = (0.0, 0.06, 0.20, 0.45, 0.75, 1.0)
    hours = np.array((0.0, 5.0, 8.0, 13.0, 18.0, 24 * LATEST_START_SHARE))
    return np.asarray(np.interp(share, shares, hours / 24))


def _name_users(world: World, visits: Visits, steps: Steps) -> Texts:
    """Give the user id of the events after the log-in (or registration) and before the log-out, '' elsewhere."""
    login = visits.login[steps.visit]
    entry = np.select(
        [login == 1, login == 2, login == 3],
        [int(Kind.LOGIN), int(Kind.LATE_LOGIN), int(Kind.PURCHASE)],
        len(pages.KINDS),
    )
    names = np.array([f"u-{number}" for number in world.people.user_numbers], dtype=object)
    return np.where(steps.kind >= entry, names[visits.person[steps.visit]], "")
