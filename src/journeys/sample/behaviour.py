"""The simulation: what every person does at every visit, under levers that switch one cause off at a time.

Each decision compares a probability with a uniform number that belongs to (visit slot, decision, person). All runs use
the same numbers, so two runs differ only where the lever changed a probability across its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeys.sample.catalogue import CHANNEL_NAMES, CHANNELS, COUNTRIES, HOME_COUNTRIES, LANGUAGES
from journeys.sample.parameters import CompanyParameters
from journeys.sample.people import DEVICE_SLOTS, DEVICE_TYPES, TYPES, Bools, Floats, Ints, People
from journeys.sample.world import DECISIONS, PAIN_POINTS, RELEASES, SLOTS, Levers, Visits, World

FADE_DAYS = 14.0
SHORTEST_GAP_DAYS = 0.2

# One entry per person of the visit: columns of Visits, and the uniform number of each decision.
Columns = dict[str, NDArray[Any]]
Draws = dict[str, NDArray[Any]]


@dataclass
class _State:
    """What a person carries from visit to visit."""

    when: Floats
    persuasion: Floats
    is_alive: Bools
    is_customer: Bools
    is_registered: Bools
    saw_banner: Bools
    saw_button: Bools


@dataclass(frozen=True)
class _Turn:
    """One round of visits: who comes (places in People), when, whether at the kiosk, and the numbers of decisions."""

    slot: int
    who: Ints
    kind: Ints
    when: Floats
    at_kiosk: Bools
    draw: Draws


def simulate_visits(world: World, levers: Levers) -> Visits:
    """Let every person live through the period once, under the levers given."""
    people, parameters = world.people, world.parameters
    count = len(people)
    state = _State(
        when=people.first_visit_days.copy(),
        persuasion=np.zeros(count),
        is_alive=people.first_visit_days < parameters.day_count,
        is_customer=np.zeros(count, dtype=np.bool_),
        is_registered=people.registered_before.copy(),
        saw_banner=np.zeros(count, dtype=np.bool_),
        saw_button=np.zeros(count, dtype=np.bool_),
    )
    visits: list[Columns] = []
    for slot in range(SLOTS):
        who = np.flatnonzero(state.is_alive)
        if len(who) == 0:
            break
        draw = {name: world.draws[name][slot, who] for name in DECISIONS}
        turn = _Turn(slot, who, people.type_index[who], state.when[who], people.kiosk_slot[who] == slot, draw)
        browsing = _browse(world, levers, state=state, turn=turn)
        checkout = _check_out(world, levers, turn=turn, browsing=browsing)
        visits.append(_settle_visit(world, levers, state=state, turn=turn, seen=browsing | checkout))
        _plan_return(world, state, turn=turn, visit=visits[-1])
    columns = {name: np.concatenate([visit[name] for visit in visits]) for name in visits[0]}
    order = np.lexsort((columns["slot"], columns["person"]))
    return Visits(**{name: column[order] for name, column in columns.items()})


def _browse(world: World, levers: Levers, *, state: _State, turn: _Turn) -> Columns:
    """Decide channel, wish to buy, searches, product pages and the cart; a contact's persuasion is added here."""
    people, parameters, who, draw = world.people, world.parameters, turn.who, turn.draw
    channel = np.where(turn.at_kiosk, 0, _choose_channels(people, state, who=who, draw=draw["channel"]))
    effects = np.array([0.0 if one.name in levers.silent_channels else one.effect for one in CHANNELS])
    state.persuasion[who] += effects[channel]
    will = people.intent[who] + state.persuasion[who] + 0.4 * state.is_customer[who]

    stays = draw["bounce"] >= _logistic(-1.3 - 0.5 * will)
    searches = stays & (draw["search"] < _per_type("search_share")[turn.kind])
    native = searches & (draw["native"] < 0.8) & (people.language[who] != LANGUAGES.index("en"))
    finds_nothing = native & _in_period(parameters, turn.when, parameters.empty_search_period)
    finds_nothing &= PAIN_POINTS[2] in levers.pain_points
    gives_up = finds_nothing & (draw["empty"] < parameters.empty_search_share)
    looks = stays & ~gives_up & (draw["product"] < _logistic(1.3 + 0.4 * will))

    sees_banner = looks & _in_period(parameters, turn.when, parameters.banner_period)
    sees_button = looks & _in_period(parameters, turn.when, parameters.button_period)
    has_banner = people.has_banner[who] if levers.banner is None else levers.banner
    has_button = people.has_button[who] if levers.button is None else levers.button
    pull = parameters.banner_effect * (sees_banner & has_banner) + parameters.button_effect * (sees_button & has_button)
    return {
        "channel": channel,
        "will": will,
        "stays": stays,
        "searches": searches,
        "native": native,
        "finds_nothing": finds_nothing,
        "gives_up": gives_up,
        "looks": looks,
        "sees_banner": sees_banner,
        "sees_button": sees_button,
        "carts": looks & (draw["cart"] < _logistic(-1.9 + will + pull)),
    }


def _check_out(world: World, levers: Levers, *, turn: _Turn, browsing: Columns) -> Columns:
    """Lead those with a cart through address, delivery and payment: how far, and what hurt on the way."""
    people, parameters, who, draw = world.people, world.parameters, turn.who, turn.draw
    will, carts = browsing["will"], browsing["carts"]
    address = carts & (draw["address"] < _logistic(-0.1 + 0.5 * will))
    ease = np.zeros(len(who))
    for name, start, effect in (
        (RELEASES[0], parameters.autofill_start, parameters.autofill_effect),
        (RELEASES[1], parameters.footer_start, parameters.footer_effect),
    ):
        ease += effect * ((turn.when >= parameters.day_range((start, 1.0))[0]) & (name in levers.releases))
    delivery = address & (draw["shipping"] < _logistic(0.7 + 0.2 * will + ease))
    at_home = [place for place, country in enumerate(COUNTRIES) if country.code in HOME_COUNTRIES]
    cost_hurts = delivery & ~np.isin(people.country[who], at_home)
    cost_hurts &= _in_period(parameters, turn.when, parameters.delivery_cost_period)
    cost_hurts &= (PAIN_POINTS[1] in levers.pain_points) & (draw["delivery"] < parameters.delivery_cost_share)
    payment = delivery & ~cost_hurts & (draw["payment"] < _logistic(2.2 + 0.2 * will))
    device = _choose_devices(people, who, draw["device"])
    card_hurts = payment & (people.device_types[who, device] == DEVICE_TYPES.index("mobile")) & ~turn.at_kiosk
    card_hurts &= _in_period(parameters, turn.when, parameters.card_form_period)
    card_hurts &= (PAIN_POINTS[0] in levers.pain_points) & (draw["card"] < parameters.card_form_share)
    paid = payment & ~(card_hurts & (draw["retry"] < 0.8)) & (draw["paid"] < 0.94)
    return {
        "device_slot": np.where(turn.at_kiosk, -1, device),
        "step": carts.astype(np.int64) + address + delivery + payment + paid,
        "hurt": np.stack([card_hurts, cost_hurts, browsing["finds_nothing"]], axis=1),
        "card_error_count": np.where(card_hurts, 1 + (draw["retry"] * 3).astype(np.int64), 0),
    }


def _settle_visit(world: World, levers: Levers, *, state: _State, turn: _Turn, seen: Columns) -> Columns:
    """Decide log-in and the deeds of customers, put the visit's columns together, and note what stays."""
    who, draw, step = turn.who, turn.draw, seen["step"]
    login = _choose_logins(world.people, state, turn=turn, step=step)
    had_bought = state.is_customer[who]
    deed_share = np.array([0.05, 0.04, 0.05, 0.14])[turn.kind]
    categories = _count(draw["categories"], _per_type("category_mean")[turn.kind])
    products = 1 + _count(draw["products"], _per_type("product_mean")[turn.kind] - 1)
    visit: Columns = {
        "person": who,
        "slot": np.full(len(who), turn.slot),
        "start_days": turn.when,
        "channel": seen["channel"],
        "device_slot": seen["device_slot"],
        "category_count": np.where(seen["stays"], categories, 0),
        "search_count": seen["searches"].astype(np.int64) + (seen["finds_nothing"] & ~seen["gives_up"]),
        "product_count": np.where(seen["looks"], products, 0),
        "is_native_search": seen["native"],
        "step": step,
        "card_error_count": seen["card_error_count"],
        "hurt": seen["hurt"],
        "sees_orders": had_bought & (login == 1) & (draw["orders"] < 0.6),
        "sees_returns": _find_returns_visitors(world, levers, who=who, draw=draw["returns"]),
        "sees_help": seen["stays"] & (draw["help"] < np.where(seen["hurt"][:, 1], 0.4, 0.03)),
        "reviews": had_bought & (draw["review"] < 2 * deed_share),
        "refers": had_bought & (draw["refer"] < deed_share),
        "logs_out": (login > 0) & ((draw["logout"] < 0.1) | turn.at_kiosk),
        "login": login,
        "exposed_banner": seen["sees_banner"] & ~state.saw_banner[who],
        "exposed_button": seen["sees_button"] & ~state.saw_button[who],
    }
    state.is_registered[who] |= login == 3
    state.saw_banner[who] |= seen["sees_banner"]
    state.saw_button[who] |= seen["sees_button"]
    return visit


def _choose_logins(people: People, state: _State, *, turn: _Turn, step: Ints) -> Ints:
    """Choose `Visits.login`: the loyal and those on a relative's device log in most, at the kiosk everybody does."""
    who, draw = turn.who, turn.draw
    registered = state.is_registered[who]
    share = np.where(turn.kind == len(TYPES) - 1, 0.75, 0.45)
    share = np.where(people.devices[who, 0] == who * DEVICE_SLOTS, share, 0.9)
    at_start = registered & ((draw["login"] < share) | turn.at_kiosk)
    registers = (step == 5) & ~registered & (draw["guest"] < 0.85)
    return np.select([at_start, registered & (step >= 2), registers], [1, 2, 3], 0)


def _plan_return(world: World, state: _State, *, turn: _Turn, visit: Columns) -> None:
    """Decide who comes back and when; a bad experience makes it less likely, nothing else of the visit does."""
    who, kind = turn.who, turn.kind
    state.is_customer[who] |= visit["step"] == 5
    customer = state.is_customer[who]
    share = np.where(customer, _per_type("loyal_share")[kind], _per_type("return_share")[kind])
    share = np.where(visit["hurt"].any(axis=1), 0.75 * share, share)
    mean = _per_type("gap_days")[kind] * np.where(customer, 1.8, 1.0)
    gap = SHORTEST_GAP_DAYS - mean * np.log1p(-turn.draw["gap"].astype(np.float64))
    state.when[who] += gap
    state.persuasion[who] *= 0.5 ** (gap / FADE_DAYS)
    state.is_alive[who] = (turn.draw["return"] < share) & (state.when[who] < world.parameters.day_count)


def _choose_channels(people: People, state: _State, *, who: Ints, draw: NDArray[np.float32]) -> Ints:
    """Choose by type; customers come more often directly and by mail, the determined through coupon sites.

    Before the first purchase nothing that happened on a visit matters, so that a counterfactual run sends the same
    visits through the same channels.
    """
    weights = np.array([kind.channels for kind in TYPES], dtype=np.float64)[people.type_index[who]]
    weights[state.is_customer[who], CHANNEL_NAMES.index("Direct")] *= 2
    weights[state.is_customer[who], CHANNEL_NAMES.index("Email")] *= 3
    weights[people.native_calm[who] > 0.8, CHANNEL_NAMES.index("Affiliates")] *= 6
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    return np.asarray(np.minimum((draw[:, None] >= edges).sum(axis=1), len(CHANNELS) - 1))


def _choose_devices(people: People, who: Ints, draw: NDArray[np.float32]) -> Ints:
    """Choose one of the person's devices, the first one most."""
    other = ((draw - 0.6) / 0.4 * people.device_count[who]).astype(np.int64)
    return np.where(draw < 0.6, 0, np.minimum(other, people.device_count[who] - 1))


def _find_returns_visitors(world: World, levers: Levers, *, who: Ints, draw: NDArray[np.float32]) -> Bools:
    """Say who looks at the returns page: those with little intent, whatever the page does to them (nothing)."""
    people, share = world.people, world.parameters.returns_page_share
    if not levers.has_returns_page or share == 0:
        return np.zeros(len(who), dtype=np.bool_)
    centre = np.log(share / (1 - share)) if share < 1 else np.inf
    return np.asarray(draw < _logistic(centre - 1.3 * people.intent[who]))


def _in_period(parameters: CompanyParameters, when: Floats, period: tuple[float, float]) -> Bools:
    start, end = parameters.day_range(period)
    return np.asarray((when >= start) & (when < end))


def _per_type(field: str) -> Floats:
    return np.array([getattr(kind, field) for kind in TYPES])


def _count(draw: NDArray[np.float32], mean: Floats) -> Ints:
    """Turn a uniform number into a geometric count with the given mean."""
    ratio = mean / (1 + mean)
    safe = np.where(ratio > 0, ratio, 0.5)
    counts = np.floor(np.log1p(-draw.astype(np.float64)) / np.log(safe)).astype(np.int64)
    return np.where(ratio > 0, np.minimum(counts, 12), 0)


def _logistic(log_odds: NDArray[Any]) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=np.float64)
