"""Rows of one source as they are landed, without the rest of a refresh."""

from __future__ import annotations

from pathlib import Path

import duckdb

from journeys.config import load_settings
from journeys.sources import pull_source


def land(folder: Path, source: str, select: str) -> list[tuple[object, ...]]:
    """Pull the one `[[source]]` of a configuration, and ask its landed rows in their order (`SELECT ...`, no FROM)."""
    config = folder / "journeys.toml"
    config.write_text(f'[project]\nname = "Acme"\n{source}', encoding="utf-8")
    settings = load_settings(config)
    landed = folder / "landed"
    pull_source(settings.sources[0], settings.project, folder=landed, settings_folder=folder, loaded_at_us=0)
    with duckdb.connect() as connection:
        file = landed / f"{settings.sources[0].name}.parquet"
        return connection.execute(f"{select} FROM '{file}' ORDER BY line").fetchall()
