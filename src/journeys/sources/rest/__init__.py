"""REST sources: an HTTP API with JSON -> records, page by page, as whom and from where the configuration says."""

from __future__ import annotations

from journeys.sources.rest.faults import label_rows
from journeys.sources.rest.pull import open_first_page, pull_rest

__all__ = ["label_rows", "open_first_page", "pull_rest"]
