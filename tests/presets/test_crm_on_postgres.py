"""The presets of CRMs on a real PostgreSQL server: the same events as on SQLite, night after night.

Times have a zone there, numbers a type and flags are booleans; what is of the wrong type in a fixture is null.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_hubspot
import test_pipedrive
import test_salesforce
import test_zendesk
from crm_nights import Crm
from crm_pulls import Pulls, start_pulls
from crm_tables import fill_postgres
from shop_script import Script

from journeys.presets import load_preset

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))

from postgres import Postgres, start_postgres

CONFIG = (
    '[project]\nname = "Acme"\n'
    '[[source]]\nname = "crm"\npreset = "{preset}"\nurl = "${{CRM_URL}}"\nschema = "{preset}"\n'
)
# Of what has no time when it was done, the day when it was due counts.
EVENTS = {
    "hubspot": test_hubspot.FIRST,
    "salesforce": test_salesforce.FIRST,
    "pipedrive": sorted([*test_pipedrive.FIRST, ("03-07 00:00", "lunch", "1")]),
    "zendesk": test_zendesk.FIRST,
}

PARTS = ("hubspot/forms", "salesforce/opportunity_fields", "salesforce/lead_statuses", "pipedrive/deal_history")
AIRBYTE = [f"{preset}_airbyte" for preset in EVENTS]
# Of the wrong type only on SQLite.
LUNCH = {"pipedrive_airbyte/activities": [("03-07 00:00", "lunch", "1", None)]}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server of its own, with the tables of all fixtures."""
    for made in start_postgres():
        for preset in (*EVENTS, *AIRBYTE):
            fill_postgres(made.run, preset, preset)
        yield made


@pytest.mark.parametrize("preset", sorted(EVENTS))
@pytest.mark.prove
def test_a_preset_gives_the_same_events(
    preset: str, server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_URL", server.url.render_as_string(hide_password=False))
    crm = Crm(Script(tmp_path))
    crm.script.config.write_text(CONFIG.format(preset=preset), encoding="utf-8")
    first = crm.night()
    assert crm.events() == EVENTS[preset]
    assert len(first) == len(load_preset(preset).parts) - len(load_preset(preset).extra)
    again = crm.night()
    assert sum(again.values()) < sum(first.values())
    assert crm.events() == EVENTS[preset]


@pytest.mark.parametrize(
    "part", [*PARTS, *(f"{preset}/{part}" for preset in AIRBYTE for part in load_preset(preset).parts)]
)
def test_a_part_gives_the_same_events(
    part: str, server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preset = part.partition("/")[0]
    monkeypatch.setenv("CRM_URL", server.url.render_as_string(hide_password=False))
    crm = Pulls(tmp_path, part, "${CRM_URL}", f'schema = "{preset}"\n')
    assert crm.night() == sorted([*start_pulls(tmp_path, part).night(), *LUNCH.get(part, [])])
