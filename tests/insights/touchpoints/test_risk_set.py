"""The rows behind effects, written out for a log that fits on a page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import journeys as jn
from journeys.insights.marks import Anchors, cut_paths, prepare_contacts
from journeys.insights.touchpoints.risk_set import RiskSet, read_risk_set
from journeys.units import US_PER_DAY
from journeys.warehouse import check_table, load_models

# ann converts on the third contact; bob is dropped; cid, seen last, is open: nobody knows what comes next.
LOG = """
    ann 02/10:00 home
    ann 02/10:10 help
    ann 03/10:00 help
    ann 03/10:05 pay
    ann 03/10:06 home
    bob 02/10:00 home
    bob 02/10:20 home
    cid 20/10:00 help
    cid 20/10:10 home
"""


@pytest.fixture
def risk() -> RiskSet:
    rows = [line.split() for line in LOG.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=["who", "at", "what"])
    frame["at"] = "2026-03-" + frame["at"].str.replace("/", " ")
    log = jn.from_events(frame, person="who", occurred_at="at", event="what").log
    anchors = Anchors(goal="pay")
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit="person", as_of_us=log.as_of_us)
        cut_paths(scratch, anchors, collapse=False, inactive_us=5 * US_PER_DAY, as_of_us=log.as_of_us)
        rows = read_risk_set(log, scratch, visit_us=1800 * 1_000_000, adjust_for=[], among=[])
        for name in ("effect_starts", "effect_rows"):
            check_table(scratch, load_models()[name])
        return rows


def named(risk: RiskSet, codes: np.ndarray) -> list[str]:
    return [[*risk.step.names, "(start)"][code] for code in codes]


def test_every_contact_before_the_goal_is_a_row(risk: RiskSet) -> None:
    assert named(risk, risk.step.codes) == ["home", "help", "help", "home", "home", "help", "home"]
    assert risk.unit.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert risk.happened.tolist() == [False, False, True, False, False, False, False]
    assert risk.is_at_risk.tolist() == [True, True, True, True, True, True, False], "cid's last is not"
    assert risk.is_visit_start.tolist() == [True, False, True, True, False, True, False]
    assert risk.has_converted.tolist() == [True, False, False]
    assert risk.entry_month.tolist() == [2026 * 12 + 2] * 7
    assert risk.contact_count.codes.tolist() == [0, 1, 2, 0, 1, 0, 1]


def test_who_has_met_a_touchpoint_has_met_it_from_then_on(risk: RiskSet) -> None:
    is_help = np.array(named(risk, risk.step.codes)) == "help"
    assert risk.met_by_then(is_help).tolist() == [False, True, True, False, False, True, True]
    assert risk.units_met(is_help).tolist() == [True, False, True]


def test_where_one_stands_is_the_latest_other_contact_of_the_visit(risk: RiskSet) -> None:
    is_help = np.array(named(risk, risk.step.codes)) == "help"
    # ann's second visit begins with help: nothing else of the day before counts.
    assert named(risk, risk.place_besides(is_help)) == ["home", "home", "(start)", "home", "home", "(start)", "home"]
    besides_others = named(risk, risk.place_besides(~is_help))
    assert besides_others == ["(start)", "help", "help", "(start)", "(start)", "help", "help"]
