"""The order of rows, and how they are dealt to files, changes nothing: every table and export is the same to the byte.

What says where and when a row was read is left out: file, line, load times, and the run's own name and times.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest

from journeys.cli import main
from journeys.config import load_settings
from journeys.sample import CompanyParameters, write_company
from journeys.warehouse import find_current

REAL = Path(__file__).parent.parent / "real"
COMMANDS = (["sessions"], ["transitions"], ["transitions", "--unit", "session", "--boundaries"], ["touchpoints"],
            ["paths"], ["paths", "--depth", "4", "--top", "3"])  # fmt: skip
PLACES = {"file", "reading", "line", "loaded_at", "loaded_at_us", "snapshot_id", "started_at", "finished_at"}
# Table `sessions` has a started_at that is data; `runs` has one that is not.
DATED = {"sessions", "journeys", "visit_starts"}

CRM = """
[project]
name = "Orders"
[[source]]
name = "crm"
kind = "file"
path = "data/*.csv"
interaction = true
[source.columns]
occurred_at = "at"
user_id = "user"
event = "what"
value_amount = "money"
[[touchpoint]]
name = "View"
match = { event = "view" }
[[goal]]
name = "order"
match = { event = "order" }
[[funnel]]
name = "ties"
steps = ["View", "order"]
"""


def read_tables(config: Path) -> dict[str, str]:
    """Every table of the published snapshot as sorted CSV, and the fingerprints of the manifest."""
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    contents = {"fingerprint": snapshot.manifest.data_fingerprint, "as of": str(snapshot.manifest.as_of_us)}
    with duckdb.connect(snapshot.results, read_only=True) as connection:
        for (name,) in connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        ).fetchall():
            columns = [column[0] for column in connection.execute(f'DESCRIBE "{name}"').fetchall()]
            hidden = PLACES - {"started_at"} if name in DATED else PLACES
            kept = ", ".join(f'"{column}"' for column in columns if column not in hidden)
            # How old an event is depends on when one asks.
            timeless = "WHERE gate <> 'freshness'" if name == "gate_verdicts" else ""
            frame = connection.execute(f'SELECT {kept} FROM "{name}" {timeless} ORDER BY ALL').df()
            contents[f"table {name}"] = frame.to_csv(index=False)
    return contents


def read_exports(config: Path) -> dict[str, str]:
    """What the command line writes as CSV."""
    contents = {}
    funnels = [["funnel", funnel.name] for funnel in load_settings(config).funnels]
    for command in [*COMMANDS, *funnels]:
        output = config.with_name("export.csv")
        with pytest.raises(SystemExit) as ended:
            main([*command, "-c", str(config), "--format", "csv", "-o", str(output)])
        assert ended.value.code == 0, command
        contents[" ".join(command)] = output.read_text(encoding="utf-8")
    return contents


def check_same(first: Path, *others: Path) -> None:
    """All tables and exports of the published configurations are equal, and hold something."""
    expected = read_tables(first) | read_exports(first)
    assert expected["table sessions"].count("\n") > 2
    assert expected["sessions"].count("\n") > 2
    for other in others:
        found = read_tables(other) | read_exports(other)
        assert found.keys() == expected.keys()
        assert [name for name, content in found.items() if content != expected[name]] == []


def deal(items: Sequence[Any], count: int, seed: int) -> list[list[Any]]:
    """Shuffle items and deal them at random to so many hands, of which some may be empty."""
    source = random.Random(seed)
    shuffled = source.sample(items, len(items))
    hands: list[list[Any]] = [[] for _ in range(count)]
    for item in shuffled:
        source.choice(hands).append(item)
    return hands


def write_lines(folder: Path, names: Sequence[str], hands: Sequence[Sequence[bytes]]) -> None:
    """Write hands of lines to files; names with .gz are packed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, lines in zip(names, hands, strict=True):
        content = b"".join(line + b"\n" for line in lines)
        (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)


def write_records(path: Path, header: list[str], records: Sequence[list[str]]) -> None:
    """Write CSV records with a header."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *records])
    path.write_text(text.getvalue(), encoding="utf-8")


def shuffle_database(path: Path, seed: int) -> None:
    """Write the rows of every table in another order."""
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            connection.execute(f'DELETE FROM "{name}"')
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', deal(rows, 1, seed)[0])
        connection.commit()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, refresh: Callable[..., Any]) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, CompanyParameters(person_count=80))
    refresh(folder / "journeys.toml")
    return folder / "journeys.toml"


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["all.jsonl"], id="one"),
        pytest.param([*(f"part-{index}.jsonl" for index in range(9)), "a.jsonl"], id="many"),
    ],
)
@pytest.mark.prove
def test_a_company_is_the_same_in_other_files(
    company: Path, names: list[str], tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    config, data = tmp_path / "journeys.toml", tmp_path / "data"
    shutil.copyfile(company, config)
    shutil.copytree(company.parent / "data", data)
    web = [line for file in sorted((data / "web").iterdir()) for line in file.read_bytes().splitlines()]
    write_lines(data / "web", names, deal(web, len(names), seed=len(names)))
    tickets = (data / "tickets.jsonl").read_bytes().splitlines()
    (data / "tickets.jsonl").write_bytes(b"\n".join(tickets[::-1]) + b"\n")
    with (data / "surveys.csv").open(encoding="utf-8", newline="") as stream:
        header, *records = csv.reader(stream)
    write_records(data / "surveys.csv", header, records[::-1])
    shuffle_database(data / "crm.sqlite", seed=3)
    refresh(config)
    check_same(company, config)


def test_moving_rows_between_files_is_nothing_new(company: Path, tmp_path: Path, refresh: Callable[..., Any]) -> None:
    folder = tmp_path / "company"
    shutil.copytree(company.parent, folder, symlinks=True)
    web = [line for file in sorted((folder / "data" / "web").iterdir()) for line in file.read_bytes().splitlines()]
    write_lines(folder / "data" / "web", ["one.jsonl", "two.jsonl"], deal(web, 2, seed=1))
    assert refresh(folder / company.name).is_new is False
    write_lines(folder / "data" / "web", ["one.jsonl", "two.jsonl"], deal(web[:-1], 2, seed=1))
    assert refresh(folder / company.name).is_new is True, "one line less is"


PACKED = ["z.log", "b.log.gz", "a.log", "empty.log", "y.log.gz"]
LAYOUTS = [
    pytest.param([PACKED], id="many"),
    pytest.param([PACKED, ["one.log"]], id="many and one", marks=pytest.mark.prove),
]


@pytest.fixture
def real_environment(real_data: Path) -> Iterator[Path]:
    with mock.patch.dict(os.environ, JOURNEYS_REAL_DATA=str(real_data)):
        yield real_data


def write_variant(folder: Path, log: str, pattern: str) -> Path:
    """Write the configuration of a real log with the path of its source replaced by `pattern`."""
    folder.mkdir()
    lines = (REAL / f"{log}.toml").read_text(encoding="utf-8").splitlines()
    lines = [f'path = "{pattern}"' if "JOURNEYS_REAL_DATA" in line else line for line in lines]
    config = folder / "journeys.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


@pytest.mark.parametrize("layouts", LAYOUTS)
@pytest.mark.prove
def test_an_access_log_is_the_same_in_other_files(
    real_environment: Path, tmp_path: Path, refresh: Callable[..., Any], layouts: list[list[str]]
) -> None:
    """It has no ids, 19 lines that repeat another, and 773 times at which one address came twice."""
    lines = gzip.decompress((real_environment / "apache_semicomplete" / "apache_logs.gz").read_bytes()).splitlines()
    configs = []
    for seed, names in enumerate([["access.log"], *layouts]):
        config = write_variant(tmp_path / str(seed), "apache", "logs/*")
        hands = [lines] if seed == 0 else deal(lines, len(names), seed)
        if "empty.log" in names:
            place = names.index("empty.log")
            hands[0] += hands[place]
            hands[place] = []
        write_lines(config.parent / "logs", names, hands)
        refresh(config)
        configs.append(config)
    check_same(*configs)


@pytest.mark.parametrize("counts", [(6,), pytest.param((6, 1), marks=pytest.mark.prove)])
def test_a_csv_log_is_the_same_in_other_files(
    real_environment: Path, tmp_path: Path, refresh: Callable[..., Any], counts: tuple[int, ...]
) -> None:
    path = real_environment / "snowplow_ecommerce_0.6.1" / "source" / "snowplow_ecommerce_events.csv.gz"
    header, *records = csv.reader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"), newline=""))
    configs = []
    for seed, count in enumerate((1, *counts)):
        config = write_variant(tmp_path / str(seed), "snowplow_ecommerce", "events/*.csv")
        hands = [records] if seed == 0 else deal(records, count, seed)
        (config.parent / "events").mkdir()
        for place, hand in enumerate(hands):
            write_records(config.parent / "events" / f"{seed}-{place}.csv", header, hand)
        refresh(config)
        configs.append(config)
    check_same(*configs)


@pytest.mark.prove
def test_neither_the_order_of_columns_nor_of_amounts_changes_a_number(
    tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    """Ids are made from content, whatever the order in which it is written; money is added up to the same cent."""
    source = random.Random(1)
    rows = [[f"2026-01-{day:02}", f"u{user}", name, f"{source.random() * 1000:.2f}"]
            for user in range(60) for day in range(1, 11) for name in ("view", "order")]  # fmt: skip
    configs = []
    for seed, places in enumerate(((0, 1, 2, 3), (3, 1, 0, 2), (2, 3, 1, 0))):
        folder = tmp_path / str(seed)
        (folder / "data").mkdir(parents=True)
        for index, hand in enumerate(deal(rows, seed + 1, seed) if seed else [rows]):
            records = [[row[place] for place in places] for row in hand]
            header = [["at", "user", "what", "money"][place] for place in places]
            write_records(folder / "data" / f"{seed}-{index}.csv", header, records)
        config = folder / "journeys.toml"
        config.write_text(CRM, encoding="utf-8")
        refresh(config)
        configs.append(config)
    check_same(*configs)
