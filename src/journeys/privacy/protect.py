"""A landed file -> a protected one: what is written again is all that is ever kept of a row."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from journeys.errors import ModelError
from journeys.privacy.consent import NO_CONSENT, consent_sql
from journeys.privacy.key import read_key
from journeys.privacy.rows import RowRewriter
from journeys.privacy.statement import RowPlan, plan_rows, protect_sql
from journeys.privacy.suppression import drop_suppressed, open_suppression
from journeys.privacy.token import PADS, Tokens
from journeys.sources.bookmark import Bookmark
from journeys.sources.identifiers import repair_identifiers
from journeys.sources.pull import PullReport, pull_source
from journeys.warehouse import Engine, copy_sql, quote_text

if TYPE_CHECKING:
    from journeys.config import Settings, Source

_ROWS = "landed_rows"
_FUNCTION = "protect_document"
_TYPES = ("VARCHAR", "BOOLEAN", "BOOLEAN", "BOOLEAN", "VARCHAR")


@dataclass(frozen=True)
class ProtectReport:
    """What was protected in the rows of one source.

    Attributes:
        source: its name.
        row_count: rows read and written; protection neither adds nor loses one.
        pseudonymised_count: rows in which a personal value became a token, or a column was dropped.
        scrubbed_count: rows in whose texts something was found and replaced.
        no_consent_count: rows kept as rejects without their content.
        anonymised_count: rows whose identifiers were taken away for want of consent.
        seconds: time it took.
    """

    source: str
    row_count: int = 0
    pseudonymised_count: int = 0
    scrubbed_count: int = 0
    no_consent_count: int = 0
    anonymised_count: int = 0
    seconds: float = 0.0

    def describe(self) -> str:
        """Say in a few words how many rows were protected in which way; '' when none was."""
        counts = {
            "pseudonymised": self.pseudonymised_count,
            "scrubbed": self.scrubbed_count,
            "without consent": self.no_consent_count,
            "anonymised": self.anonymised_count,
        }
        return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def pull_protected(  # noqa: PLR0913 - what a pull takes
    source: Source,
    settings: Settings,
    *,
    folder: Path,
    loaded_at_us: int,
    bookmark: Bookmark | None = None,
    known_rows: Path | None = None,
) -> PullReport:
    """Pull what is new of a source into `folder/<name>.parquet`, its rows protected as [privacy] says.

    Rows in clear text stand only in a file of a folder of their own, which is gone when this returns or fails.

    Args:
        source: what to read.
        settings: project, folder of the configuration, privacy.
        folder: where to write; is made when missing.
        loaded_at_us: time of this run, microseconds since 1970 UTC.
        bookmark: where the pull before has ended.
        known_rows: what the pull before has left, of a source that tracks changes.

    Raises:
        SourceError: the source cannot be read.
        PrivacyError: there is no key.
        ModelError: DuckDB failed, or a row is missing.
    """
    pulled = _pull(source, settings, folder=folder, loaded_at_us=loaded_at_us, last=(bookmark, known_rows))
    suppression = open_suppression(settings)
    landed = folder / f"{source.name}.parquet"
    if not suppression.digests or not landed.exists():
        return pulled
    count = drop_suppressed(landed, settings, suppression)
    note = f"{count:,} rows of forgotten persons left out" if count else ""
    return replace(pulled, protection=", ".join(filter(None, (pulled.protection, note))))


def _pull(
    source: Source, settings: Settings, *, folder: Path, loaded_at_us: int, last: tuple[Bookmark | None, Path | None]
) -> PullReport:
    pull_into = partial(
        pull_source,
        source,
        settings.project,
        settings_folder=settings.folder,
        loaded_at_us=loaded_at_us,
        bookmark=last[0],
        known_rows=last[1],
    )
    if not settings.privacy.is_used:
        return pull_into(folder=folder)
    if settings.privacy.needs_key:
        read_key(settings.privacy)
    clear = folder / f".clear-{source.name}"
    shutil.rmtree(clear, ignore_errors=True)
    try:
        pulled = pull_into(folder=clear)
        name = f"{source.name}.parquet"
        if not (clear / name).exists():  # nothing new
            return pulled
        folder.mkdir(parents=True, exist_ok=True)
        if pulled.known_rows:  # keys, tracked values and cursors; whole rows only with `deleted_event`, refused here
            pulled = replace(pulled, known_rows=pulled.known_rows.replace(folder / pulled.known_rows.name))
        report = protect_rows(clear / name, folder / name, source, settings)
    finally:
        shutil.rmtree(clear, ignore_errors=True)
    if report.row_count != pulled.row_count:
        raise ModelError(
            "privacy-rows",
            f"source {source.name!r}: protection has not kept every row",
            found=f"{report.row_count:,} of {pulled.row_count:,} rows",
            do="report this; nothing was published",
        )
    return replace(pulled, seconds=pulled.seconds + report.seconds, protection=report.describe())


def fingerprint_protection(settings: Settings) -> str:
    """Return a text that changes when rows are protected otherwise; '' where they are not protected."""
    if not settings.privacy.is_used:
        return ""
    told = settings.content()
    return json.dumps([told["privacy"], told["identity"]["phone_region"]], sort_keys=True)


def protect_rows(landed: Path, target: Path, source: Source, settings: Settings) -> ProtectReport:
    """Write the landed rows of a source again, as they may be kept.

    Every row is written once, in columns of schema.LANDED_COLUMNS. The same rows and key give the same rows, so that
    what was pulled twice is known again. Rows stream through the database; only what may have to change leaves it.

    Args:
        landed: Parquet file as `pull_source` writes it.
        target: file to write; an older one is replaced at once when all is done.
        source: its mapping says which columns are which identifiers.
        settings: what is personal, the key's name, how identifiers are made alike.

    Raises:
        PrivacyError: there is no key.
        ModelError: DuckDB failed; nothing was written.
    """
    started = time.perf_counter()
    tokens = Tokens(read_key(settings.privacy), settings.identity) if settings.privacy.needs_key else None
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    with Engine(memory_limit=settings.warehouse.memory_limit) as engine:
        try:
            engine.run("SET preserve_insertion_order = false")
            # What does not fit into memory stays where an interrupted run is cleaned up.
            engine.run(f"SET temp_directory = {quote_text(str(landed.parent / '.spill'))}")
            report = _write(engine, plan_rows(source, settings, tokens), landed, unfinished)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return replace(report, seconds=time.perf_counter() - started)


def _write(engine: Engine, plan: RowPlan, landed: Path, unfinished: Path) -> ProtectReport:
    read = f"read_parquet({quote_text(str(landed))})"
    engine.run(f"CREATE VIEW {_ROWS} AS {consent_sql(plan.settings.privacy, plan.source, read)}")
    if plan.tokens is not None:
        inner, outer = plan.tokens.key.pads()
        engine.load(PADS, pa.table({"ipad": pa.array([inner], pa.binary()), "opad": pa.array([outer], pa.binary())}))
    engine.run(f"CREATE VIEW given_identifiers AS {plan.given_sql(_ROWS)}")
    repair_identifiers(engine, plan.identity)
    changed = plan.texts.find_changes(engine, _ROWS)
    rewriter = RowRewriter(plan)
    with engine.lend_function(_FUNCTION, _TYPES, rewriter.rewrite):
        select = protect_sql(plan, _ROWS, function=_FUNCTION, changed=changed)
        engine.run(copy_sql(select, unfinished))
    written = f"read_parquet({quote_text(str(unfinished))})"
    row_count = engine.value(f"SELECT COUNT(*) FROM {written}")
    rejected = f"SELECT COUNT(*) FROM {written} WHERE unreadable = {quote_text(NO_CONSENT)}"
    return ProtectReport(
        plan.source.name,
        row_count,
        rewriter.pseudonymised_count,
        rewriter.scrubbed_count,
        engine.value(rejected) if plan.settings.privacy.consent is not None else 0,
        rewriter.anonymised_count,
    )
