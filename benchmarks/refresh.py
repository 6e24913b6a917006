"""What a night costs beside a rebuild: 1 % new events on many stored ones, from landed rows to journeys.

Usage: python benchmarks/refresh.py [EVENTS] [MEMORY] [accounts]   (default 50,000,000 and 2GB; seeded)

Events are made in DuckDB: about 19 a person in a few visits, 60 names, a tenth of the gaps ties, a third of the
persons log in, one in fifty has two devices. The new events belong to 2 % of the persons; some are late. The stages are
those of the nightly flow, without Prefect, the pull, the insights and the report. Each night has a process of its own,
so that peak memory is its own; then everything is rebuilt from the stored rows, and every fingerprint of the night must
be the rebuild's.

Seen on 2 cores with other work beside it, DuckDB held to 2 GB: 10,008,995 events built in 147 s; 1 % more in 7.8 s
(716 MB at the peak), 21 times cheaper than the rebuild's 166 s; 41,664,106 events built in 782 s (2.4 GB at the peak).
49,974,527 events, both cores more than busy with other work: built in 1,124 s (2.4 GB at the peak), 1 % more in 23.6 s
(2.2 GB), the rebuild 2,426 s, every kept table equal. The other work weighs on the rebuild more than on the night;
beside the first build the night is 48 times cheaper. The process stands 0.2 to 0.4 GB above DuckDB's own limit.
With `accounts` a third of the persons are in an address book, half of those at the domain of a company of about ten.
1,015,728 events, 1 % more, medians of three nights each by turns with much other work beside them: accounts, journeys
and the finish took 2.7 s of the night's 9.3 s; when accounts were worked out for everybody each night, 9.2 s of 16.2 s.
That is 3.4 times cheaper for them and 1.8 times for the night. An account is worked out whole where one of its persons
is touched: 2 % of the persons touch about a fifth of such companies.
A night is bound by reading a few columns of all stored rows to find those of the touched units; a rebuild by judging
rows, and by cutting streams into visits and sessions.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from journeys.config import load_settings
from journeys.nights import (
    add_rows,
    finish_tables,
    open_night,
    plan_night,
    rebuild_journeys,
    resolve_persons,
)
from journeys.nights.accounts import rebuild_accounts
from journeys.nights.streams import rebuild_streams
from journeys.paths.journeys import find_as_of
from journeys.report.publication import complete_manifest, describe_run
from journeys.sources import Pulled, add_load, commit, open_store, pull_source
from journeys.warehouse import begin_snapshot, find_current, publish

EVENTS, MEMORY, SEED = 50_000_000, "2GB", 7
NEW_SHARE, PERSONS_TOUCHED, PER_PERSON = 0.01, 0.02, 19.0
CONFIG = """
[project]
name = "Benchmark"
[warehouse]
path = "warehouse"
memory_limit = "{memory}"
[[source]]
name = "web"
kind = "file"
path = "data/*.parquet"
[source.columns]
event_id = "event_id"
occurred_at = "occurred_at"
device_id = "device_id"
user_id = "user_id"
event = "event"
url = "url"
[[touchpoint]]
name = "Product page"
stage = "consideration"
match = {{ event = ["event_1", "event_2", "event_3"] }}
[[touchpoint]]
name = "Cart"
stage = "purchase"
match = {{ event = ["event_4", "event_5"] }}
[[touchpoint]]
name = "Landing"
stage = "awareness"
match = {{ event = ["event_6", "event_7", "event_8", "event_9"] }}
[[goal]]
name = "purchase"
match = {{ event = "event_10" }}
"""
ACCOUNTS = """
[[source]]
name = "contacts"
kind = "file"
holds = "contacts"
path = "contacts/*.parquet"
[source.columns]
occurred_at = "updated_at"
user_id = "user_id"
account_id = "company"
[source.identifiers]
email = "email"
"""
# One row per event of persons with p % $of = $rest (all where $of is 1); u(k) is a seeded number from 0 to 1.
MAKE = """
    COPY (
      WITH people AS (
        SELECT p, greatest(1, least(400, CAST(exp(2.55
          + 1.05 * sqrt(-2 * ln(1e-9 + hash(p, {seed}, 1) / 18446744073709551616.0))
          * cos(6.2831853 * (hash(p, {seed}, 2) / 18446744073709551616.0))) AS INTEGER))) AS n
        FROM range({low}, {high}, {step}) AS t (p)
      ),
      listed AS (SELECT p, n, unnest(range({start}, {count})) AS i FROM people)
      SELECT 'e' || p || '-' || i AS event_id,
        make_timestamp(CAST(1735689600000000 + (hash(p, {seed}, 3) % 15552000) * 1000000
          + {offset} + (i // 6) * (86400000000 + hash(p, i // 6, 4) % 500000000000)
          + (i % 6) * 1000000 * (CASE WHEN hash(p, i, 5) % 8 = 0 THEN 0 ELSE 20 + hash(p, i // 6, 6) % 60 END)
          AS BIGINT))
          AS occurred_at,
        'd' || p || CASE WHEN p % 50 = 0 AND i % 2 = 1 THEN 'b' ELSE '' END AS device_id,
        CASE WHEN p % 3 = 0 AND i % 4 = 3 THEN 'u' || p END AS user_id,
        'event_' || CAST(1 + least(59, -9 * ln(1e-9 + hash(p, i, 7) / 18446744073709551616.0)) AS INTEGER) AS event,
        'https://shop.example/' || (hash(p, i, 8) % 1000) || '?utm_source=s' || (hash(p, i // 6) % 20)
          || '&utm_medium=cpc' AS url
      FROM listed
    ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""

# Who logs in is in the address book: half with a private mailbox, the others at the domain of one of {companies}, which
# is named for one person in ten; {moves} makes it another company.
MAKE_CONTACTS = """
    COPY (
      SELECT 'u' || p AS user_id, make_timestamp(CAST({at} + (hash(p, {seed}, 9) % 15552000) * 1000000 AS BIGINT))
          AS updated_at,
        CASE WHEN p % 10 = 0 THEN 'company ' || ((p // 60 + {moves}) % {companies}) END AS company,
        'u' || p || '@'
          || CASE WHEN p % 2 = 0 THEN 'c' || ((p // 60 + {moves}) % {companies}) || '.example' ELSE 'gmail.com' END
          AS email
      FROM range(0, {high}, {step}) AS t (p) WHERE p % 3 = 0
    ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


def make_events(folder: Path, events: int) -> None:
    """Write `old.parquet` with the stored events, and `new.parquet` with 1 % more of some of the same persons."""
    folder.mkdir(parents=True)
    persons = int(events / PER_PERSON)
    with duckdb.connect() as connection:
        old = {"seed": SEED, "low": 0, "high": persons, "step": 1, "start": 0, "count": "n", "offset": 0}
        connection.execute(MAKE.format(**old, path=folder / "old.parquet"))
        step = round(1 / PERSONS_TOUCHED)
        each = max(1, round(events * NEW_SHARE / (persons / step)))
        new = {**old, "step": step, "start": "n", "count": f"n + {each}"}
        connection.execute(MAKE.format(**new, path=folder / "new.parquet.later"))


def make_contacts(folder: Path, events: int) -> None:
    """Write `old.parquet` with an address book, and `new.parquet` where some have changed the company."""
    folder.mkdir(parents=True)
    persons = int(events / PER_PERSON)
    book = {"seed": SEED, "high": persons, "companies": max(10, persons // 60)}
    with duckdb.connect() as connection:
        old = {**book, "step": 1, "moves": 0, "at": 1735689600000000}
        connection.execute(MAKE_CONTACTS.format(**old, path=folder / "old.parquet"))
        new = {**book, "step": 10 * round(1 / PERSONS_TOUCHED), "moves": 1, "at": 1751241600000000}
        connection.execute(MAKE_CONTACTS.format(**new, path=folder / "new.parquet.later"))


def run_night(config: Path, *, full: bool) -> dict[str, Any]:
    """Pull, then time the stages of one night; publish it."""
    settings = load_settings(config)
    warehouse = settings.warehouse.path
    started_at = datetime.now(UTC)
    store = open_store(warehouse)
    landing = warehouse / "landing"
    loaded_at_us = int(started_at.timestamp() * 1e6)
    pulled = {
        source.name: pull_source(source, settings.project, folder=landing, settings_folder=settings.folder,
                                 loaded_at_us=loaded_at_us, bookmark=store.bookmark(source.name))
        for source in settings.sources
    }  # fmt: skip
    landed = {path.stem: path for path in landing.glob("*.parquet")}
    store = commit(add_load(store, Pulled(landed, pulled, loaded_at_us)))
    shutil.rmtree(landing, ignore_errors=True)
    previous = find_current(warehouse)
    plan = plan_night(settings, store, previous, full=full)
    manifest = describe_run(settings, started_at=started_at, last_load=store.last_load, stages=plan.stages)
    seconds: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        seconds[name] = time.perf_counter() - clock
        clock = time.perf_counter()

    with begin_snapshot(warehouse, manifest.snapshot_id, plan.base) as folder:
        with open_night(settings, folder, plan, before=previous) as night:
            add_rows(night, store.list_files(after=plan.last_load))
            lap("events")
            resolve_persons(night, snapshot_id=manifest.snapshot_id, changed_at=started_at)
            lap("persons")
            rebuild_streams(night)
            lap("sessions")
            rebuild_accounts(night)
            lap("accounts")
            as_of_us = find_as_of(night.engine, settings)
            rebuild_journeys(night, as_of_us=as_of_us)
            lap("journeys")
            finish_tables(night, as_of_us=as_of_us)
            lap("finish")
            manifest = complete_manifest(manifest, night, as_of_us=as_of_us)
        publish(warehouse, manifest, keep=1)
    return {
        "seconds": seconds,
        "total": sum(seconds.values()),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "events": night.runs.listings["accepted_rows"].row_count,
        "fingerprints": {name: listing.fingerprint for name, listing in night.runs.listings.items()},
        "stored_mb": sum(path.stat().st_size for path in (warehouse / "snapshots").rglob("*.parquet")) / 1e6,
    }


def in_own_process(config: Path, kind: str) -> dict[str, Any]:
    """Run one night in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--night", str(config), kind], check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(events: int, memory: str, *, has_accounts: bool) -> None:
    """Build, add a night, rebuild; print what each took."""
    with tempfile.TemporaryDirectory(prefix="journeys-refresh-") as name:
        folder = Path(name)
        config = folder / "journeys.toml"
        config.write_text(CONFIG.format(memory=memory) + (ACCOUNTS if has_accounts else ""), encoding="utf-8")
        make_events(folder / "data", events)
        if has_accounts:
            make_contacts(folder / "contacts", events)
        results = {"first build": in_own_process(config, "night")}
        show("first build", results["first build"])
        for later in folder.glob("*/new.parquet.later"):
            later.rename(later.with_suffix(""))
        for title, kind in (("night, 1 % new", "night"), ("rebuild", "full")):
            results[title] = in_own_process(config, kind)
            show(title, results[title])
    night, rebuild = results["night, 1 % new"], results["rebuild"]
    assert night["fingerprints"] == rebuild["fingerprints"], "the night differs from the rebuild"
    print(
        f"every kept table equal; the night is {rebuild['total'] / night['total']:.1f} times cheaper than the rebuild"
    )


def show(title: str, result: dict[str, Any]) -> None:
    """Print one line."""
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in result["seconds"].items())
    print(f"{title:<15} {result['events']:>12,} events {result['total']:>8.1f} s ({stages}), "
          f"peak {result['peak_mb']:,.0f} MB, kept tables {result['stored_mb']:,.0f} MB", flush=True)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--night"]:
        print(json.dumps(run_night(Path(sys.argv[2]), full=sys.argv[3] == "full")))
    else:
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS,
            sys.argv[2] if len(sys.argv) > 2 else MEMORY,
            has_accounts=sys.argv[3:4] == ["accounts"],
        )
