"""How web events look: names, addresses, referrers, browser and properties as ready JSON texts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from journeys.sample.catalogue import (
    CATEGORIES,
    CHANNELS,
    COUNTRIES,
    KIOSK_AGENT,
    LANGUAGES,
    PRODUCTS,
    SEARCH_TERMS,
    SITE,
    USER_AGENTS,
)
from journeys.sample.people import DEVICE_TYPES, Bools, Ints
from journeys.sample.world import RELEASES, Visits, World

Texts = NDArray[np.object_]


class Kind(IntEnum):
    """What happened, in the order in which a visit does things."""

    HOME = 0
    LOGIN = 1
    ORDERS = 2
    RETURNS = 3
    CATEGORY = 4
    SEARCH = 5
    PRODUCT = 6
    SHOW_BANNER = 7
    SHOW_BUTTON = 8
    ADD_TO_CART = 9
    CART = 10
    LATE_LOGIN = 11
    ADDRESS = 12
    ADDRESS_ERROR = 13
    SHIPPING = 14
    PAYMENT = 15
    CARD_ERROR = 16
    PURCHASE = 17
    HELP = 18
    REVIEW = 19
    SUBMIT_REVIEW = 20
    REFER = 21
    SEND_REFERRAL = 22
    LOGOUT = 23


class Look(NamedTuple):
    """The name an event is logged under, the path it happens on, and its fixed properties."""

    name: str
    path: str
    properties: dict[str, str]


KINDS = (
    Look("page_view", "/", {}),
    Look("login", "/account/login", {}),
    Look("page_view", "/account/orders", {}),
    Look("page_view", "/help/returns", {}),
    Look("page_view", "/category/", {}),
    Look("search", "/search", {}),
    Look("page_view", "/product/", {}),
    Look("experiment_exposure", "/product/", {"experiment": "free_delivery_banner"}),
    Look("experiment_exposure", "/product/", {"experiment": "button_colour"}),
    Look("add_to_cart", "/product/", {}),
    Look("page_view", "/cart", {}),
    Look("login", "/account/login", {}),
    Look("checkout_step", "/checkout/address", {"step": "address"}),
    Look("form_error", "/checkout/address", {"step": "address", "error_field": "postal_code"}),
    Look("checkout_step", "/checkout/shipping", {"step": "shipping"}),
    Look("checkout_step", "/checkout/payment", {"step": "payment"}),
    Look("form_error", "/checkout/payment", {"step": "payment", "error_field": "card_number"}),
    Look("purchase", "/order/confirmation", {}),
    Look("page_view", "/help/delivery", {}),
    Look("page_view", "/review/", {}),
    Look("review_submitted", "/review/", {}),
    Look("page_view", "/loyalty/refer-a-friend", {}),
    Look("referral_sent", "/loyalty/refer-a-friend", {}),
    Look("logout", "/account/logout", {}),
)
BASE_RELEASE = "2026.3.0"
PRODUCT_KINDS = (Kind.PRODUCT, Kind.ADD_TO_CART, Kind.REVIEW, Kind.SUBMIT_REVIEW, Kind.PURCHASE)
MS_PER_DAY = 86_400_000


@dataclass(frozen=True)
class Steps:
    """Events before they have texts: per event its visit, its Kind, and the product, category or number of the term."""

    visit: Ints
    kind: Ints
    thing: Ints


@dataclass(frozen=True)
class EventTexts:
    """Per event: the address without campaign, the further JSON members, and the money."""

    url: Texts
    extra: Texts
    amount: NDArray[np.float64]


def members(values: dict[str, object]) -> str:
    """Write properties as JSON members, each starting with a comma."""
    return "".join(f",{json.dumps(key)}:{json.dumps(value, ensure_ascii=False)}" for key, value in values.items())


def path_texts(prefix: str, names: tuple[str, ...], *, is_encoded: bool) -> list[str]:
    """Give the addresses of named pages, as some browsers log them (percent-encoded) or as others do (raw)."""
    return [SITE + prefix + (quote(name, safe="") if is_encoded else name.replace(" ", "-")) for name in names]


PRODUCT_SLUGS = tuple(f"{place + 1}-{name.replace(' ', '-')}" for place, (name, _, _) in enumerate(PRODUCTS))


def describe_events(world: World, visits: Visits, steps: Steps) -> EventTexts:
    """Give each event its address, properties and money.

    Args:
        world: people, their language and experiment groups.
        visits: the visits.
        steps: the events.
    """
    visit, kind, thing = steps.visit, steps.kind, steps.thing
    url = np.array([SITE + look.path for look in KINDS], dtype=object)[kind]
    extra = np.array([members(dict(look.properties)) for look in KINDS], dtype=object)[kind]
    is_encoded = (visit % 2).astype(np.int64)
    for prefix, names, kinds in (
        ("/product/", PRODUCT_SLUGS, (Kind.PRODUCT, Kind.ADD_TO_CART, Kind.SHOW_BANNER, Kind.SHOW_BUTTON)),
        ("/review/", PRODUCT_SLUGS, (Kind.REVIEW, Kind.SUBMIT_REVIEW)),
        ("/category/", CATEGORIES, (Kind.CATEGORY,)),
    ):
        table = np.array([path_texts(prefix, names, is_encoded=bool(flag)) for flag in (0, 1)], dtype=object)
        here = np.isin(kind, kinds)
        url[here] = table[is_encoded[here], thing[here]]
    products = np.array([members(_product_properties(place)) for place in range(len(PRODUCTS))], dtype=object)
    here = np.isin(kind, PRODUCT_KINDS)
    extra[here] = extra[here] + products[thing[here]]
    amount = np.zeros(len(kind))
    money = np.isin(kind, (Kind.ADD_TO_CART, Kind.PURCHASE))
    amount[money] = np.array([price for _, _, price in PRODUCTS])[thing[money]]
    _describe_searches(world, visits, steps=steps, texts=EventTexts(url, extra, amount))
    person = visits.person[visit]
    for at, assigned in ((Kind.SHOW_BANNER, world.people.has_banner), (Kind.SHOW_BUTTON, world.people.has_button)):
        here = kind == at
        groups = np.array([members({"variant": "control"}), members({"variant": "treatment"})], dtype=object)
        extra[here] = extra[here] + groups[assigned[person[here]].astype(np.int64)]
    bought = np.flatnonzero(kind == Kind.PURCHASE)
    extra[bought] = [f'{text},"order_id":"o-{500_001 + n}"' for n, text in enumerate(extra[bought])]
    return EventTexts(url, extra, amount)


def address_events(visits: Visits, steps: Steps, *, texts: EventTexts, is_landing: Bools) -> tuple[Texts, Texts]:
    """Write addresses and referrers as JSON texts: outer referrer and campaign on landings, else the shop's own."""
    visit, landing = steps.visit, np.flatnonzero(is_landing)
    channel = visits.channel[visit[landing]]
    queries = np.array([one.query for one in CHANNELS], dtype=object)[channel]
    raw = texts.url.copy()
    raw[landing] = [
        f"{url}{'&' if '?' in url else '?'}{query}" if query else url
        for url, query in zip(raw[landing], queries, strict=True)
    ]
    known: dict[str, str] = {}
    for text in raw:
        if text not in known:
            known[text] = json.dumps(text, ensure_ascii=False)
    url = np.empty(len(raw), dtype=object)
    url[:] = [known[text] for text in raw]
    referrer = np.full(len(raw), json.dumps(SITE + "/"), dtype=object)
    outer = [[json.dumps(text) for text in one.referrers] for one in CHANNELS]
    referrer[landing] = [
        outer[place][number % len(outer[place])] for place, number in zip(channel, visit[landing], strict=True)
    ]
    return url, referrer


def profile_visits(world: World, visits: Visits) -> Texts:
    """Give each visit the JSON members of its device type, country, language and user agent."""
    people, person = world.people, visits.person
    at_kiosk = visits.device_slot < 0
    slot = np.maximum(visits.device_slot, 0)
    device_type = people.device_types[person, slot]
    agent = people.devices[person, slot] % 2
    texts = np.empty(len(visits), dtype=object)
    known: dict[tuple[int, int, int, int, bool], str] = {}
    keys = zip(device_type, people.country[person], people.language[person], agent, at_kiosk, strict=True)
    for place, key in enumerate(keys):
        if key not in known:
            known[key] = _profile_text(key)
        texts[place] = known[key]
    return texts


def add_release(world: World, extra: Texts, *, occurred_ms: Ints) -> Texts:
    """Add the release that was live to the JSON members of each event."""
    parameters = world.parameters
    live = np.zeros(len(extra), dtype=np.int64)
    for share in (parameters.autofill_start, parameters.footer_start):
        live += occurred_ms >= parameters.day_range((share, 1.0))[0] * MS_PER_DAY
    names = (BASE_RELEASE, *RELEASES)
    return np.asarray(extra + np.array([members({"release": name}) for name in names], dtype=object)[live])


def _product_properties(place: int) -> dict[str, object]:
    name, category, _ = PRODUCTS[place]
    return {"product_id": f"sku-{place + 1:04d}", "product_name": name, "category": CATEGORIES[category]}


def _describe_searches(world: World, visits: Visits, *, steps: Steps, texts: EventTexts) -> None:
    """Fill in term, result count and address of the searches; while native search is broken it finds nothing."""
    visit, kind, thing = steps.visit, steps.kind, steps.thing
    found_nothing = visits.hurt[visit, 2]
    for place in np.flatnonzero(kind == Kind.SEARCH):
        one = visit[place]
        second = place > 0 and kind[place - 1] == Kind.SEARCH and visit[place - 1] == one
        native = bool(visits.is_native_search[one]) and not second
        terms = SEARCH_TERMS[LANGUAGES[world.people.language[visits.person[one]]] if native else "en"]
        term = terms[thing[place] % len(terms)]
        count = 0 if native and found_nothing[place] else 1 + thing[place] % 40
        texts.url[place] = f"{SITE}/search?q={quote(term) if one % 2 else term.replace('%', '%25').replace('&', '%26')}"
        texts.extra[place] = members({"search_term": term, "result_count": int(count)})


def _profile_text(key: tuple[int, int, int, int, bool]) -> str:
    device_type, country, language, agent, at_kiosk = key
    name = DEVICE_TYPES[device_type]
    return members(
        {
            "device_type": "desktop" if at_kiosk else name,
            "country": COUNTRIES[country].code,
            "language": LANGUAGES[language],
            "user_agent": KIOSK_AGENT if at_kiosk else USER_AGENTS[name][agent],
        }
    )
