"""The models behind a funnel's statistics hold what their headers promise on a log with ties and silences."""

from __future__ import annotations

import random

import pandas as pd
import pytest

import journeys as jn
from journeys.insights.funnels.competing import read_competing, write_ends
from journeys.insights.funnels.count import write_funnel
from journeys.insights.funnels.rule import FunnelRule
from journeys.paths.steps import step
from journeys.units import US_PER_DAY
from journeys.warehouse import Engine, check_table, load_models, select_model

START = 1_772_323_200


@pytest.mark.parametrize("entry", ["first", "each"])
def test_silences_and_exposures_hold_their_headers(entry: str) -> None:
    source = random.Random(8)
    rows = [
        (f"p{source.randrange(40)}", START + source.randrange(400) * 3_600, source.choice("ABCD"), f"e{number}")
        for number in range(300)
    ]
    frame = pd.DataFrame(rows, columns=["who", "at", "what", "id"])
    log = jn.from_events(frame, person="who", occurred_at="at", event="what", event_id="id", unit="s").log
    rule = FunnelRule("3d", entry=entry)
    checker = Engine()
    with log.engine.scratch() as scratch:
        as_of_us = write_funnel(log, scratch, [step("A"), step("B")], rule)
        ends = read_competing("(dropped)", 2 * US_PER_DAY)
        write_ends(log, scratch, ends, unit="person", as_of_us=as_of_us, missing="error")
        scratch.save(
            "funnel_entrants",
            "SELECT unit_id, attempt_index, status = 'converted' AS is_converted, entered_us AS start_us, "
            "entered_us + 259200000000 AS end_us, 'one' AS stratum FROM funnel_units",
        )
        exposures = scratch.frame(*select_model("funnel_exposures", {"unit": "person", "as_of_us": as_of_us}))
        found = {"funnel_silences": scratch.frame("SELECT * FROM funnel_silences"), "funnel_exposures": exposures}
    for name, table in found.items():
        assert len(table)
        checker.load(name, table)
        check_table(checker, load_models()[name])
