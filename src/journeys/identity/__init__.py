"""Events -> persons and accounts. The rule: an event's own user, else the only user its device ever had."""

from __future__ import annotations

from collections.abc import Callable

from journeys.warehouse import BuiltTable, Engine, build

IDENTITY_TABLES = ("event_persons", "identifiers", "person_identifiers", "persons", "accounts", "person_accounts")

IDENTITY_WORDS = (
    "A person is one known user with every device that never had another user; the events of such a device before the "
    "first log-in are the user's too. A device with several users is a person of its own for its anonymous events. "
    "Empty values, 'undefined', 'null' and the like never identify anybody."
)


def build_persons(
    engine: Engine, *, stepwise: bool = False, report: Callable[[BuiltTable], None] | None = None
) -> None:
    """Work out who did each event: the tables of `sql/2_identity` from `events`."""
    build(engine, ["device_users", *IDENTITY_TABLES], stepwise=stepwise, report=report)
