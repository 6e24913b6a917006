"""Funnels: how far people get through given steps in order, inside a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd
import pyarrow as pa

from journeys.errors import CallError
from journeys.insights.answer import Answer, unit_words
from journeys.insights.funnels.tied_chains import find_tied_chains
from journeys.insights.statistics.intervals import share_of, wilson_interval
from journeys.paths.log import EventLog
from journeys.paths.steps import Step, step_sql
from journeys.units import duration_text, duration_us
from journeys.warehouse import Engine, select_model

ORDERS = ("ordered",)
ENTRIES = ("best", "first")
TIES = ("together", "increasing")
MISSING = ("error", "zero")
_HINT = "; missing='zero' (--missing zero) counts it as never reached"


@dataclass(frozen=True)
class FunnelRule:
    """How a funnel counts.

    Attributes:
        window: longest time from step 1 to the last step, end included; none is no limit.
        order: ordered: other events may stand between.
        entry: best: the deepest chain over all entries; first: only the first entry opens a window.
        ties: together: events of one time may satisfy steps in funnel order; increasing: strictly later only.
        unit: person, session or account.
        missing: error or zero, for a step that never occurs.
        contacts: of an account: a step takes so many different persons; none is any one.
    """

    window: str | timedelta | None = None
    order: str = "ordered"
    entry: str = "best"
    ties: str = "together"
    unit: str = "person"
    missing: str = "error"
    contacts: int | None = None

    def __post_init__(self) -> None:
        allowed = {"order": ORDERS, "entry": ENTRIES, "ties": TIES, "missing": MISSING}
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise CallError(
                    "funnel-setting",
                    f"funnel({name}=) is not available",
                    found=repr(getattr(self, name)),
                    allowed=", ".join(map(repr, values)),
                )
        self._check_contacts()

    def _check_contacts(self) -> None:
        wanted = self.contacts
        if wanted is None:
            return
        if self.unit != "account":
            raise CallError("contacts", "contacts= counts the persons of an account", found=f"unit={self.unit!r}",
                            allowed="unit='account'", do="add unit='account' or leave contacts out")  # fmt: skip
        if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted < 2**62:
            raise CallError(
                "contacts", "contacts is no count of persons", found=repr(wanted), allowed="a whole number from 1"
            )

    @property
    def window_us(self) -> int | None:
        """The window in microseconds."""
        return None if self.window is None else duration_us(self.window, name="window")

    def words(self) -> str:
        """Say the rule in words."""
        window = "without a limit of time"
        if self.window_us is not None:
            window = f"within {duration_text(self.window_us)} of step 1 (the end included)"
        entry = "over all entries" if self.entry == "best" else "from the first entry only"
        ties = "may satisfy steps in funnel order" if self.ties == "together" else "never satisfy two steps"
        article = "An" if self.unit == "account" else "A"
        still = "the latest entry" if self.entry == "best" else "the first entry"
        return (
            f"{article} {self.unit} reaches step k when k different events match steps 1 to k in time order, {window}, "
            f"other events standing between; the deepest chain {entry} counts, events of one time {ties}. "
            f"Open: not completed, and the window of {still} is not over at as_of. Shares are of those whose first "
            "entry's window is over (mature), with 95 % Wilson intervals." + unit_words(self.unit, self.contacts or 1)
        )


def count_funnel(log: EventLog, steps: tuple[Step, ...], rule: FunnelRule, *, as_of: object = None) -> Answer:
    """Count how many units reach each step.

    Args:
        log: the log.
        steps: at least one.
        rule: how to count.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with `step_index`, `step_name`, `reached_count`, `dropped_count`, `open_count` (reached[k] = reached[k+1]
        + dropped[k] + open[k]), `mature_count`, `step_share`, `overall_share` with its interval, and
        `median_seconds_from_first`; and the table `persons`: the unit's id, `furthest_step`, `status`, `entered_at`.

    Raises:
        CallError: there is no step, or a step never occurs.
    """
    if not steps:
        raise CallError("funnel-steps", "a funnel needs at least one step", found="none", do="name the steps")
    log.check_unit(rule.unit)
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        _find_candidates(log, scratch, steps, rule, as_of_us)
        _find_chains(scratch, len(steps), rule)
        counting = {
            "step_count": len(steps),
            "window_us": rule.window_us,
            "as_of_us": as_of_us,
            "is_first_only": rule.entry == "first",
        }
        scratch.save("funnel_units", *select_model("funnel_units", counting))
        select, none = select_model("funnel_counts")
        counts = scratch.frame(f"SELECT * FROM ({select}) ORDER BY step_index", none)
        persons = _list_units(scratch, rule.unit)
    parameters: dict[str, object] = {
        "steps": [step.name for step in steps],
        "window_seconds": None if rule.window_us is None else rule.window_us / 1_000_000,
        "order": rule.order,
        "entry": rule.entry,
        "ties": rule.ties,
        "unit": rule.unit,
    }
    if rule.unit == "account":
        parameters["contacts"] = rule.contacts or 1
    return Answer(_add_shares(counts), log.describe(rule.words(), as_of_us, parameters), {"persons": persons})


def _find_candidates(log: EventLog, scratch: Engine, steps: tuple[Step, ...], rule: FunnelRule, as_of_us: int) -> None:
    """Write `funnel_names` and `funnel_candidates`: one row per event and step it matches."""
    tests = {place: step_sql(log, step, missing=rule.missing, hint=_HINT) for place, step in enumerate(steps, start=1)}
    _match_steps(scratch, tests, rule, as_of_us)
    if rule.contacts is not None and rule.contacts > 1:
        met = [
            f"SELECT unit_id, person_id, event_id, occurred_at_us, source_index, sequence, "
            f"CAST({place} AS BIGINT) AS step_index FROM funnel_matches WHERE match_{place}"
            for place in tests
        ]
        scratch.save("funnel_met", " UNION ALL ".join(met))
        scratch.save("funnel_contacts", *select_model("funnel_contacts", {"contact_count": rule.contacts}))
        counting = "event_id IN (SELECT event_id FROM funnel_contacts WHERE step_index = {})"
        _match_steps(scratch, {place: counting.format(place) for place in tests}, rule, as_of_us)
    selects = [
        f"SELECT unit_id, event_id, occurred_at_us, CAST({place} AS BIGINT) AS step_index, is_shared "
        f"FROM funnel_matches WHERE match_{place}"
        for place in tests
    ]
    scratch.save("funnel_candidates", " UNION ALL ".join(selects))
    names = pa.table({"step_index": pa.array(tests, pa.int64()), "step_name": [step.name for step in steps]})
    scratch.load("funnel_names", names)


def _match_steps(scratch: Engine, tests: Mapping[int, str], rule: FunnelRule, as_of_us: int) -> None:
    """Write `funnel_matches`: one row per event that meets a step, with the steps it meets."""
    columns = ", ".join(f"{test} AS match_{place}" for place, test in tests.items())
    matched = " + ".join(f"CAST(match_{place} AS INTEGER)" for place in tests)
    scratch.save(
        "funnel_matches",
        f"""
        WITH tested AS (
          SELECT {rule.unit}_id AS unit_id, person_id, event_id, occurred_at_us, source_index, sequence, {columns}
          FROM person_events
          WHERE NOT is_bot AND occurred_at_us <= $as_of_us AND {rule.unit}_id IS NOT NULL
        )
        SELECT *, {matched} > 1 AS is_shared FROM tested WHERE {matched} > 0
        """,
        {"as_of_us": as_of_us},
    )


def _find_chains(scratch: Engine, step_count: int, rule: FunnelRule) -> None:
    """Write `funnel_best` and `funnel_times`: each unit's counted chain and when it met each step."""
    increasing = {"is_increasing": rule.ties == "increasing"}
    tied = find_tied_chains(scratch, rule) if rule.ties == "together" else None
    scratch.save("funnel_chains", *select_model("funnel_first", {"is_first_only": rule.entry == "first"}))
    scratch.save("funnel_reached", "SELECT *, CAST(1 AS BIGINT) AS step_index FROM funnel_chains")
    for place in range(2, step_count + 1):
        longer = {"step_index": place, "window_us": rule.window_us, **increasing}
        scratch.save("funnel_chains", *select_model("funnel_next", longer))
        scratch.run("INSERT INTO funnel_reached SELECT *, $place FROM funnel_chains", {"place": place})
    scratch.save("funnel_best", *select_model("funnel_best"))
    scratch.save(
        "funnel_times", "SELECT unit_id, CAST(1 AS BIGINT) AS step_index, start_us AS reached_us FROM funnel_best"
    )
    for place in range(2, step_count + 1):
        select, parameters = select_model("funnel_time", {"step_index": place, **increasing})
        scratch.run(f"INSERT INTO funnel_times SELECT * FROM ({select})", parameters)
    if tied is not None:
        _replace_tied(scratch, tied)


def _replace_tied(scratch: Engine, tied: tuple[pa.Table, pa.Table]) -> None:
    """Put the exact chains of units whose tied events match several steps in the place of the set-wise ones."""
    for name, exact in zip(("funnel_best", "funnel_times"), tied, strict=True):
        scratch.load("exact_rows", exact)
        scratch.run(f"DELETE FROM {name} WHERE unit_id IN (SELECT unit_id FROM exact_rows)")
        scratch.run(f"INSERT INTO {name} BY NAME SELECT * FROM exact_rows")


def _list_units(scratch: Engine, unit: str) -> pd.DataFrame:
    """List everybody who met step 1; a session is also told with its person."""
    ids = {
        "person": "unit_id AS person_id",
        "account": "unit_id AS account_id",
        "session": "unit_id AS session_id, person_id",
    }
    return scratch.frame(
        f"""
        WITH owners AS (SELECT unit_id, MIN(person_id) AS person_id FROM funnel_matches GROUP BY unit_id)
        SELECT {ids[unit]}, furthest_step, status, MAKE_TIMESTAMP(entered_us) AS entered_at
        FROM funnel_units INNER JOIN owners USING (unit_id) ORDER BY unit_id
        """
    )


def _add_shares(counts: pd.DataFrame) -> pd.DataFrame:
    frame = counts.copy()
    mature = frame["mature_count"]
    first = pd.Series(mature.iloc[0], index=frame.index)
    frame["step_share"] = share_of(mature, mature.shift(fill_value=mature.iloc[0]))
    frame["overall_share"] = share_of(mature, first)
    frame["overall_share_low"], frame["overall_share_high"] = wilson_interval(mature, first)
    columns = [name for name in frame.columns if name != "median_seconds_from_first"]
    return frame[[*columns, "median_seconds_from_first"]]
