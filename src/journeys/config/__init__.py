"""`journeys.toml`: what a company's events mean, read and checked before any data is touched."""

from __future__ import annotations

from journeys.config.load import build_settings, load_settings
from journeys.config.match import Match
from journeys.config.rules import ChannelRule, ChannelSettings, FunnelSettings, Goal, Stage, TouchpointRule
from journeys.config.settings import Identity, Journey, Project, ReportSettings, Session, Settings, Warehouse
from journeys.config.source import ColumnMap, Source
from journeys.config.starter import starter_text

__all__ = [
    "ChannelRule",
    "ChannelSettings",
    "ColumnMap",
    "FunnelSettings",
    "Goal",
    "Identity",
    "Journey",
    "Match",
    "Project",
    "ReportSettings",
    "Session",
    "Settings",
    "Source",
    "Stage",
    "TouchpointRule",
    "Warehouse",
    "build_settings",
    "load_settings",
    "starter_text",
]
