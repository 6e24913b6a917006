"""Which files of a place are read together, and how their path is written down."""

from __future__ import annotations

import gzip
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import pytest

from journeys.errors import CallError, JourneysError
from journeys.sources.guess import Drafted, draft_settings
from journeys.sources.guess.places import write_path

ACCESS = '1.1.1.1 - - [01/Mar/2026:10:05:03 +0000] "GET /x HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
WEB = "event_id,timestamp,event,user_id\n1,2026-03-01,view,u1\n2,2026-03-02,view,u1\n"
FIXTURES = Path(__file__).parents[2] / "presets"


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def draft(place: Path | str, folder: Path) -> tuple[Drafted, list[dict[str, Any]]]:
    drafted = draft_settings(str(place), folder)
    return drafted, tomllib.loads(drafted.text)["source"]


@pytest.mark.parametrize(
    ("path", "folder", "written"),
    [
        ("/srv/shop/config/data/a.csv", "/srv/shop/config", "data/a.csv"),
        ("/srv/shop/exports/a.csv", "/srv/shop/config", "../exports/a.csv"),
        ("/srv/shop/exports/a.csv", "/srv/shop/config/prod", "../../exports/a.csv"),
        ("/srv/shop/exports/a.csv", "/srv/shop/a/b/c", "/srv/shop/exports/a.csv"),  # too far up
        ("/var/log/nginx/access.log*", "/srv/shop", "/var/log/nginx/access.log*"),
        ("/srv/exports/a.csv", "/srv/shop", "/srv/exports/a.csv"),  # beside it on the machine, not of one project
        ("/home/ann/exports/a.csv", "/home/ann/shop", "/home/ann/exports/a.csv"),
        ("/home/ann/shop/exports/a.csv", "/home/ann/shop/config", "../exports/a.csv"),
    ],
)
def test_a_path_is_relative_where_it_moves_with_the_configuration(path: str, folder: str, written: str) -> None:
    assert write_path(Path(path), Path(folder)) == written


def test_a_relative_path_reads_the_file_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    write(tmp_path, exports__web_dot_csv=WEB)
    _, (source,) = draft(tmp_path / "exports" / "web.csv", tmp_path / "config")
    assert source["path"] == "../exports/web.csv"


def test_a_log_and_its_older_parts_are_one_source(tmp_path: Path) -> None:
    old = gzip.compress(ACCESS.encode())
    write(tmp_path, access_dot_log="", access_dot_log_dot_1=ACCESS, access_dot_log_dot_2_dot_gz=old)
    write(tmp_path, error_dot_log="2026/03/01 10:00:00 [error] 1#1: *1 open() failed\n")
    drafted, (source,) = draft(tmp_path, tmp_path)
    assert source == {"name": "access_log", "preset": "access_log", "path": "access.log*"}
    assert any("left out" in line and "error.log" in line for line in drafted.lines)


def test_one_file_of_a_log_tells_of_its_older_parts(tmp_path: Path) -> None:
    write(tmp_path, access_dot_log=ACCESS, access_dot_log_dot_1=ACCESS)
    drafted, (source,) = draft(tmp_path / "access.log", tmp_path)
    assert source["path"] == "access.log"
    assert any("path = 'access.log*' reads all" in line for line in drafted.lines)


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"a_dot_csv": WEB, "b_dot_csv": WEB}, "*.csv"),
        ({"a_dot_csv": WEB, "b_dot_csv_dot_gz": gzip.compress(WEB.encode())}, "*.csv*"),
        ({"day=1__part-0_dot_csv": WEB, "day=2__part-7_dot_csv": WEB}, "**/*.csv"),
        ({"web-20260301_dot_csv": WEB, "web-20260302_dot_csv": WEB, "notes_dot_csv": "a,b\nx,y\n"}, "web*"),
    ],
)
def test_files_of_one_layout_are_one_pattern(tmp_path: Path, files: dict[str, str | bytes], path: str) -> None:
    _, (source,) = draft(write(tmp_path, **files), tmp_path)
    assert source["path"] == path


def test_a_link_that_leads_nowhere_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "old.csv").symlink_to(tmp_path / "gone.csv")
    _, (source,) = draft(write(tmp_path, web_dot_csv=WEB), tmp_path)
    assert source["path"] == "web.csv"


def test_papers_beside_the_data_are_no_data(tmp_path: Path) -> None:
    write(tmp_path, LICENSE="Apache License\n", README_dot_md="# a, b\n", web_dot_csv=WEB, _SUCCESS="")
    drafted, (source,) = draft(tmp_path, tmp_path)
    assert source["path"] == "web.csv"
    assert not any("left out" in line for line in drafted.lines)


def test_of_two_formats_that_of_the_log_is_taken_and_the_other_told(tmp_path: Path) -> None:
    write(tmp_path, web_dot_csv=WEB, people_dot_jsonl='{"id": 1, "email": "a@x.example"}\n')
    drafted, (source,) = draft(tmp_path, tmp_path)
    assert source["path"] == "web.csv"
    assert any("other files: people.jsonl" in line for line in drafted.lines)


def test_a_folder_of_the_parts_of_a_preset_is_one_source(tmp_path: Path) -> None:
    drafted, (source,) = draft(FIXTURES / "segment", tmp_path)
    assert (source["preset"], Path(source["path"]).name) == ("segment", "{part}.csv")
    assert any("tracks.csv: segment/tracks" in line for line in drafted.lines)


def test_tables_that_only_a_database_joins_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="tables of hubspot") as caught:
        draft(FIXTURES / "hubspot", tmp_path)
    assert "journeys init --from hubspot.sqlite" in caught.value.do


def test_a_sqlite_file_is_a_database_and_its_path_moves_with_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.execute("CREATE TABLE history (id INTEGER, contact_id INTEGER, stage TEXT, changed_at TEXT)")
        crm.execute("INSERT INTO history VALUES (1, 1, 'won', '2026-03-02')")
    crm.close()
    monkeypatch.chdir(tmp_path)
    for place in ("crm.db", "sqlite:///crm.db", f"sqlite:///{tmp_path}/crm.db"):
        _, (source,) = draft(place, tmp_path / "config")
        assert (source["kind"], source["url"], source["table"]) == ("database", "sqlite:///../crm.db", "history")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no file with data"),
        ({"README_dot_md": "x"}, "no file with data"),
        ({"a_dot_csv": ""}, "is empty"),
        ({"a_dot_csv": "event_id,timestamp\n"}, "no row can be read"),
        ({"a_dot_bin": bytes(range(256)) * 50}, "is no text"),
        ({"a_dot_xlsx": b"PK\x03\x04" + bytes(100)}, "an Excel workbook"),
        ({"a_dot_csv": "a,b\n1,2\n".encode("utf-16")}, "UTF-16"),
        ({"a_dot_csv_dot_gz": gzip.compress(WEB.encode())[:20]}, "cannot be"),
        ({"a_dot_parquet": b"PAR1 and no more"}, "cannot be read as Parquet"),
        ({"a_dot_xml": "<a><b/></a>\n"}, "HTML or XML"),
        ({"a_dot_csv": "Report of March\n\nid,timestamp\n1,2026-03-01\n2,2026-03-01\n"}, "tail -n +2"),
        ({"a_dot_bin": b"\0" * 9, "b_dot_xml": "<a/>"}, "none of 2 kinds of files"),
    ],
)
def test_what_holds_no_log_is_said(tmp_path: Path, files: dict[str, str | bytes], words: str) -> None:
    folder = write(tmp_path, **files)
    place = folder if len(files) != 1 or "README_dot_md" in files else next(folder.iterdir())
    with pytest.raises(JourneysError) as caught:
        draft(place, tmp_path)
    assert words in str(caught.value)


def test_what_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, web_dot_csv=WEB)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")  # a test may run as root, who may read all

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(CallError, match="cannot be looked at"):
        draft(tmp_path, tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(JourneysError, match="Permission denied"):
        draft(tmp_path / "web.csv", tmp_path)


def test_one_row_is_enough(tmp_path: Path) -> None:
    write(tmp_path, web_dot_csv="timestamp,event,user_id\n2026-03-01,view,u1\n")
    _, (source,) = draft(tmp_path / "web.csv", tmp_path)
    assert source["columns"] == {"occurred_at": "timestamp", "event": "event", "user_id": "user_id"}


def test_a_table_of_2000_columns_is_told_in_a_few_lines(tmp_path: Path) -> None:
    names = ", ".join(f"'2026' AS c{place}" for place in range(2_000))
    duckdb.sql(f"COPY (SELECT DATE '2026-03-01' AS ts, 'x' AS event, 1 AS user_id, {names} FROM range(50)) "
               f"TO '{tmp_path}/wide.csv'")  # fmt: skip
    drafted, (source,) = draft(tmp_path / "wide.csv", tmp_path)
    assert source["columns"]["occurred_at"] == "ts"
    assert max(map(len, drafted.lines)) < 700
