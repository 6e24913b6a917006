"""What each planted cause did, by runs on the same random numbers."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from journeys.sample import CompanyParameters
from journeys.sample.behaviour import simulate_visits
from journeys.sample.people import make_people
from journeys.sample.truth import find_causes
from journeys.sample.world import PAIN_POINTS, RELEASES, Levers, prepare_world


@pytest.fixture(scope="module")
def world():
    parameters = CompanyParameters(person_count=8_000)
    return prepare_world(parameters, make_people(parameters))


@pytest.fixture(scope="module")
def visits(world):
    return simulate_visits(world, Levers())


@pytest.fixture(scope="module")
def causes(world, visits):
    return find_causes(world, visits)


def by_name(entries):
    return {entry["name"]: entry for entry in entries}


def test_each_pain_point_cost_customers_and_purchases(causes):
    assert [entry["name"] for entry in causes["pain_points"]] == list(PAIN_POINTS)
    for entry in causes["pain_points"]:
        assert entry["lost_customer_count"] > 10
        assert entry["lost_purchase_count"] >= entry["lost_customer_count"]
        assert entry["visit_count"] >= entry["person_count"] > entry["lost_customer_count"]


def test_the_returns_page_looks_bad_and_costs_nothing(causes):
    (page,) = causes["looks_only_bad"]
    with_page = page["customer_count"] / page["person_count"]
    without_page = page["other_customer_count"] / page["other_person_count"]
    assert with_page < 0.8 * without_page
    assert page["lost_customer_count"] == page["lost_purchase_count"] == 0


def test_one_experiment_works_and_one_does_not(causes):
    entries = by_name(causes["experiments"])
    assert entries["free_delivery_banner"]["caused_customer_count"] > 50
    assert entries["button_colour"]["caused_customer_count"] == entries["button_colour"]["caused_purchase_count"] == 0
    for entry in entries.values():
        total = entry["exposed_treatment_count"] + entry["exposed_control_count"]
        assert abs(entry["exposed_treatment_count"] / total - 0.5) < 0.03


def test_one_release_helps_and_one_does_nothing(causes):
    entries = by_name(causes["releases"])
    assert entries["2026.4.0"]["caused_customer_count"] > 20
    assert entries["2026.5.0"]["caused_customer_count"] == entries["2026.5.0"]["caused_purchase_count"] == 0


def test_channels_cause_customers_exactly_when_they_have_an_effect(causes):
    for entry in causes["channels"]:
        assert (entry["caused_customer_count"] > 0) == (entry["effect_log_odds"] > 0), entry["name"]
        assert entry["caused_customer_count"] <= entry["customer_count"]


def test_coupon_sites_look_good_and_cause_nothing(causes, visits, world):
    coupons = by_name(causes["channels"])["Affiliates"]
    overall = len(visits.find_customers()) / len(world.people)
    assert coupons["customer_count"] / coupons["person_count"] > 1.2 * overall
    assert coupons["caused_customer_count"] == 0


def test_a_cause_without_strength_costs_nothing():
    parameters = CompanyParameters(
        person_count=1_000, card_form_share=0, delivery_cost_share=0, empty_search_period=(0.3, 0.3), banner_effect=0,
        autofill_effect=0,
    )  # fmt: skip
    world = prepare_world(parameters, make_people(parameters))
    causes = find_causes(world, simulate_visits(world, Levers()))
    assert [entry["lost_purchase_count"] for entry in causes["pain_points"]] == [0, 0, 0]
    assert [entry["caused_purchase_count"] for entry in causes["experiments"] + causes["releases"]] == [0, 0, 0, 0]


def test_runs_differ_only_after_the_cause_begins(world, visits):
    start = world.parameters.day_range((world.parameters.autofill_start, 1.0))[0]
    other = simulate_visits(world, Levers(releases=RELEASES[1:]))
    before, other_before = visits.start_days < start, other.start_days < start
    assert before.sum() > 1_000
    for field in fields(visits):
        column, other_column = getattr(visits, field.name), getattr(other, field.name)
        assert np.array_equal(column[before], other_column[other_before]), field.name


def test_without_a_pain_point_nobody_who_bought_is_lost(world, visits):
    for name in PAIN_POINTS:
        other = simulate_visits(world, Levers(pain_points=tuple(one for one in PAIN_POINTS if one != name)))
        assert np.isin(visits.find_customers(), other.find_customers()).mean() > 0.99


def test_the_shop_is_plausible(world, visits):
    assert 0.05 < len(visits.find_customers()) / len(world.people) < 0.15
    steps = [int((visits.step >= step).sum()) for step in range(1, 6)]
    assert steps == sorted(steps, reverse=True)
    assert visits.purchase_count > 1.15 * len(visits.find_customers())
    assert visits.reviews.sum() > 50
    assert visits.refers.sum() > 20
    last_visit = np.zeros(len(world.people))
    np.maximum.at(last_visit, visits.person, visits.start_days)
    assert 0.2 < (last_visit > world.parameters.day_count - 30).mean() < 0.6
