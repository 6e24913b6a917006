"""What a report is made of: the frames and texts that the insights hand over, and nothing computed from events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class NamedTable:
    """One answer: its name, its frame and the rule that made it.

    Args:
        name: shown as the heading, such as the funnel's name.
        frame: columns as the chart or table that shows it says; may be empty.
        definition: rule in words (`rule`), parameters, `as_of`, data fingerprint; nested values are allowed.
    """

    name: str
    frame: pd.DataFrame
    definition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WhoIsWho:
    """How the persons were made out. Every frame may be empty.

    Args:
        person_count: persons behind the events, bots apart.
        known_count: those of them who are known by more than a device.
        bot_count: persons all of whose events are bots'.
        kinds: identifier_kind, identifier_count, person_count.
        refusals: guard, identifier_count, link_count, event_count.
        large_persons: person_id, identifier_count; the largest ones.
        large_person_count: persons of more than `alarm_size` identifiers.
        alarm_size: from the configuration.
        aliases: change, old_person_count, new_person_count, identifier_count; what changed in this night.
    """

    person_count: int
    known_count: int
    bot_count: int
    kinds: pd.DataFrame
    refusals: pd.DataFrame
    large_persons: pd.DataFrame
    large_person_count: int
    alarm_size: int
    aliases: pd.DataFrame


@dataclass(frozen=True)
class Notice:
    """A later refresh that was not published.

    Args:
        started_at: ISO time at which it began.
        reasons: sentences.
    """

    started_at: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ReportContent:
    """Everything the page shows. Every frame may be empty.

    Args:
        project_name: heading of the page.
        as_of: ISO time up to which everything was counted.
        timezone: IANA zone in which `as_of` is shown.
        currency: of all money, may be empty.
        snapshot_id: the published snapshot.
        key_figures: key, label, value, unit (count | share | money | seconds), count, base, low, high, definition.
        funnels: one table per funnel, columns of a funnel's frame.
        stage_links: step_index, from_step, to_step, count, share; per person, balanced.
        stage_of: touchpoint -> stage.
        stage_order: stages from first to last.
        touchpoints: columns of the touchpoints' frame.
        who_is_who: how the persons were made out.
        bots: population, session_count, event_count, person_count, contact_person_count, converted_count,
            conversion_share, conversion_share_low, conversion_share_high; its definition has the `reasons`.
        data_quality: source, read_count, accepted_count, duplicate_count, rejected_count.
        rejects: source, reason, count, example_file, example_line.
        warnings: sentences.
        definitions: (term, meaning).
        parameters: (name, value), the settings that shape the numbers.
        fingerprint: of the data behind all numbers.
        product_version: version of the product that computed them; empty means this one.
        stage_coverage: how many journeys the named steps of `stage_links` tell; empty says nothing of it.
        transitions: columns of the transitions' frame.
        verdicts: columns of a gate's `Verdict`, the worst first.
        notice: a later refresh that was not published, shown above everything.
    """

    project_name: str
    as_of: str
    timezone: str
    currency: str
    snapshot_id: str
    key_figures: pd.DataFrame
    funnels: tuple[NamedTable, ...]
    stage_links: NamedTable
    stage_of: Mapping[str, str]
    stage_order: tuple[str, ...]
    touchpoints: NamedTable
    who_is_who: WhoIsWho
    bots: NamedTable
    data_quality: pd.DataFrame
    rejects: pd.DataFrame
    warnings: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...] = ()
    fingerprint: str = ""
    product_version: str = ""
    stage_coverage: pd.DataFrame = field(default_factory=pd.DataFrame)
    transitions: NamedTable = field(default_factory=lambda: NamedTable("", pd.DataFrame()))
    verdicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    notice: Notice | None = None
