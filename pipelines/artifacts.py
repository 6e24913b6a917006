"""What a run leaves on a Prefect server beside its log: key figures, data quality, and the way to the report."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import httpx
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.exceptions import PrefectException

from journeys.config import Settings
from journeys.errors import JourneysError
from journeys.report.terminal import figure_text
from journeys.units import time_text
from journeys.warehouse import Engine, Snapshot
from pipelines.announce import announce
from pipelines.own_server import has_server


def show_artifacts(settings: Settings, snapshot: Snapshot, report: Path) -> None:
    """Leave the artifacts of a run; without a server of the user's nothing happens, and no failure ends the run.

    Args:
        settings: the configuration; the project's name stands in the artifacts' keys, so that two can share a server.
        snapshot: what is published.
        report: the page.
    """
    if not has_server():
        return
    try:
        with Engine() as engine:
            engine.attach(snapshot.results, name="snapshot")
            figures = _read_figures(engine, settings.project.currency)
            quality = _read_quality(engine)
        name, slug = settings.project.name, write_slug(settings.project.name) or "journeys"
        create_table_artifact(figures, key=f"{slug}-key-figures", description=f"{name}: key figures")
        create_table_artifact(quality, key=f"{slug}-data-quality", description=f"{name}: what became of every row read")
        create_link_artifact(report.as_uri(), str(report), key=f"{slug}-report", description=f"{name}: report")
    except (PrefectException, httpx.HTTPError, JourneysError, OSError) as error:
        announce("artifacts", f"could not be left on the Prefect server: {type(error).__name__}")


def _read_figures(engine: Engine, currency: str) -> list[dict[str, str]]:
    return [
        {"figure": row["label"], "value": figure_text(row, currency), "definition": row["definition"]}
        for row in engine.frame("SELECT * FROM key_figures").to_dict("records")
    ]


def _read_quality(engine: Engine) -> list[dict[str, str | int]]:
    columns = ("read_count", "accepted_count", "duplicate_count", "rejected_count", "noted_count")
    rows = engine.rows(f"SELECT source, last_us, {', '.join(columns)} FROM data_quality ORDER BY source_index")
    return [
        {
            "source": source,
            **{column.removesuffix("_count"): int(count) for column, count in zip(columns, counts, strict=True)},
            "last event": "none" if last_us is None else time_text(last_us),
        }
        for source, last_us, *counts in rows
    ]


def write_slug(project: str) -> str:
    """Write a project's name in the letters that Prefect allows for keys: a to z, digits and dashes; '' = none fits."""
    plain = unicodedata.normalize("NFKD", project).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
