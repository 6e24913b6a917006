"""What a run needs and gives: the causes that can be switched off, the shared random numbers, and the visits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeys.sample.parameters import CompanyParameters
from journeys.sample.people import Bools, Floats, Ints, People
from journeys.sample.randomness import open_stream

PAIN_POINTS = ("card_form_fails_on_phones", "late_delivery_cost", "native_search_finds_nothing")
EXPERIMENTS = ("free_delivery_banner", "button_colour")
RELEASES = ("2026.4.0", "2026.5.0")
SLOTS = 16
DECISIONS = (
    "return", "gap", "channel", "device", "bounce", "categories", "search", "native", "empty", "product", "products",
    "cart", "address", "shipping", "delivery", "payment", "card", "retry", "paid", "returns", "help", "login", "guest",
    "review", "refer", "logout", "orders",
)  # fmt: skip


@dataclass(frozen=True)
class Levers:
    """Which causes are at work in a run; the default is the world as logged.

    Args:
        pain_points: names of PAIN_POINTS that hurt.
        silent_channels: names of channels whose contacts have no effect (the visits still happen).
        releases: names of RELEASES that go live.
        banner, button: None = as assigned; True or False = everybody in treatment or control.
        has_returns_page: the returns page exists.
    """

    pain_points: tuple[str, ...] = PAIN_POINTS
    silent_channels: tuple[str, ...] = ()
    releases: tuple[str, ...] = RELEASES
    banner: bool | None = None
    button: bool | None = None
    has_returns_page: bool = True


@dataclass(frozen=True)
class Visits:
    """One entry per visit, ordered by person and slot.

    Args:
        person, slot: whose and their which visit it is (from 0).
        start_days: start, days since the start of the first day.
        channel: place in CHANNELS.
        device_slot: which of the person's devices; -1 is the kiosk.
        category_count, search_count, product_count: pages and searches.
        is_native_search: searched in the person's own language.
        step: 0 nothing, 1 cart, 2 address, 3 delivery (shipping), 4 payment, 5 paid.
        card_error_count: card form refusals met at the payment.
        hurt: (visits, 3) which of PAIN_POINTS the visit suffered.
        sees_orders, sees_returns, sees_help, reviews, refers, logs_out: pages and deeds.
        login: 0 not logged in, 1 from the start, 2 at the checkout, 3 registered at the purchase.
        exposed_banner, exposed_button: first contact with the experiment.
    """

    person: Ints
    slot: Ints
    start_days: Floats
    channel: Ints
    device_slot: Ints
    category_count: Ints
    search_count: Ints
    product_count: Ints
    is_native_search: Bools
    step: Ints
    card_error_count: Ints
    hurt: Bools
    sees_orders: Bools
    sees_returns: Bools
    sees_help: Bools
    reviews: Bools
    refers: Bools
    logs_out: Bools
    login: Ints
    exposed_banner: Bools
    exposed_button: Bools

    def __len__(self) -> int:
        return len(self.person)

    @property
    def is_purchase(self) -> Bools:
        """Whether the visit ended in a purchase."""
        return np.asarray(self.step == 5)

    @property
    def main_pain(self) -> Ints:
        """Place in PAIN_POINTS + 1 of the first pain point suffered, 0 for none."""
        return np.where(self.hurt.any(axis=1), self.hurt.argmax(axis=1) + 1, 0)

    @property
    def purchase_count(self) -> int:
        """All purchases."""
        return int(self.is_purchase.sum())

    def find_customers(self) -> Ints:
        """Give the persons with at least one purchase, each once, in order."""
        return np.unique(self.person[self.is_purchase])


@dataclass(frozen=True)
class World:
    """All that runs share: parameters, people and the random numbers of every decision (slots, persons)."""

    parameters: CompanyParameters
    people: People
    draws: dict[str, NDArray[np.float32]]


def prepare_world(parameters: CompanyParameters, people: People) -> World:
    """Draw the random numbers of every decision once, each decision from its own stream."""
    shape = (SLOTS, len(people))
    draws = {
        name: open_stream(parameters.seed, f"decision/{name}").random(shape, dtype=np.float32) for name in DECISIONS
    }
    return World(parameters, people, draws)
