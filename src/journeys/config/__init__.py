"""`journeys.toml`: what a company's events mean, read and checked before any data is touched."""

from __future__ import annotations

from journeys.config.alert import Alert, Mail
from journeys.config.calendar import Calendar, read_calendar
from journeys.config.draft import Draft, DraftSource, write_draft
from journeys.config.funnel_limits import FunnelShape, find_shape_fault
from journeys.config.gates import Gates
from journeys.config.identifiers import normalise
from journeys.config.identity import Bots, Identity, KindSettings, Override, merge_kinds
from journeys.config.load import build_settings, load_alert, load_settings
from journeys.config.match import Match
from journeys.config.privacy import Consent, Privacy
from journeys.config.rest import Auth, Paging, Request
from journeys.config.retention import Retention, find_cutoffs
from journeys.config.rules import ChannelRule, ChannelSettings, FunnelSettings, Goal, Stage, TouchpointRule
from journeys.config.settings import Journey, Project, ReportSettings, Session, Settings, Warehouse
from journeys.config.source import ColumnMap, Source
from journeys.config.starter import starter_text
from journeys.config.user_email import is_user_email

__all__ = [
    "Alert",
    "Auth",
    "Bots",
    "Calendar",
    "ChannelRule",
    "ChannelSettings",
    "ColumnMap",
    "Consent",
    "Draft",
    "DraftSource",
    "FunnelSettings",
    "FunnelShape",
    "Gates",
    "Goal",
    "Identity",
    "Journey",
    "KindSettings",
    "Mail",
    "Match",
    "Override",
    "Paging",
    "Privacy",
    "Project",
    "ReportSettings",
    "Request",
    "Retention",
    "Session",
    "Settings",
    "Source",
    "Stage",
    "TouchpointRule",
    "Warehouse",
    "build_settings",
    "find_cutoffs",
    "find_shape_fault",
    "is_user_email",
    "load_alert",
    "load_settings",
    "merge_kinds",
    "normalise",
    "read_calendar",
    "starter_text",
    "write_draft",
]
