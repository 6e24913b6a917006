"""What a run says to whoever watches the terminal: key figures, warnings and refused rows, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from journeys.report.answers import count_rejects
from journeys.report.formats import seconds_text
from journeys.report.gates import warned_texts
from journeys.warehouse import Engine


def figure_lines(engine: Engine, *, currency: str) -> Iterator[str]:
    """Yield a line per key figure of a published log."""
    for row in engine.frame("SELECT * FROM key_figures").to_dict("records"):
        yield f"  {row['label']:<32} {figure_text(row, currency)}"


def warning_lines(engine: Engine) -> Iterator[str]:
    """Yield a line per warning of the published run and of its gates, and per reason for which it refused rows."""
    for warning in (*(row[0] for row in engine.rows("SELECT warning FROM run_warnings")), *warned_texts(engine)):
        yield f"warning: {warning}"
    for row in count_rejects(engine).to_dict("records"):
        place = f"first in {row['example_file']} line {row['example_line']}"
        yield f"rejected: source {row['source']}: {row['count']:,} x {row['reason']}, {place}"


def figure_text(row: Mapping[Any, Any], currency: str) -> str:
    """Write the value of a row of `key_figures` with its unit, a share with its counts and interval."""
    value = row["value"]
    if value != value:  # NaN: nothing to divide by, or no such event
        return "none"
    if row["unit"] == "share":
        interval = f"{100 * row['low']:.1f} to {100 * row['high']:.1f} %"
        return f"{100 * value:.1f} % ({row['count']:,.0f} of {row['base']:,.0f}; {interval})"
    if row["unit"] == "money":
        return f"{value:,.2f} {currency}".rstrip()
    return seconds_text(value) if row["unit"] == "seconds" else f"{value:,.0f}"
