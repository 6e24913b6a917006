"""What a configuration may say but better would not; shown by `journeys check`, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from journeys.config.fields import find_nearest
from journeys.config.problems import mask_secrets
from journeys.config.rest import find_written_secrets
from journeys.config.settings import Settings

_IN_CLEAR = re.compile(r"http://(?!localhost\b|127\.|\[::1\])", re.IGNORECASE)


def find_warnings(settings: Settings, written: Mapping[str, Any]) -> tuple[str, ...]:
    """Find secrets written out, misspelt steps, stages given by absence that touchpoints name, texts in clear, limits.

    Args:
        settings: the checked settings.
        written: the document before `${NAME}` was replaced.
    """
    return (
        *_find_passwords(settings, written),
        *_find_alert_secrets(written),
        *_find_near_steps(settings),
        *_find_absence_stages(settings),
        *_find_unscrubbed(settings),
        *_find_limits(settings),
    )


def _find_passwords(settings: Settings, written: Mapping[str, Any]) -> Iterator[str]:
    for source, table in zip(settings.sources, written["source"], strict=True):
        if source.url and mask_secrets(table["url"]) != table["url"]:
            yield f'[[source]] "{source.name}": url holds a password; keep it out of the file: url = "${{NAME}}"'
        for key in find_written_secrets(table) if source.kind == "rest" else ():
            yield f'[[source]] "{source.name}": {key} is a secret; keep it out of the file: {key} = "${{NAME}}"'

        if source.auth and any(_IN_CLEAR.match(each or "") for each in (source.url, source.auth.token_url)):
            yield f'[[source]] "{source.name}": [source.auth] is sent in clear; use https://'


def _find_alert_secrets(written: Mapping[str, Any]) -> Iterator[str]:
    alert = written.get("alert", {})
    secrets = {("alert", "webhook"): alert, ("alert.mail", "password"): alert.get("mail", {})}
    for (section, key), table in secrets.items():
        if table.get(key) and "${" not in table[key]:
            yield f'[{section}]: {key} is a secret; keep it out of the file: {key} = "${{NAME}}"'


def _find_near_steps(settings: Settings) -> Iterator[str]:
    known = [rule.name for rule in (*settings.touchpoints, *settings.goals)]
    for funnel in settings.funnels:
        for step in funnel.steps:
            for name in (step,) if isinstance(step, str) else step if isinstance(step, tuple) else ():
                nearest = find_nearest(name, known, cutoff=0.8)
                if name not in known and nearest:
                    yield (
                        f'[[funnel]] "{funnel.name}": step {name!r} is no touchpoint or goal, so it is an event name; '
                        f"did you mean {nearest!r}?"
                    )


def _find_absence_stages(settings: Settings) -> Iterator[str]:
    by_absence = {stage.name for stage in settings.stages if stage.absent_days is not None}
    for rule in settings.touchpoints:
        if rule.stage in by_absence:
            yield f'[[touchpoint]] "{rule.name}": stage {rule.stage!r} is given by absence, yet this leads there'


def _find_unscrubbed(settings: Settings) -> Iterator[str]:
    if settings.privacy.personal and not settings.privacy.scrub:
        yield (
            "[privacy]: identifiers become tokens, and scrub is false: what people write into texts and what stands in "
            "addresses of pages is kept as given"
        )


def _find_limits(settings: Settings) -> Iterator[str]:
    """Find rows that a limit does not reach although it looks as if it did."""
    retention = settings.retention
    if retention.events_days is None:
        return
    if retention.rejected_events_days is None:
        yield (
            "[retention]: events are removed, and rejected rows whose time cannot be read are kept for ever; give "
            "rejected_events_days, too"
        )
    has_books = any(not source.has_events for source in settings.sources)
    if not has_books and (retention.identity_edges_days or 0) > retention.events_days:
        yield (
            f"[retention]: identity_edges_days = {retention.identity_edges_days} changes nothing; a link goes with the "
            f"events it stands on, after {retention.events_days} days"
        )
