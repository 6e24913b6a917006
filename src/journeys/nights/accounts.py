"""Accounts of a night: where there are any, for all persons, since one row can name the account of a whole domain."""

from __future__ import annotations

from journeys.identity.accounts import ACCOUNT_TABLES, build_accounts
from journeys.nights.night import Night, kept
from journeys.warehouse import Engine, quote_text
from journeys.warehouse.runs import KEPT

_COLUMNS = "event_id, occurred_at_us, device_id, user_id, known_kind, known_value, account_id"


def rebuild_accounts(night: Night) -> None:
    """Write the tables of accounts, `event_accounts` among them.

    Args:
        night: the snapshot being made, its streams rebuilt.
    """
    with night.engine.scratch() as engine:
        is_there = "TRUE" if _has_accounts(night, engine) else "FALSE"
        engine.show("events", kept("accepted_rows", f"is_event AND {is_there}", _COLUMNS))
        engine.show("contact_rows", kept("accepted_rows", f"NOT is_event AND {is_there}", _COLUMNS))
        engine.show("row_identifiers", kept("row_identifiers", is_there))
        engine.show("event_persons", kept("stream_events", is_there, "event_id, person_id"))
        engine.show("person_identifiers", kept("person_identifiers", is_there))
        build_accounts(engine, night.settings)
        for name in ACCOUNT_TABLES:
            engine.run(f"CREATE OR REPLACE TABLE main.{name} AS SELECT * FROM temp.{name}")


def _has_accounts(night: Night, engine: Engine) -> bool:
    """Say whether a source names an account, or an address could."""
    if engine.value(f"SELECT COUNT(*) FROM (SELECT 1 FROM {KEPT}.accepted_rows WHERE account_id IS NOT NULL LIMIT 1)"):
        return True
    identity = night.settings.identity
    kinds = [quote_text(kind.name) for kind in identity.kinds if kind.format == "email" and identity.account_domains]
    mails = f"SELECT 1 FROM {KEPT}.identifiers WHERE identifier_kind IN ({', '.join(kinds) or 'NULL'}) LIMIT 1"
    return bool(engine.value(f"SELECT COUNT(*) FROM ({mails})"))
