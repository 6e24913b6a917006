"""Events -> persons and accounts: who is who, worked out each time from the evidence, never stored as a merge.

Identifiers that stood on one row are linked; guards keep out values that never identify, devices of several people and
hubs; what hangs together is a person, unless that would be more identifiers than one person has; overrides have the
last word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from journeys.identity.accounts import build_accounts
from journeys.identity.alarm import find_large_persons
from journeys.identity.components import find_components
from journeys.identity.evidence import load_no_overrides, load_overrides
from journeys.identity.limits import apply_limits
from journeys.warehouse import BuiltTable, Engine, build

if TYPE_CHECKING:
    from journeys.config import Settings

RULE_WORDS = {
    "device_split": "on a device of several people, an event that names nobody is of whoever was last known in the "
    "same visit, else of whoever is known next in it, else of the device alone",
    "last_known": "a device of several people belongs, with all its events, to whoever was last known on it",
    "first_known": "on a device of several people, an event that names nobody is of whoever was first known on it",
    "none": "nothing is linked: each event is of the strongest identifier it carries",
}
RULES = tuple(RULE_WORDS)

_EVIDENCE_TABLES = ("identifiers", "identity_edges")
_LINK_TABLES = ("numbered_identifiers", "candidate_links", "owned_devices")
_PERSON_TABLES = ("person_components", "person_identifiers", "identity_refusals")
# Only needed to make the others.
_INNER_TABLES = ("numbered_identifiers", "candidate_links", "components", "cut_components", "owned_devices",
                 "person_components", "refused_links", "must_groups")  # fmt: skip

Report = Callable[[BuiltTable], None]


def describe_rule(rule: str) -> str:
    """Say in one sentence who counts as one person under a rule."""
    if rule == "none":
        return f"A person is one identifier: {RULE_WORDS[rule]}."
    return (
        "A person is what identifiers seen together on a row belong to, within the limits per person; values that "
        f"never identify, shared devices and hubs link nobody; {RULE_WORDS[rule]}."
    )


def build_persons(  # noqa: PLR0913 - what all rules of who is who depend on
    engine: Engine,
    settings: Settings,
    *,
    rule: str | None = None,
    links_since_us: int | None = None,
    stepwise: bool = False,
    report: Report | None = None,
) -> None:
    """Work out who did each event, and for which company: the tables of `sql/2_identity`.

    Args:
        engine: holds `events`, `contact_rows`, `row_identifiers`, `blocked_identifiers`, `visit_events` and
            `identifier_kinds`.
        settings: identifier kinds, limits, overrides.
        rule: one of `RULES`; the configured one if none is given.
        links_since_us: links that were last seen before are no evidence; none takes all.
        stepwise: leave inner steps as tables.
        report: called after each table.
    """
    chosen = rule or settings.identity.rule
    gather_evidence(engine, settings, rule=chosen, stepwise=stepwise, report=report)
    forget_links(engine, links_since_us)
    find_guarded(engine, settings, rule=chosen, stepwise=stepwise, report=report)
    join_identifiers(engine, rule=chosen, stepwise=stepwise, report=report)
    build(engine, ["event_persons", "persons"], parameters={"rule": chosen}, stepwise=stepwise, report=report)
    find_large_persons(engine, alarm_size=settings.identity.alarm_size)
    build_accounts(engine, settings, stepwise=stepwise, report=report)
    drop_inner(engine)


def gather_evidence(
    engine: Engine, settings: Settings, *, rule: str, stepwise: bool = False, report: Report | None = None
) -> None:
    """Add up what rows say of identifiers: `identifiers`, `identity_edges`, and the overrides as tables."""
    if rule == "none":
        load_no_overrides(engine)
    else:
        load_overrides(engine, settings)
    build(engine, _EVIDENCE_TABLES, stepwise=stepwise, report=report)


def forget_links(engine: Engine, since_us: int | None) -> None:
    """Take the links that were last seen before a time out of `identity_edges`; none takes out nothing."""
    if since_us is not None:
        engine.run(f"DELETE FROM identity_edges WHERE last_seen_us < {since_us}")


def find_guarded(
    engine: Engine, settings: Settings, *, rule: str, stepwise: bool = False, report: Report | None = None
) -> None:
    """Find the identifiers of many people among the ends of `identity_edges`: `guarded_identifiers`."""
    parameters = {"is_linked": rule != "none", "hub_degree": settings.identity.hub_degree}
    build(engine, ["guarded_identifiers"], parameters=parameters, stepwise=stepwise, report=report)


def join_identifiers(engine: Engine, *, rule: str, stepwise: bool = False, report: Report | None = None) -> None:
    """Work out which of `identifiers` are one person's: `person_identifiers` and `identity_refusals`.

    Leaves the inner tables, among them `components` and `owned_devices`, for `drop_inner`.
    """
    parameters = {"rule": rule, "is_linked": rule != "none"}
    build(engine, _LINK_TABLES, parameters=parameters, stepwise=stepwise, report=report)
    find_components(engine, "candidate_links")
    apply_limits(engine)
    build(engine, _PERSON_TABLES, stepwise=stepwise, report=report)


def drop_inner(engine: Engine) -> None:
    """Drop the tables that were only needed to make the others."""
    for name in _INNER_TABLES:
        engine.run(f"DROP TABLE {name}")
