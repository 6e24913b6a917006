"""The report in a few sentences, each a number that stands in a table further down."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.report.bot_figures import WITH_BOTS, WITHOUT_BOTS
from journeys.report.charts.funnel import find_by_column
from journeys.report.content import NamedTable, ReportContent
from journeys.report.formats import count_text, read_rows, share_text, whole
from journeys.report.views import view_quality


@dataclass(frozen=True)
class Finding:
    """A sentence, cut where names from data stand: `before` name `between` second name `after`."""

    before: str
    name: str = ""
    between: str = ""
    second_name: str = ""
    after: str = ""


def find_in_short(content: ReportContent) -> list[Finding]:
    """Say where each funnel loses most people, what bots would do to the numbers, and what state the data is in."""
    found = [finding for table in content.funnels if (finding := _find_largest_drop(table)) is not None]
    found += _compare_with_bots(content.bots)
    rows = view_quality(content.data_quality)
    if rows:
        total = rows[-1]
        sentence = (
            f"Data: {count_text(total.read_count)} rows read, {count_text(total.accepted_count)} accepted, "
            f"{count_text(total.duplicate_count)} duplicate, {count_text(total.rejected_count)} rejected"
            f" ({share_text(total.rejected_share)})"
        )
        warnings = len(content.warnings)
        if warnings:
            sentence += f"; {warnings} warning{'s' if warnings > 1 else ''}"
        found.append(Finding(f"{sentence}."))
    return found


def _find_largest_drop(table: NamedTable) -> Finding | None:
    rows = read_rows(table.frame)
    if len(rows) < 2 or find_by_column(table.frame) is not None:
        return None
    largest = max(rows, key=lambda row: whole(row["dropped_count"]))
    dropped, reached = whole(largest["dropped_count"]), whole(largest["reached_count"])
    if not dropped or not reached:
        return None
    return Finding(
        before="Funnel ",
        name=table.name,
        between=": most people are lost after ",
        second_name=str(largest["step_name"]),
        after=f": {count_text(dropped)} of {count_text(reached)} who reached it ({share_text(dropped / reached)}).",
    )


def _compare_with_bots(table: NamedTable) -> list[Finding]:
    rows = {row["population"]: row for row in read_rows(table.frame)}
    if not rows or rows[WITHOUT_BOTS]["event_count"] == rows[WITH_BOTS]["event_count"]:
        return []
    people, everybody = rows[WITHOUT_BOTS], rows[WITH_BOTS]
    all_sessions = whole(everybody["session_count"])
    sessions = all_sessions - whole(people["session_count"])
    share = f" ({share_text(sessions / all_sessions)})" if all_sessions else ""
    with_bots, without_bots = share_text(everybody["conversion_share"]), share_text(people["conversion_share"])
    effect = f"{with_bots} instead of {without_bots}" if with_bots != without_bots else f"{with_bots} as well"
    return [
        Finding(
            f"Bots: {count_text(sessions)} of {count_text(all_sessions)} sessions{share} are left out; with them "
            f"conversion would read {effect}."
        )
    ]
