"""After a whole refresh nobody's clear text is in any byte of the warehouse, and no count has moved."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from journeys.cli import commands
from journeys.config import load_settings
from journeys.errors import JourneysError
from journeys.privacy import protect_value
from journeys.sample.company import write_company
from journeys.sample.parameters import CompanyParameters

KEY = "the key of these tests, long enough to be one"
MAIL, PHONE, CARD = "Zenta.Planted@planted.example", "+371 29 876 543", "4111 1111 1111 1111"
CLEAR = ("zenta.planted", "zenta%2eplanted", "29 876 543", "29876543", "29%20876%20543", CARD, "4111111111111111",
         "4111-1111", "planted-user-77", "Zenta Secret")  # fmt: skip
PRIVACY = """
[privacy]
personal = ["email", "phone", "user_id", "contact_id", "device_id"]
personal_columns = ["full_name"]
scrub = true
"""
COUNTED = ("events", "rejected_events", "persons", "person_identifiers", "identifiers", "accounts", "person_accounts",
           "sessions", "journeys", "touchpoints", "identity_refusals", "blocked_identifiers", "event_accounts",
           "transitions", "contact_rows")  # fmt: skip


def plant(folder: Path) -> None:
    """Plant one person in every kind of source."""
    log = sorted((folder / "data" / "web").glob("*.jsonl"))[-1]
    event = json.loads(log.read_text("utf-8").splitlines()[-1])
    planted = [
        event | {"event_id": "planted-1", "user_id": "planted-user-77", "full_name": "Zenta Secret",
                 "url": "https://shop.example/product/1?utm_source=zenta.planted%40planted.example&card=4111+1111+1111+1111"},
        event | {"event_id": "planted-2", "nested": {"a": [{"mail": MAIL, "text": f"call {PHONE}, {CARD}"}]}},
        event | {"event_id": "planted-3", "referrer": "https://mail.example/?to=ZENTA.PLANTED@planted.example&tel=%2B371%2029%20876%20543"},
        event | {"event_id": "planted-4", "name": f"mail {MAIL}", "payload": '{"user_id": "planted-user-77"}'},
        event | {"event_id": "planted-5", "occurred_at": f"at {MAIL}"},
    ]  # fmt: skip
    broken = f'{{"event_id": "planted-6", "mail": "{MAIL}", "text": "{PHONE} {CARD}", "user_id": "planted-user-77"'
    log.write_text(log.read_text("utf-8") + "".join(json.dumps(row) + "\n" for row in planted) + broken + "\n", "utf-8")
    ticket = {"ticket_id": "t-planted", "opened_at": "2026-04-16T12:49:11Z", "user_id": "planted-user-77",
              "email": f"  {MAIL.upper()} ", "text": f"{MAIL} {PHONE} card 4111-1111-1111-1111"}  # fmt: skip
    with (folder / "data" / "tickets.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(ticket) + "\n")
    with closing(sqlite3.connect(folder / "data" / "crm.sqlite")) as connection, connection:
        connection.execute("UPDATE contacts SET email = ? WHERE contact_id = 1", (MAIL,))
        connection.execute("UPDATE activities SET subject = ?", (f"call {MAIL} {PHONE}",))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, refresh: Callable[..., Any]) -> Iterator[dict[str, Path]]:
    """The planted company, refreshed as it is and protected: the folders of both warehouses, and the configuration."""
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, CompanyParameters(person_count=60))
    plant(folder)
    text = (folder / "journeys.toml").read_text("utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNEYS_PRIVACY_KEY", KEY)
        for name, section in (("plain", ""), ("private", PRIVACY)):
            here = text.replace('"warehouse"', f'"{name}"').replace('"report.html"', f'"{name}/report.html"')
            (folder / f"{name}.toml").write_text(here + section, "utf-8")
            refresh(folder / f"{name}.toml")
        yield {name: folder / name for name in ("plain", "private")} | {"folder": folder}


def read_everything(warehouse: Path) -> Iterator[tuple[str, str]]:
    """Yield every file's bytes as text, and every column of every table in databases and Parquet files."""
    for root, _, names in os.walk(warehouse):
        for path in (Path(root) / name for name in names):
            yield str(path), path.read_bytes().decode("latin-1")
            if path.suffix == ".parquet":
                with duckdb.connect() as connection:
                    yield str(path), str(connection.execute(f"SELECT * FROM '{path}'").fetchall())
            if path.suffix == ".duckdb":
                with duckdb.connect(str(path), read_only=True) as connection:
                    tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
                    for schema, table in tables:
                        yield f"{path} {table}", str(connection.execute(f'SELECT * FROM {schema}."{table}"').fetchall())


def find_clear(warehouse: Path) -> set[str]:
    """Find which of the planted texts are anywhere in a warehouse."""
    return {clear for _, text in read_everything(warehouse) for clear in CLEAR if clear.lower() in text.lower()}


def test_the_planted_person_is_in_no_byte_of_the_warehouse(company) -> None:
    assert find_clear(company["private"]) == set()
    # The search itself finds them where nothing is protected.
    assert set(CLEAR) - find_clear(company["plain"]) == {"zenta%2eplanted", "29876543", "4111111111111111"}
    assert KEY not in "".join(text for _, text in read_everything(company["private"]))


def test_every_count_is_the_same_with_and_without_tokens(company) -> None:
    found = {}
    for name in ("plain", "private"):
        with duckdb.connect(str(company[name] / "current" / "results.duckdb"), read_only=True) as connection:
            counts = {table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchall()[0][0] for table in COUNTED}
            counts["quality"] = connection.execute("SELECT * FROM data_quality ORDER BY source").fetchall()
            counts["funnel"] = connection.execute("SELECT * FROM funnel_steps ORDER BY ALL").fetchall()
            counts["figures"] = connection.execute("SELECT * FROM key_figures ORDER BY ALL").fetchall()
            counts["sizes"] = connection.execute(
                "SELECT n, COUNT(*) FROM (SELECT COUNT(*) AS n FROM person_identifiers GROUP BY person_id) GROUP BY n "
                "ORDER BY n"
            ).fetchall()
            found[name] = counts
    assert found["plain"] == found["private"]
    assert found["plain"]["persons"] > 60


def test_a_refresh_with_nothing_new_finds_nothing_new(company, refresh, monkeypatch) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", KEY)
    assert not refresh(company["folder"] / "private.toml").is_new


def test_an_operator_may_type_the_clear_address(company, monkeypatch) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", KEY)
    config = str(company["folder"] / "private.toml")
    call = ["identity", "--explain", f"email: {MAIL}", "-c", config, "--format", "json"]
    shown = CliRunner().invoke(commands, call)
    assert shown.exit_code == 0, shown.output
    assert "planted.example" in shown.output
    assert "enta" not in shown.output.replace("identifiers", "")
    token = json.loads(shown.output)["identifier"]
    again = CliRunner().invoke(commands, ["identity", "--explain", token, "-c", config, "--format", "json"])
    assert json.loads(again.output)["person"] == json.loads(shown.output)["person"]


def test_an_unknown_address_is_not_likened_to_other_tokens(company, monkeypatch) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", KEY)
    config = str(company["folder"] / "private.toml")
    with pytest.raises(JourneysError) as caught:
        CliRunner().invoke(commands, ["identity", "--explain", "email:x@y.example", "-c", config],
                           catch_exceptions=False, standalone_mode=False)  # fmt: skip
    assert caught.value.code == "unknown-identifier"
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize(("key", "code"), [("another key, long enough to be one.", "privacy-key-changed"),
                                           ("", "privacy-key-missing"), ("short", "privacy-key-short")])  # fmt: skip
def test_a_refresh_with_another_key_or_none_stops_before_it_reads(company, refresh, monkeypatch, key, code) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", key)
    before = (company["private"] / "current").resolve()
    for call in (lambda: refresh(company["folder"] / "private.toml"), lambda: _check(company["folder"])):
        with pytest.raises(JourneysError) as caught:
            call()
        assert (caught.value.code, caught.value.exit_code) == (code, 2)
        assert "JOURNEYS_PRIVACY_KEY" in str(caught.value)
        assert KEY not in str(caught.value)
    assert (company["private"] / "current").resolve() == before
    assert not (company["private"] / "work").exists()


def test_a_damaged_check_value_is_refused(company, refresh, monkeypatch) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", KEY)
    file = company["private"] / "privacy.json"
    kept = file.read_text()
    assert list(json.loads(kept)) == ["key_check"]
    file.write_text("{")
    try:
        with pytest.raises(JourneysError, match="privacy-check-damaged"):
            refresh(company["folder"] / "private.toml")
    finally:
        file.write_text(kept)


@pytest.mark.prove
def test_overrides_may_name_the_clear_address(company, refresh, monkeypatch) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", KEY)
    text = (company["folder"] / "private.toml").read_text("utf-8")
    override = (
        f'[[identity.override]]\nlink = "must"\na = "email:{MAIL}"\nb = "contact_id:2"\nauthor = "a"\nreason = "b"\n'
    )
    config = company["folder"] / "override.toml"
    config.write_text(text.replace('"private"', '"override"').replace("[session]", override + "[session]", 1), "utf-8")
    refresh(config)
    settings = load_settings(config)
    ends = [protect_value("email", MAIL, settings), protect_value("contact_id", "2", settings)]
    results = company["folder"] / "override" / "current" / "results.duckdb"
    with duckdb.connect(str(results), read_only=True) as connection:
        found = connection.execute(
            "SELECT COUNT(*), COUNT(DISTINCT person_id) FROM person_identifiers WHERE identifier_value IN (?, ?)", ends
        ).fetchall()
    assert found == [(2, 1)]
    assert find_clear(company["folder"] / "override") == set()


def _check(folder: Path) -> None:
    CliRunner().invoke(commands, ["check", "-c", str(folder / "private.toml")], catch_exceptions=False,
                       standalone_mode=False)  # fmt: skip


@pytest.mark.prove
def test_privacy_switched_on_later_covers_what_is_stored(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", KEY)
    fingerprints = []
    for name, is_late in (("late", True), ("early", False)):
        folder = tmp_path / name
        write_company(folder, CompanyParameters(person_count=60))
        plant(folder)
        config = folder / "journeys.toml"
        text = config.read_text("utf-8").replace("[warehouse]\n", "[warehouse]\nkeep_snapshots = 1\n", 1)
        config.write_text(text if is_late else text + PRIVACY, "utf-8")
        refresh(config)
        if is_late:
            assert find_clear(folder / "warehouse")
            config.write_text(text + PRIVACY, "utf-8")
            refresh(config)
        assert find_clear(folder / "warehouse") == set()
        with duckdb.connect(str(folder / "warehouse" / "current" / "results.duckdb"), read_only=True) as connection:
            fingerprints.append([connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()
                                 for table in ("person_identifiers", "journeys", "key_figures")])  # fmt: skip
    assert fingerprints[0] == fingerprints[1]
