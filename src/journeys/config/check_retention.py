"""Whether events are kept as long as answers look back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from journeys.config.problems import Loc, Problems
from journeys.units import US_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journeys.config.retention import Retention


def check_retention(parts: Mapping[str, Any], problems: Problems) -> None:
    """Add each window that reaches further back than events are kept.

    Args:
        parts: the sections that were read, by their names in the settings; None where one is wrong.
        problems: takes the mistakes.
    """
    retention: Retention | None = parts.get("retention")
    days = retention.events_days if retention else None
    if days is None:
        return
    for loc, us in _list_windows(parts):
        if us > days * US_PER_DAY:
            problems.add(loc, f"longer than events are kept ([retention] events_days = {days})",
                         allowed=f"at most {days} days, or a longer events_days")  # fmt: skip


def _list_windows(parts: Mapping[str, Any]) -> Iterator[tuple[Loc, int]]:
    if parts.get("journey"):
        yield ("journey", "inactive_days"), parts["journey"].inactive_us
    for place, funnel in enumerate(parts.get("funnels", ())):
        if funnel and funnel.window_us is not None:
            yield ("funnel", place, "window"), funnel.window_us
    for place, stage in enumerate(parts.get("stages", ())):
        if stage and stage.absent_days is not None:
            yield ("stage", place, "absent_days"), stage.absent_days * US_PER_DAY
