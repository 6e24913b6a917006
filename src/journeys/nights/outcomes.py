"""Touched persons -> persons, touchpoints and journeys, and journeys of their accounts."""

from __future__ import annotations

from journeys.nights.account_journeys import rebuild_account_journeys
from journeys.nights.night import Night, kept
from journeys.nights.tables import PERSON_TABLES
from journeys.paths.journeys import journey_parameters
from journeys.warehouse import build
from journeys.warehouse.runs import KEPT

_KEY = "identifier_kind, identifier_value"


def rebuild_journeys(night: Night, *, as_of_us: int) -> None:
    """Bring `persons`, `touchpoints` and `journeys` up to date for the touched persons, then `account_journeys`.

    Contacts count up to the end of observation, so that those between the former end and the new one touch their
    persons too.

    Args:
        night: the snapshot being made, its streams rebuilt.
        as_of_us: the end of observation.
    """
    is_all = night.rebuild.streams
    if not is_all and night.former_as_of_us not in (None, as_of_us):
        low, high = sorted((night.former_as_of_us or 0, as_of_us))
        between = f"occurred_at_us > {low} AND occurred_at_us <= {high}"
        night.touch(night.engine, "touched_persons", kept("stream_events", between, "person_id"))
    for where in night.split("person_id", "touched_persons", is_all=is_all, table="stream_events"):
        with night.engine.scratch() as engine:
            engine.save("person_events", kept("stream_events", where))
            engine.show("events", "SELECT event_id, is_bot, occurred_at_us FROM person_events")
            engine.show("event_persons", "SELECT event_id, person_id FROM person_events")
            engine.save("person_identifiers", kept("person_identifiers", where))
            engine.save("identifiers", f"SELECT * FROM {KEPT}.identifiers SEMI JOIN person_identifiers USING ({_KEY})")
            engine.save("event_goals", f"SELECT * FROM {KEPT}.event_goals SEMI JOIN person_events USING (event_id)")
            names = [table.name for table in PERSON_TABLES]
            build(engine, names, parameters=journey_parameters(night.settings, as_of_us))
            if not is_all:
                was = f"SELECT * FROM {KEPT}.journeys SEMI JOIN touched_persons USING (person_id)"
                changed = f"SELECT COUNT(*) FROM (SELECT * FROM journeys EXCEPT {was})"
                night.changed_journey_count += int(engine.value(changed))
            for name in names:
                if not is_all:
                    night.runs.replace(engine, name, "SELECT person_id FROM touched_persons")
                night.runs.write(engine, name, f"SELECT * FROM {name}")
    rebuild_account_journeys(night, as_of_us=as_of_us)
