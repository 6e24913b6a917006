"""Touched persons -> accounts: whom sources name, what domains stand for, and which company each event counts for.

What an e-mail domain stands for depends on everybody who writes from it, and a person without a named account on what
their domains stand for. So the evidence of the touched persons is gathered first, then their domains are judged by all
persons in them, and where a domain stands for another account than it did, whoever writes from it is touched, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.identity.accounts import lend_mail_rules
from journeys.nights.night import Night, kept
from journeys.warehouse import Engine, build
from journeys.warehouse.runs import KEPT

_KEY = "identifier_kind, identifier_value"
_TOUCHED = "touched_account_persons"


def rebuild_accounts(night: Night) -> None:
    """Bring the tables of accounts up to date, all but their journeys; touches the accounts of the touched persons.

    Args:
        night: the snapshot being made, its streams rebuilt.
    """
    with night.engine.scratch() as engine:
        if not night.rebuild.streams:
            _touch_persons(night, engine)
        _keep_evidence(night, engine)
        _judge_domains(night, engine)
        _keep_persons(night, engine)
        _keep_accounts(night, engine)


def _touch_persons(night: Night, engine: Engine) -> None:
    """Touch whoever was touched, and whose identifiers stand on new rows: those of an address book have no stream.

    Keeps in `touched_domains` from which domains they have written.
    """
    on_rows = f"SELECT person_id FROM {KEPT}.person_identifiers SEMI JOIN touched_identifiers USING ({_KEY})"
    night.touch(engine, _TOUCHED, f"SELECT person_id FROM touched_persons UNION {on_rows}")
    engine.save("touched_domains", f"SELECT DISTINCT domain FROM {KEPT}.person_domains {_own()}")


def _own() -> str:
    return f"SEMI JOIN {_TOUCHED} USING (person_id)"


def _split(night: Night) -> Iterator[str]:
    return night.split("person_id", _TOUCHED, is_all=night.rebuild.streams, table="stream_events")


def _replace(night: Night, engine: Engine, name: str, units: str) -> None:
    """Write what was built of a table in the place of what was kept of these units."""
    if not night.rebuild.streams:
        night.runs.replace(engine, name, units)
    night.runs.write(engine, name, f"SELECT * FROM {name}")


def _keep_evidence(night: Night, engine: Engine) -> None:
    """Bring `person_domains` and `source_accounts` up to date."""
    for where in _split(night):
        columns = "event_id, occurred_at_us, known_kind, known_value, device_id, account_id"
        engine.save("person_identifiers", kept("person_identifiers", where))
        engine.show("events", kept("accepted_rows", "is_event AND account_id IS NOT NULL", columns))
        engine.show("contact_rows", kept("accepted_rows", "NOT is_event AND account_id IS NOT NULL", columns))
        engine.show("event_persons", kept("stream_events", where, "event_id, person_id"))
        with lend_mail_rules(engine, night.settings):
            build(engine, ["person_domains", "source_accounts"])
        for name in ("person_domains", "source_accounts"):
            _replace(night, engine, name, f"SELECT person_id FROM {_TOUCHED}")


def _judge_domains(night: Night, engine: Engine) -> None:
    """Bring `account_domains` up to date, and touch the persons of domains that stand for another account now."""
    if night.rebuild.streams:
        for name in ("person_domains", "source_accounts", "row_identifiers"):
            engine.show(name, f"SELECT * FROM {KEPT}.{name}")
        build(engine, ["account_domains"])
        _replace(night, engine, "account_domains", "")
        return
    engine.run(f"INSERT INTO touched_domains SELECT domain FROM {KEPT}.person_domains {_own()}")
    engine.save("person_domains", f"SELECT * FROM {KEPT}.person_domains SEMI JOIN touched_domains USING (domain)")
    engine.save("row_identifiers", f"SELECT * FROM {KEPT}.row_identifiers SEMI JOIN person_domains USING ({_KEY})")
    named = "person_id IN (SELECT person_id FROM person_domains) OR event_id IN (SELECT event_id FROM row_identifiers)"
    engine.save("source_accounts", kept("source_accounts", named))
    build(engine, ["account_domains"])
    former = (
        f"SELECT domain, account_id AS former_id FROM {KEPT}.account_domains SEMI JOIN touched_domains USING (domain)"
    )
    engine.save(
        "changed_domains",
        f"""
        SELECT domain FROM account_domains FULL JOIN ({former}) AS former USING (domain)
        WHERE account_id IS DISTINCT FROM former_id
        """,
    )
    night.touch(engine, _TOUCHED, "SELECT person_id FROM person_domains SEMI JOIN changed_domains USING (domain)")
    _replace(night, engine, "account_domains", "SELECT domain FROM touched_domains")


def _keep_persons(night: Night, engine: Engine) -> None:
    """Bring `account_changes`, `event_accounts` and `person_accounts` up to date, and touch the accounts in them."""
    for where in _split(night):
        _find_sightings(engine, where)
        # An event that names an account is one of `source_accounts`.
        engine.save(
            "events",
            f"""
            SELECT stream_events.event_id, stream_events.person_id, stream_events.occurred_at_us, account_id
            FROM (SELECT * FROM {KEPT}.stream_events SEMI JOIN account_changes USING (person_id)) AS stream_events
            LEFT JOIN source_accounts ON source_accounts.event_id = stream_events.event_id
            """,
        )
        engine.show("event_persons", "SELECT event_id, person_id FROM events")
        build(engine, ["event_accounts", "person_accounts"])
        if not night.rebuild.streams:
            accounts = f"SELECT account_id FROM person_accounts UNION {kept('person_accounts', where, 'account_id')}"
            night.touch(engine, "touched_accounts", accounts)
        for name in ("account_changes", "event_accounts", "person_accounts"):
            _replace(night, engine, name, f"SELECT person_id FROM {_TOUCHED}")


def _find_sightings(engine: Engine, where: str) -> None:
    """Write `account_sightings` and `account_changes` of some persons, and their `source_accounts`."""
    engine.save("source_accounts", kept("source_accounts", where))
    engine.save(
        "person_domains",
        f"{kept('person_domains', where)} AND person_id NOT IN (SELECT person_id FROM source_accounts)",
    )
    engine.save("account_domains", f"SELECT * FROM {KEPT}.account_domains SEMI JOIN person_domains USING (domain)")
    engine.save("row_identifiers", f"SELECT * FROM {KEPT}.row_identifiers SEMI JOIN person_domains USING ({_KEY})")
    carries = """
        event_id IN (SELECT event_id FROM row_identifiers)
        OR user_id IN (SELECT identifier_value FROM person_domains WHERE identifier_kind = 'user_id')
    """
    carrying = carries if engine.row_count("person_domains") else "FALSE"
    engine.save("mailed", kept("accepted_rows", carrying, "event_id, occurred_at_us, user_id, is_event"))
    engine.show("events", "SELECT * FROM mailed WHERE is_event")
    engine.show("contact_rows", "SELECT * FROM mailed WHERE NOT is_event")
    build(engine, ["account_sightings", "account_changes"])


def _keep_accounts(night: Night, engine: Engine) -> None:
    """Bring `accounts` up to date from all persons of the touched ones."""
    own = "" if night.rebuild.streams else "SEMI JOIN touched_accounts USING (account_id)"
    engine.save("person_accounts", f"SELECT * FROM {KEPT}.person_accounts {own}")
    build(engine, ["accounts"])
    _replace(night, engine, "accounts", "SELECT account_id FROM touched_accounts")
