"""The first rows of a source as they would be read."""

from __future__ import annotations

from pathlib import Path

from journeys.config import Project, Source
from journeys.sources.landing import Landing, land_sql
from journeys.sources.pull import open_cells
from journeys.sources.streams import Streams, connect

COLUMNS = ("occurred_at", "event", "device_id", "user_id", "identifiers", "url")


def show_rows(source: Source, project: Project, folder: Path, *, count: int = 3) -> list[tuple[object, ...]]:
    """Land the first rows in memory.

    Returns:
        Rows of COLUMNS.

    Raises:
        SourceError: it cannot be opened, or lacks a mapped column.
    """
    time = "strftime(make_timestamp(occurred_at_us), '%Y-%m-%d %H:%M:%S')"
    with connect() as connection:
        streams = Streams(connection)
        _, cells = open_cells(streams, source, folder)
        select = land_sql(Landing(source, project, 0), cells[0])
        shown = ", ".join([f"{time} AS occurred_at", *COLUMNS[1:]])
        return streams.run(f"SELECT {shown} FROM ({select}) WHERE unreadable IS NULL LIMIT {count}", source)
