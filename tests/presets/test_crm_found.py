"""Tables of a CRM or help desk are told by their columns, also which loader wrote them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from crm_tables import change_sqlite, fill_sqlite

from journeys.presets import load_preset
from journeys.sources.guess.drafting import draft_settings

SYSTEMS = ("hubspot", "salesforce", "pipedrive", "zendesk")


def find_source(folder: Path) -> dict[str, object]:
    """The source that is written for the database of a folder."""
    drafted = draft_settings(f"sqlite:///{folder}/crm.sqlite", folder)
    (source,) = tomllib.loads(drafted.text)["source"]
    assert isinstance(source, dict)
    return source


@pytest.mark.parametrize("preset", [*SYSTEMS, *(f"{system}_airbyte" for system in SYSTEMS)])
def test_the_loader_is_told_and_parts_that_tell_the_same_are_read_once(preset: str, tmp_path: Path) -> None:
    fill_sqlite(tmp_path / "crm.sqlite", preset)
    source = find_source(tmp_path)
    assert source["preset"] == preset
    known = load_preset(preset)
    # Of two histories of the same the one that stands first; every other table is there.
    others = [part for part in known.parts if part not in {*known.instead_of, *known.instead_of.values()}]
    same = [part for part in known.parts if part not in others][:1]
    usual = [part for part in known.parts if part not in known.extra]
    parts = [part for part in known.parts if part in [*others, *same]]
    assert source.get("parts", usual) == parts


def test_tables_that_two_loaders_call_alike_are_told_by_their_columns(tmp_path: Path) -> None:
    fill_sqlite(tmp_path / "crm.sqlite", "salesforce_airbyte")
    change_sqlite(
        tmp_path / "crm.sqlite", *(f"DROP TABLE Opportunity{name}" for name in ("", "History", "ContactRole"))
    )
    source = find_source(tmp_path)
    assert (source["preset"], source["parts"]) == (
        "salesforce_airbyte", ["contacts", "leads", "lead_events", "lead_statuses", "tasks", "meetings"])  # fmt: skip
