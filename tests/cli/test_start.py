"""The first minutes of a new user: `init`, `check`, `demo`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shop_script import HEADER, Script, run_here


def test_init_then_check_says_what_to_do_next(tmp_path: Path) -> None:
    started = run_here("init", tmp_path / "shop").succeeds()
    config = tmp_path / "shop" / "journeys.toml"
    assert f"journeys check -c {config}" in started
    checked = run_here("check", "-c", config)
    checked.fails(1, "'data/web/*.jsonl'", "correct `path`", "put the files there")
    # With a file as the starter describes, the next step is named, and it works.
    text = config.read_text(encoding="utf-8").replace("*.jsonl", "*.csv").replace("anonymous_id", "visitor")
    config.write_text(text, encoding="utf-8")
    data = config.parent / "data" / "web"
    data.mkdir(parents=True)
    row = {"event_id": "1", "occurred_at": "2026-03-01T10:00:00Z", "visitor": "a", "user_id": "", "name": "purchase",
           "url": "https://x.example/", "referrer": "", "amount": "9"}  # fmt: skip
    (data / "one.csv").write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8")
    assert f"journeys refresh -c {config}" in run_here("check", "-c", config).succeeds()
    assert str(config.parent / "report.html") in run_here("refresh", "-c", config).succeeds()


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "journeys.toml").write_text("mine")
    run_here("init", tmp_path).fails(2, "journeys.toml", "is there already")
    assert (tmp_path / "journeys.toml").read_text() == "mine"


def test_check_with_a_problem_is_1_and_names_every_source(script: Script) -> None:
    from shop_script import CRM, SOURCE

    script.write(source=SOURCE + CRM)
    ended = script("check")
    ended.fails(1, "'crm'", "crm.sqlite")
    assert "source web: right" in ended.out


def test_check_says_when_no_row_of_the_last_refresh_could_be_used(script: Script) -> None:
    from shop_script import SOURCE

    other = SOURCE.replace('name = "web"', 'name = "shop"').replace("web.csv", "shop.csv")
    script.write(source=SOURCE + other)
    bad = script.folder / "shop.csv"
    bad.write_text(HEADER + "1,a,never,land,u,\n", encoding="utf-8")
    script("refresh").succeeds()
    bad.write_text(HEADER + "1,a,2026-03-01,land,u,\n", encoding="utf-8")
    script("check").fails(1)
    assert "shop: no row could be used" in script("check").err


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "company"
    out = run_here("demo", "--dir", folder, "--persons", "60").succeeds()
    for place in ("journeys.toml", "data", "truth", "report.html"):
        assert str(folder / place) in out
    assert str(folder / "warehouse" / "current") in out
    return folder


def test_demo_leaves_what_it_promises(company: Path) -> None:
    assert (company / "journeys.toml").is_file()
    assert (company / "data").is_dir()
    assert (company / "truth").is_dir()
    assert (company / "warehouse" / "current" / "results.duckdb").is_file()
    assert (company / "report.html").read_text(encoding="utf-8").startswith("<!")
    run_here("check", "-c", company / "journeys.toml").succeeds()
    names = [row["step_name"] for row in json.loads(
        run_here("funnel", "sales", "-c", company / "journeys.toml", "--missing", "zero", "--format", "json").succeeds()
    )["frame"]]  # fmt: skip
    assert names == ["Deal opened", "Proposal", "deal_won"]
    # Two funnels are configured, so one has to be named.
    run_here("funnel", "-c", company / "journeys.toml").fails(2, "shop, sales")


def test_demo_can_be_run_again(company: Path) -> None:
    before = (company / "report.html").read_bytes()
    run_here("demo", "--dir", company, "--persons", "60").succeeds()
    assert (company / "report.html").read_bytes() == before


@pytest.mark.parametrize("held", ["notes.txt", "journeys.toml", "truth/mine.txt", ".hidden"])
def test_demo_refuses_a_folder_that_holds_something_else(tmp_path: Path, held: str) -> None:
    mine = tmp_path / held
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")
    run_here("demo", "--dir", tmp_path, "--persons", "20").fails(2, str(tmp_path), "empty folder")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("persons", ["0", "-5", "100000000000"])
def test_demo_refuses_a_number_of_persons_it_cannot_make(tmp_path: Path, persons: str) -> None:
    run_here("demo", "--dir", tmp_path / "x", "--persons", persons).fails(2, "1 to ")
    assert not (tmp_path / "x").exists()


def test_demo_of_one_person_still_works(tmp_path: Path) -> None:
    assert "nan" not in run_here("demo", "--dir", tmp_path / "x", "--persons", "1").succeeds()
