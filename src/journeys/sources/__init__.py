"""The world -> landed rows: files and databases read by their mapping, nothing judged, nothing lost."""

from __future__ import annotations

from journeys.sources.faults import TransientSourceError
from journeys.sources.pull import PullReport, pull_source
from journeys.sources.times import time_us_sql

__all__ = ["PullReport", "TransientSourceError", "pull_source", "time_us_sql"]
