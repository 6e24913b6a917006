"""What really happened: who is who, and what each cause did, by running the same company without it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from journeys.sample.behaviour import simulate_visits
from journeys.sample.catalogue import CHANNEL_NAMES, CHANNELS
from journeys.sample.parameters import CompanyParameters
from journeys.sample.world import EXPERIMENTS, PAIN_POINTS, RELEASES, Levers, Visits, World

Entry = dict[str, Any]
PAIN_TOUCHPOINTS = ("Checkout payment", "Checkout shipping", "Search")


@dataclass(frozen=True)
class _Difference:
    """What a counterfactual run has more than the world as logged (negative: less)."""

    customers: int
    purchases: int


def find_causes(world: World, visits: Visits) -> dict[str, list[Entry]]:
    """Measure every planted cause by a run without it, on the same random numbers.

    Args:
        world: parameters, people and random numbers.
        visits: the world as logged.

    Returns:
        Lists of entries by file stem: pain_points, looks_only_bad, channels, experiments, releases. Customers are
        persons with at least one web purchase in the period.
    """
    return {
        "pain_points": [_measure_pain(world, visits, place) for place in range(len(PAIN_POINTS))],
        "looks_only_bad": [_measure_returns_page(world, visits)],
        "channels": [_measure_channel(world, visits, name) for name in CHANNEL_NAMES],
        "experiments": [_measure_experiment(world, visits, name) for name in EXPERIMENTS],
        "releases": [_measure_release(world, visits, name) for name in RELEASES],
    }


def write_causes(folder: Path, causes: dict[str, list[Entry]]) -> None:
    """Write each list of `find_causes` as one JSON file."""
    for name, entries in causes.items():
        write_json(folder / f"{name}.json", entries)


def write_parameters(folder: Path, parameters: CompanyParameters) -> None:
    """Write all parameters, with the first day, to parameters.json."""
    values = asdict(parameters) | {
        "last_day": parameters.last_day.isoformat(),
        "first_day": parameters.first_day.isoformat(),
    }
    write_json(folder / "parameters.json", values)


def write_json(path: Path, value: object) -> None:
    """Write JSON a person can read, always the same bytes for the same value."""
    path.write_bytes((json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())


def write_table(path: Path, columns: Mapping[str, Sequence[object] | NDArray[Any]]) -> None:
    """Write columns (name to values) as a Parquet file."""
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path, compression="zstd")


def _compare(world: World, visits: Visits, levers: Levers) -> _Difference:
    other = simulate_visits(world, levers)
    customers = len(other.find_customers()) - len(visits.find_customers())
    return _Difference(customers, other.purchase_count - visits.purchase_count)


def _measure_pain(world: World, visits: Visits, place: int) -> Entry:
    parameters = world.parameters
    period = (parameters.card_form_period, parameters.delivery_cost_period, parameters.empty_search_period)[place]
    start, end = (parameters.first_day + timedelta(days=day) for day in parameters.day_range(period))
    others = tuple(name for name in PAIN_POINTS if name != PAIN_POINTS[place])
    gain = _compare(world, visits, Levers(pain_points=others))
    hurt = visits.hurt[:, place]
    return {
        "name": PAIN_POINTS[place],
        "touchpoint": PAIN_TOUCHPOINTS[place],
        "first_day": start.isoformat(),
        "day_after": end.isoformat(),
        "visit_count": int(hurt.sum()),
        "person_count": len(np.unique(visits.person[hurt])),
        "lost_customer_count": gain.customers,
        "lost_purchase_count": gain.purchases,
    }


def _measure_returns_page(world: World, visits: Visits) -> Entry:
    gain = _compare(world, visits, Levers(has_returns_page=False))
    seen = np.unique(visits.person[visits.sees_returns])
    customers = visits.find_customers()
    return {
        "name": "returns_page",
        "touchpoint": "Returns page",
        "person_count": len(seen),
        "customer_count": len(np.intersect1d(seen, customers)),
        "other_person_count": len(world.people) - len(seen),
        "other_customer_count": len(np.setdiff1d(customers, seen)),
        "lost_customer_count": gain.customers,
        "lost_purchase_count": gain.purchases,
    }


def _measure_channel(world: World, visits: Visits, name: str) -> Entry:
    loss = _compare(world, visits, Levers(silent_channels=(name,)))
    used = visits.channel == CHANNEL_NAMES.index(name)
    persons = np.unique(visits.person[used])
    return {
        "name": name,
        "effect_log_odds": CHANNELS[CHANNEL_NAMES.index(name)].effect,
        "visit_count": int(used.sum()),
        "person_count": len(persons),
        "customer_count": len(np.intersect1d(persons, visits.find_customers())),
        "caused_customer_count": -loss.customers,
        "caused_purchase_count": -loss.purchases,
    }


def _measure_experiment(world: World, visits: Visits, name: str) -> Entry:
    parameters = world.parameters
    banner = name == EXPERIMENTS[0]
    period = parameters.banner_period if banner else parameters.button_period
    start, end = (parameters.first_day + timedelta(days=day) for day in parameters.day_range(period))
    treated = _compare(world, visits, Levers(banner=True) if banner else Levers(button=True))
    control = _compare(world, visits, Levers(banner=False) if banner else Levers(button=False))
    exposed = visits.person[visits.exposed_banner if banner else visits.exposed_button]
    assigned = (world.people.has_banner if banner else world.people.has_button)[exposed]
    return {
        "name": name,
        "first_day": start.isoformat(),
        "day_after": end.isoformat(),
        "effect_log_odds": parameters.banner_effect if banner else parameters.button_effect,
        "exposed_treatment_count": int(assigned.sum()),
        "exposed_control_count": int((~assigned).sum()),
        "caused_customer_count": treated.customers - control.customers,
        "caused_purchase_count": treated.purchases - control.purchases,
        "caused_customer_share": (treated.customers - control.customers) / max(1, len(exposed)),
    }


def _measure_release(world: World, visits: Visits, name: str) -> Entry:
    parameters = world.parameters
    helped = name == RELEASES[0]
    start = parameters.day_range((parameters.autofill_start if helped else parameters.footer_start, 1.0))[0]
    loss = _compare(world, visits, Levers(releases=tuple(one for one in RELEASES if one != name)))
    return {
        "name": name,
        "touchpoint": "Checkout address",
        "first_day": (parameters.first_day + timedelta(days=start)).isoformat(),
        "effect_log_odds": parameters.autofill_effect if helped else parameters.footer_effect,
        "caused_customer_count": -loss.customers,
        "caused_purchase_count": -loss.purchases,
    }
