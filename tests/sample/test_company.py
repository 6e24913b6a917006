"""The files as a whole: equal parameters give equal bytes, any size works, wrong parameters are refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from journeys import sample
from journeys.config import load_settings
from journeys.errors import CallError
from journeys.sample import CompanyParameters, write_company

WRITE = """
import sys
from pathlib import Path
from journeys.sample import CompanyParameters, write_company
write_company(Path(sys.argv[1]), CompanyParameters(person_count=300, day_count=40, seed=int(sys.argv[2])))
"""


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_elsewhere(folder: Path, *, seed: int, hash_seed: str) -> dict[str, str]:
    source = str(Path(sample.__file__).parents[2])
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": source}
    subprocess.run([sys.executable, "-c", WRITE, str(folder), str(seed)], check=True, env=environment)
    return hashes(folder)


def test_equal_parameters_give_equal_bytes_in_any_process(tmp_path):
    first = write_elsewhere(tmp_path / "a", seed=1, hash_seed="1")
    second = write_elsewhere(tmp_path / "b", seed=1, hash_seed="4242")
    assert {name.split("/")[0] for name in first} == {"journeys.toml", "data", "truth"}
    assert sum(name.startswith("data/web/") for name in first) == 40
    assert first == second


def test_another_seed_gives_another_company(tmp_path):
    parameters = {"person_count": 40, "day_count": 10}
    write_company(tmp_path / "a", CompanyParameters(**parameters, seed=1))
    write_company(tmp_path / "b", CompanyParameters(**parameters, seed=2))
    first, second = hashes(tmp_path / "a"), hashes(tmp_path / "b")
    assert first.keys() == second.keys()
    logs = [name for name in first if name.startswith("data/web/") or name.endswith((".sqlite", ".parquet"))]
    assert len(logs) == 10 + 1 + 4
    assert all(first[name] != second[name] for name in logs)


def test_writing_again_replaces_a_longer_log(tmp_path):
    write_company(tmp_path / "a", CompanyParameters(person_count=20, day_count=9))
    write_company(tmp_path / "a", CompanyParameters(person_count=20, day_count=5))
    write_company(tmp_path / "b", CompanyParameters(person_count=20, day_count=5))
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


@pytest.mark.parametrize(("person_count", "day_count"), [(1, 120), (2, 30), (50, 60), (50, 1), (7, 2)])
def test_any_size_works(tmp_path, person_count, day_count):
    summary = write_company(tmp_path, CompanyParameters(person_count=person_count, day_count=day_count))
    files = sorted((tmp_path / "data" / "web").glob("*.jsonl"))
    assert summary.person_count == person_count
    assert summary.file_count == len(files) == day_count
    assert files[-1].name == "2026-06-30.jsonl"
    assert summary.line_count == sum(bool(line) for path in files for line in path.read_bytes().split(b"\n"))
    assert summary.event_count > 0


def test_a_company_without_dirt_bots_or_companies_works(tmp_path):
    parameters = CompanyParameters(
        person_count=60, day_count=20, company_share=0, family_share=0, kiosk_share=0, crawler_share=0,
        fast_bot_count=0, resent_share=0, resent_later_share=0, changed_repeat_share=0, late_share=0, swapped_share=0,
        tie_share=0, blank_id_share=0, malformed_share=0,
    )  # fmt: skip
    summary = write_company(tmp_path, parameters)
    assert summary.contact_count == summary.deal_count == 0
    assert summary.line_count == summary.event_count + 1
    dirt = json.loads((tmp_path / "truth" / "dirt.json").read_text("utf-8"))
    assert {name for name, count in dirt.items() if count} == {
        "no_time_line_count", "blank_line_count", "future_event_count", "line_count", "file_count"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("person_count", 0), ("person_count", 2.5), ("person_count", True), ("day_count", -3), ("day_count", 0),
        ("seed", -1), ("company_share", 1.5), ("late_share", 0.5), ("card_form_period", (0.6, 0.2)),
        ("banner_effect", float("nan")), ("last_day", date(1990, 1, 1)), ("fast_bot_count", 1.5),
        ("button_period", 0.5),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_by_name(field, value):
    with pytest.raises(CallError) as caught:
        CompanyParameters(**{field: value})
    assert field in caught.value.found
    assert field in caught.value.allowed
    assert caught.value.exit_code == 2


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(CallError) as caught:
        CompanyParameters(person_count=0, day_count=-1, seed=-5)
    assert all(name in caught.value.found for name in ("person_count = 0", "day_count = -1", "seed = -5"))


def test_the_configuration_is_valid_and_names_what_is_there(company):
    settings = tomllib.loads((company.folder / "journeys.toml").read_text("utf-8"))
    stages = [stage["name"] for stage in settings["stage"]]
    assert stages == ["awareness", "consideration", "purchase", "retention", "advocacy", "lapsed"]
    assert {rule["stage"] for rule in settings["touchpoint"]} == set(stages) - {"lapsed"}
    assert len(settings["touchpoint"]) >= 20
    for source in settings["source"]:
        if source["kind"] == "file":
            assert list(company.folder.glob(source["path"]))
    assert load_settings(company.folder / "journeys.toml").journey.goal == "purchase"


def test_every_crm_table_says_when_a_row_changed(company):
    engine = create_engine(f"sqlite:///{company.folder / 'data' / 'crm.sqlite'}")
    inspector = inspect(engine)
    assert set(inspector.get_table_names()) == {"accounts", "contacts", "deals", "deal_stage_history", "activities"}
    for table in inspector.get_table_names():
        assert "updated_at" in {column["name"] for column in inspector.get_columns(table)}
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT stage, COUNT(*) FROM deal_stage_history GROUP BY stage").fetchall()
    engine.dispose()
    counts = dict(tuple(row) for row in rows)
    assert counts.keys() == {"lead", "qualified", "proposal", "won", "lost"}
    assert counts["lead"] > counts["qualified"] > counts["proposal"] > counts["won"]


def test_addresses_are_raw_and_encoded_in_several_scripts_and_hostile(company):
    text = b"\n".join(path.read_bytes() for path in company.web_files()).decode("utf-8", errors="replace")
    for piece in (
        "/product/9-Żelazko-parowe", "/product/9-%C5%BBelazko-parowe", "/category/игрушки",
        "%E7%AB%B9%E8%8C%B6%E7%9B%98",
        "/product/31-<script>alert(1)</script>", "%3Cscript%3Ealert%281%29%3C%2Fscript%3E",
        '"product_name":"<script>alert(1)</script>"', "%{SIZE}", "${HOME}", "utm_medium=cpc", "utm_medium=email",
        "هدايا", "search?q=",
    ):  # fmt: skip
        assert piece in text, piece
