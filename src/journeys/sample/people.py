"""Who exists: persons with their behavioural type, intent, language, devices, company and place in the experiments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeys.sample.catalogue import COUNTRIES, LANGUAGES
from journeys.sample.parameters import CompanyParameters
from journeys.sample.randomness import open_stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class CustomerType(NamedTuple):
    """A behavioural type: how such people come, look, buy and return.

    Args:
        name: in the truth tables.
        share: of all persons.
        intent: log-odds added to every decision towards buying.
        category_mean, product_mean: pages seen per visit that goes on.
        search_share: of visits that search.
        return_share: of visits followed by another one, before the first purchase.
        loyal_share: the same after a purchase.
        gap_days: mean days to the next visit.
        channels: weight of each channel of CHANNELS, in their order.
    """

    name: str
    share: float
    intent: float
    category_mean: float
    product_mean: float
    search_share: float
    return_share: float
    loyal_share: float
    gap_days: float
    channels: tuple[float, ...]


TYPES = (
    CustomerType("explorer", 0.40, -1.0, 3.0, 4.0, 0.15, 0.79, 0.60, 5.0, (2, 4, 2, 0.3, 3, 2, 2, 0.2, 1)),
    CustomerType("bargain_hunter", 0.25, -0.4, 2.2, 3.0, 0.25, 0.82, 0.70, 4.5, (1, 2, 3, 1.5, 1, 2, 1, 3, 0.3)),
    CustomerType("decided_buyer", 0.20, 0.6, 0.6, 1.8, 0.60, 0.68, 0.55, 4.0, (3, 5, 3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.6)),
    CustomerType("loyal_customer", 0.15, 0.4, 1.5, 2.4, 0.30, 0.82, 0.92, 5.0, (5, 2, 1, 3, 1, 0.3, 0.3, 0.2, 0.5)),
)
DEVICE_SLOTS = 4
DEVICE_TYPES = ("mobile", "desktop", "tablet")
INTENT_SPREAD = 0.8
ACCOUNT_SIZE = 4


@dataclass(frozen=True)
class People:
    """Persons by their place i from 0; all arrays have one entry per person.

    Args:
        type_index: place in TYPES.
        intent: latent log-odds towards buying (type and person).
        native_calm: standard normal part of the intent that is the person's own.
        country, language: places in COUNTRIES and LANGUAGES.
        account: place of the company, -1 for private persons.
        first_visit_days: start of the first visit, days since the start of the first day.
        registered_before: had a user id before the logs begin.
        kiosk_slot: which visit is made at the kiosk, -1 for none.
        device_count: devices owned, 1 to DEVICE_SLOTS.
        devices: (persons, DEVICE_SLOTS) numbers of devices; family members share one number.
        device_types: (persons, DEVICE_SLOTS) places in DEVICE_TYPES.
        user_numbers: the number in the person's user id.
        has_banner, has_button: assigned to the treatment of the two experiments.
        device_names: anonymous id of each device number; the last one is the kiosk's.
    """

    type_index: Ints
    intent: Floats
    native_calm: Floats
    country: Ints
    language: Ints
    account: Ints
    first_visit_days: Floats
    registered_before: Bools
    kiosk_slot: Ints
    device_count: Ints
    devices: Ints
    device_types: Ints
    user_numbers: Ints
    has_banner: Bools
    has_button: Bools
    device_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.type_index)

    @property
    def account_count(self) -> int:
        """Companies with at least one person on the web."""
        return int(self.account.max()) + 1

    def kiosk_device(self) -> int:
        """The device number of the kiosk."""
        return len(self.device_names) - 1


def make_people(parameters: CompanyParameters) -> People:
    """Draw all persons of the company."""
    count = parameters.person_count
    stream = open_stream(parameters.seed, "people")
    type_index = stream.choice(len(TYPES), count, p=[kind.share for kind in TYPES])
    own = stream.standard_normal(count)
    country = stream.choice(len(COUNTRIES), count, p=[country.share for country in COUNTRIES])
    registered = stream.random(count) < np.array([0.10, 0.15, 0.20, 0.55])[type_index]
    devices, family = _share_devices(parameters)
    kiosk_slot = np.where(stream.random(count) < parameters.kiosk_share, 0, -1)
    account = _assign_accounts(parameters)
    device_types = stream.choice(3, (count, DEVICE_SLOTS), p=(0.5, 0.4, 0.1))
    device_types[:, 1] = np.where(device_types[:, 0] == 0, 1, 0)
    return People(
        type_index=type_index,
        intent=np.array([kind.intent for kind in TYPES])[type_index] + INTENT_SPREAD * own,
        native_calm=own,
        country=country,
        language=_choose_languages(country, stream.random(count)),
        account=account,
        first_visit_days=_spread_first_visits(parameters),
        registered_before=registered | family | (kiosk_slot >= 0),
        kiosk_slot=kiosk_slot,
        device_count=np.where(family, 2, stream.choice((1, 2, 3, 4), count, p=(0.55, 0.30, 0.11, 0.04))),
        devices=devices,
        device_types=device_types,
        user_numbers=100_000 + stream.permutation(count),
        has_banner=stream.random(count) < 0.5,
        has_button=stream.random(count) < 0.5,
        device_names=_name_devices(parameters),
    )


def _choose_languages(country: Ints, draw: Floats) -> Ints:
    """Give each person a language of the country; `draw` is uniform."""
    language = np.zeros(len(country), dtype=np.int64)
    for place, one in enumerate(COUNTRIES):
        here = country == place
        edges = np.cumsum([share for _, share in one.languages])[:-1]
        numbers = np.array([LANGUAGES.index(name) for name, _ in one.languages])
        language[here] = numbers[np.searchsorted(edges, draw[here])]
    return language


def _share_devices(parameters: CompanyParameters) -> tuple[Ints, Bools]:
    """Number the devices; pairs of family members get one number for their first device."""
    count = parameters.person_count
    devices = np.arange(count * DEVICE_SLOTS).reshape(count, DEVICE_SLOTS)
    pair_count = int(count * parameters.family_share / 2)
    order = open_stream(parameters.seed, "families").permutation(count)
    first, second = order[:pair_count], order[pair_count : 2 * pair_count]
    devices[second, 0] = devices[first, 0]
    family = np.zeros(count, dtype=np.bool_)
    family[first] = True
    family[second] = True
    return devices, family


def _assign_accounts(parameters: CompanyParameters) -> Ints:
    """Put a share of the persons into companies of about ACCOUNT_SIZE persons; -1 is private."""
    stream = open_stream(parameters.seed, "accounts")
    works = stream.random(parameters.person_count) < parameters.company_share
    draw = stream.integers(0, max(1, int(works.sum()) // ACCOUNT_SIZE), parameters.person_count)
    used, number = np.unique(draw[works], return_inverse=True)
    account = np.full(parameters.person_count, -1)
    account[works] = number
    return account if len(used) else np.full(parameters.person_count, -1)


def _spread_first_visits(parameters: CompanyParameters) -> Floats:
    """Spread the first visits over the period: fewer at week-ends, slowly growing."""
    stream = open_stream(parameters.seed, "first visits")
    days = np.arange(parameters.day_count)
    weekday = (parameters.first_day.weekday() + days) % 7
    weight = np.where(weekday >= 5, 0.75, 1.0) * (1 + 0.3 * days / parameters.day_count)
    day = stream.choice(parameters.day_count, parameters.person_count, p=weight / weight.sum())
    return np.asarray(day + stream.random(parameters.person_count) * 0.9, dtype=np.float64)


def _name_devices(parameters: CompanyParameters) -> tuple[str, ...]:
    """Give every device number a random anonymous id of 16 hexadecimal digits, and the kiosk its own."""
    stream = open_stream(parameters.seed, "devices")
    text = stream.bytes(8 * parameters.person_count * DEVICE_SLOTS).hex()
    return (*(text[start : start + 16] for start in range(0, len(text), 16)), "kiosk-riga-01")
