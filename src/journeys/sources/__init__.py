"""The world -> landed rows: files, databases and APIs read by their mapping, nothing judged, nothing lost."""

from __future__ import annotations

from journeys.sources.bookmark import Bookmark
from journeys.sources.bots import flag_user_agents
from journeys.sources.channels import classify_channels
from journeys.sources.check import check_source
from journeys.sources.faults import TransientSourceError
from journeys.sources.loads import Pulled, Span, add_load, read_span
from journeys.sources.pull import PullReport, pull_source
from journeys.sources.reland import apply_mappings
from journeys.sources.removal import leave_out
from journeys.sources.store import Removed, Store, commit, open_store, remove_unlisted
from journeys.sources.times import time_us_sql

__all__ = [
    "Bookmark",
    "PullReport",
    "Pulled",
    "Removed",
    "Span",
    "Store",
    "TransientSourceError",
    "add_load",
    "apply_mappings",
    "check_source",
    "classify_channels",
    "commit",
    "flag_user_agents",
    "leave_out",
    "open_store",
    "pull_source",
    "read_span",
    "remove_unlisted",
    "time_us_sql",
]
