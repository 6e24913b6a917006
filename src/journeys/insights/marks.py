"""Prepare the contacts a path-like answer is counted over: which events the call names as start, goal and end."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.paths.cut import PathCut, write_paths
from journeys.paths.log import MOST_IN_MEMORY, EventLog
from journeys.paths.steps import StepLike, step, step_sql
from journeys.warehouse import Engine, select_model

# From so many contacts on paths are cut as arrays: the same tables in a fraction of the time, but all in memory.
ROWS_FROM = 50_000
_ROLES = ("start", "goal", "end")


@dataclass(frozen=True)
class Anchors:
    """The steps that a call names: where paths start, convert and end; none is not named.

    Attributes:
        missing: zero allows a goal that never occurs, as a configured one may.
    """

    start: StepLike | None = None
    goal: StepLike | None = None
    end: StepLike | None = None
    missing: str = "error"

    def shown(self) -> dict[str, object]:
        """Return the names for a definition."""
        return {role: None if match is None else step(match).name for role, match in self._matches().items()}

    def _matches(self) -> dict[str, StepLike | None]:
        return {role: getattr(self, role) for role in _ROLES}


def mark_events(log: EventLog, scratch: Engine, anchors: Anchors) -> None:
    """Write `marks` into a scratch engine: which events the call names, as `is_start`, `is_goal` and `is_end`.

    Raises:
        CallError: a named step never occurs.
    """
    tests = {
        role: "FALSE"
        if match is None
        else step_sql(log, step(match), missing=anchors.missing if role == "goal" else "error")
        for role, match in anchors._matches().items()
    }
    columns = ", ".join(f"{test} AS is_{role}" for role, test in tests.items())
    scratch.save(
        "marks",
        f"WITH tested AS (SELECT event_id, {columns} FROM person_events) "
        "SELECT * FROM tested WHERE is_start OR is_goal OR is_end",
    )


def prepare_contacts(log: EventLog, scratch: Engine, anchors: Anchors, *, unit: str, as_of_us: int) -> None:
    """Write the tables `marks` and `contacts` into a scratch engine.

    Raises:
        CallError: a named step never occurs.
    """
    mark_events(log, scratch, anchors)
    # Without marks there is nothing to join, and the contacts lie as the events do.
    model = "contacts" if any(anchors._matches().values()) else "contacts_plain"
    scratch.save("contacts", *select_model(model, {"unit": unit, "as_of_us": as_of_us}))


def cut_paths(scratch: Engine, anchors: Anchors, *, collapse: bool, inactive_us: int, as_of_us: int) -> bool:
    """Write `path_cut`, `path_steps` and `path_units` from `contacts`; say whether `path_pairs` was written, too."""
    has_cuts = _has_cuts(scratch, anchors)
    if not has_cuts:
        scratch.show("path_cut", select_model("path_whole")[0])
    if are_many(scratch):
        cut = PathCut(anchors.start is not None, anchors.end is not None, collapse, inactive_us, as_of_us)
        write_paths(scratch, cut, has_cuts=has_cuts)
        return True
    parameters = {
        "has_start": anchors.start is not None,
        "has_end": anchors.end is not None,
        "is_collapsed": collapse,
        "inactive_us": inactive_us,
        "as_of_us": as_of_us,
    }
    if has_cuts:
        scratch.save("path_cut", *select_model("path_cut", parameters))
    for name in ("path_steps", "path_units"):
        scratch.save(name, *select_model(name, parameters))
    return False


def are_many(scratch: Engine) -> bool:
    """Say whether `contacts` are so many that arrays are faster, and not too many to be held."""
    return ROWS_FROM <= scratch.row_count("contacts") <= MOST_IN_MEMORY


def _has_cuts(scratch: Engine, anchors: Anchors) -> bool:
    """Say whether any path may begin or end inside its contacts; otherwise nothing has to be put in order for it."""
    if anchors.start is not None or anchors.end is not None:
        return True
    return bool(scratch.rows("SELECT event_id FROM contacts WHERE is_goal OR is_end LIMIT 1"))
