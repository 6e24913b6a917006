"""What one night changes: the stages run over what arrived and what it touches, and the result equals a rebuild.

Each stage runs the same models as a rebuild, over a part of the log that is closed for it: all rows of the touched
identifiers, all events of the touched streams, all contacts of the touched persons. Its rows replace those that were
kept of the same units.
"""

from journeys.nights.finish import finish_tables
from journeys.nights.night import Night, Rebuild, open_night
from journeys.nights.outcomes import rebuild_journeys
from journeys.nights.persons import resolve_persons
from journeys.nights.plan import Plan, plan_night
from journeys.nights.retention import remove_earlier, remove_expired
from journeys.nights.rows import add_rows
from journeys.nights.streams import rebuild_sessions
from journeys.nights.verify import verify_persons

__all__ = [
    "Night",
    "Plan",
    "Rebuild",
    "add_rows",
    "finish_tables",
    "open_night",
    "plan_night",
    "rebuild_journeys",
    "rebuild_sessions",
    "remove_earlier",
    "remove_expired",
    "resolve_persons",
    "verify_persons",
]
