"""A forgotten person is in no table and no byte of the warehouse, stays away, and nobody else is touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from shop_script import Ended, run_here
from warehouse_bytes import places_of

from journeys.sample import CompanyParameters, write_company

pytestmark = pytest.mark.usefixtures("blank_page")


class Shop:
    """A sample company of which one person is to be forgotten."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config, self.warehouse = folder, folder / "journeys.toml", folder / "warehouse"
        write_company(folder, CompanyParameters(person_count=60, seed=21))

    def run(self, *words: str) -> Ended:
        return run_here(*words, "-c", self.config)

    def ask(self, select: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.warehouse / "current" / "results.duckdb"), read_only=True) as connection:
            return connection.execute(select).fetchall()

    def find_person(self) -> tuple[str, list[tuple[str, str]]]:
        """The known person with the most events, and all its identifiers."""
        users = "SELECT person_id FROM person_identifiers WHERE identifier_kind = 'user_id'"
        ((person,),) = self.ask(
            f"SELECT person_id FROM persons WHERE is_known AND NOT is_bot AND person_id IN ({users}) "
            "ORDER BY event_count DESC, person_id LIMIT 1"
        )
        found = self.ask(
            f"SELECT identifier_kind, identifier_value FROM person_identifiers WHERE person_id = '{person}'"
        )
        return str(person), [(str(kind), str(value)) for kind, value in found]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.run("refresh").succeeds()
    return shop.folder


@pytest.fixture
def shop(published: Path, tmp_path: Path) -> Shop:
    shutil.copytree(published, tmp_path / "shop", symlinks=True)
    copy = Shop.__new__(Shop)
    copy.folder, copy.config, copy.warehouse = (tmp_path / "shop", tmp_path / "shop" / "journeys.toml",
                                                tmp_path / "shop" / "warehouse")  # fmt: skip
    return copy


def test_a_person_is_erased_everywhere_and_stays_away(shop: Shop) -> None:
    person, identifiers = shop.find_person()
    texts = [person, *(value for _, value in identifiers if len(value) > 4)]  # a contact of number 6 is everywhere
    assert {text for _, text in places_of(shop.warehouse, texts)} == set(texts), "the search finds them before"
    others = shop.ask(f"SELECT * FROM persons WHERE person_id <> '{person}' ORDER BY ALL")
    user = dict(identifiers)["user_id"]

    told = shop.run("forget", "--identifier", f"user_id:{user}", "--dry-run").succeeds()
    assert "nothing was erased" in told
    assert shop.ask(f"SELECT COUNT(*) FROM persons WHERE person_id = '{person}'") == [(1,)]

    shop.run("forget", "--identifier", f"user_id:{user}").succeeds()
    assert places_of(shop.warehouse, texts) == set()
    assert shop.ask("SELECT * FROM persons ORDER BY ALL") == others
    assert len(list((shop.warehouse / "snapshots").iterdir())) == 1
    listed = json.loads((shop.warehouse / "suppressed.json").read_text("utf-8"))
    assert not listed["is_pending"]
    assert (shop.warehouse / "suppression.key").stat().st_mode & 0o077 == 0

    # The sources still have the person: neither an overlap nor a backfill brings anything back.
    for file in (shop.folder / "data" / "web").iterdir():
        file.touch()
    for words in (("refresh",), ("refresh", "--full"), ("backfill", "--from", "2026-01-01", "--to", "2027-01-01")):
        shop.run(*words).succeeds()
        assert places_of(shop.warehouse, texts) == set(), words
        assert shop.ask("SELECT * FROM persons ORDER BY ALL") == others, words


def test_an_interrupted_erasure_is_finished_by_the_next_refresh(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    person, identifiers = shop.find_person()
    with monkeypatch.context() as broken:
        broken.setattr("journeys.cli.forget.run_flow", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        assert shop.run("forget", "--identifier", f"user_id:{dict(identifiers)['user_id']}").code == 1
    assert json.loads((shop.warehouse / "suppressed.json").read_text("utf-8"))["is_pending"]
    ended = shop.run("refresh")
    ended.succeeds()
    assert "forgotten persons" in ended.err
    assert places_of(shop.warehouse, [person, *(value for _, value in identifiers if len(value) > 4)]) == set()


@pytest.mark.parametrize(
    ("reference", "code", "words"),
    [
        ("anna@acme.example", 2, ("KIND:VALUE",)),
        ("badge:7", 2, ("user_id",)),
        ("user_id:", 2, ("KIND:VALUE",)),
        ("email:info@acme.example", 2, ("never identifies",)),
    ],
)
def test_what_names_nobody_is_refused(shop: Shop, reference: str, code: int, words: tuple[str, ...]) -> None:
    before = shop.ask("SELECT COUNT(*) FROM events")
    shop.run("forget", "--identifier", reference).fails(code, *words)
    assert shop.ask("SELECT COUNT(*) FROM events") == before


def test_an_identifier_nobody_has_is_kept_away_all_the_same(shop: Shop) -> None:
    told = shop.run("forget", "--identifier", "email:never.seen@acme.example").succeeds()
    assert "nobody who is published" in told
    shop.run("refresh").succeeds()
