"""Web logs nobody should have written: a clear error, or every row accounted for."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest
from shop_script import HEADER, RULES, SOURCE, Script

HEAD_BYTES = HEADER.encode()
LAND = b"1,a,2026-03-01T10:00:00Z,land,u,\n"
BUY = b"2,b,2026-03-01T11:00:00Z,buy,u,5\n"


def count(script: Script) -> tuple[int, int, int, int]:
    """Read, accepted, duplicate and rejected rows of the last refresh."""
    [row] = script.rows("SELECT read_count, accepted_count, duplicate_count, rejected_count FROM data_quality")
    read, accepted, duplicate, rejected = (int(str(value)) for value in row)
    assert read == accepted + duplicate + rejected
    return read, accepted, duplicate, rejected


@pytest.mark.parametrize("content", [b"", HEAD_BYTES, b"\n\n \n", HEAD_BYTES + b"\n\n"])
def test_a_log_without_rows_is_an_error_in_refresh_and_check(script: Script, content: bytes) -> None:
    script.write(content)
    script("refresh").fails(1, "no source gave a usable event")
    checked = script("check")
    checked.fails(1, "web.csv")
    assert not (script.warehouse / "current").exists()


def test_one_row_is_enough(script: Script) -> None:
    ended = script.write(HEAD_BYTES + LAND)("refresh")
    assert "nan" not in ended.succeeds()
    assert count(script) == (1, 1, 0, 0)
    assert "read 1 = accepted 1 + duplicate 0 + rejected 0" in script("check").succeeds()


def test_when_every_row_is_refused_the_reasons_are_told(script: Script) -> None:
    script.write(HEAD_BYTES + b"1,,2026-03-01,land,u,\n2,a,never,land,u,\n")
    # Nothing is published, so the error is the only place where they can be read.
    script("refresh").fails(1, "no identifier", "unreadable time")
    script("check").fails(1)


@pytest.mark.parametrize(
    ("content", "counted"),
    [
        pytest.param(b"\xef\xbb\xbf" + HEAD_BYTES + LAND + BUY, (2, 2, 0, 0), id="byte order mark"),
        pytest.param((HEAD_BYTES + LAND + BUY).replace(b"\n", b"\r\n"), (2, 2, 0, 0), id="carriage returns"),
        pytest.param(
            HEAD_BYTES + LAND + BUY.rstrip(b"\n"), (2, 2, 0, 0), id="no last line end", marks=pytest.mark.prove
        ),
        pytest.param(HEAD_BYTES + LAND + b"2,\xff\xfe,2026-03-01T11:00:00Z,\xc3(,u,\n", (2, 1, 0, 1), id="not UTF-8"),
        pytest.param(HEAD_BYTES + LAND + b"\0\0\0\n", (2, 1, 0, 1), id="zero bytes", marks=pytest.mark.prove),
        pytest.param(HEAD_BYTES + LAND + b"2,b\n", (2, 1, 0, 1), id="short line"),
        pytest.param(
            HEAD_BYTES + LAND + BUY + b"3,c,2026-03-01T12:00:00Z,land,u,,,,\n",
            (3, 2, 0, 1),
            id="long line",
            marks=pytest.mark.prove,
        ),
        pytest.param(HEAD_BYTES + LAND + LAND + BUY, (3, 2, 1, 0), id="a line twice"),
    ],
)
def test_rows_that_cannot_be_used_are_kept_with_their_reason(
    script: Script, content: bytes, counted: tuple[int, int, int, int]
) -> None:
    script.write(content)
    script("refresh").succeeds()
    assert count(script) == counted
    kept = script.rows("SELECT file, line, reason, raw FROM rejected_events")
    assert len(kept) == counted[3]
    for file, line, reason, raw in kept:
        assert file == "web.csv"
        assert isinstance(line, int)
        assert line > 1
        assert reason
        assert raw is not None
    told = script("check").succeeds()
    assert f"accepted {counted[1]}" in told
    assert f"rejected {counted[3]}" in told


def test_a_quote_that_is_never_closed_loses_no_line_silently(script: Script) -> None:
    content = HEAD_BYTES + LAND + b'2,b,2026-03-01T11:00:00Z,"land,u,\n3,c,2026-03-01T12:00:00Z,land,u,\n'
    script.write(content)("refresh").succeeds()
    read, accepted, _, rejected = count(script)
    kept = " ".join(str(raw) for (raw,) in script.rows("SELECT raw FROM rejected_events"))
    assert accepted + rejected == read
    assert "2026-03-01T11:00:00Z" in kept
    assert accepted == 2 or "2026-03-01T12:00:00Z" in kept


def test_a_line_of_ten_megabytes_is_read_in_seconds(script: Script) -> None:
    script.write(HEAD_BYTES + LAND + b"2,b,2026-03-01T11:00:00Z," + b"x" * 10_000_000 + b",u,\n")
    started = time.perf_counter()
    script("refresh").succeeds()
    assert time.perf_counter() - started < 30
    assert count(script)[:2] == (2, 2)
    assert (script.folder / "report.html").stat().st_size < 8_000_000
    assert len(script("check").succeeds()) < 10_000


def test_ten_megabytes_without_a_line_end_make_a_short_error(script: Script) -> None:
    ended = script.write(b"x" * 10_000_000)("refresh")
    ended.fails(1, "web.csv", "'id'")
    assert len(ended.err) < 5_000


def test_a_log_split_at_another_character_names_it(script: Script) -> None:
    script.write((HEAD_BYTES + LAND).replace(b",", b";"))
    for command in ("refresh", "check"):
        ended = script(command)
        assert ended.code == 1
        assert "delimiter = ';'" in ended.err


def test_a_gzip_that_ends_early_keeps_what_could_be_read(script: Script) -> None:
    lines = b"".join(b"%d,v%d,2026-03-01T10:00:00Z,land,%s,\n" % (n, n, os.urandom(20).hex().encode())
                     for n in range(5000))  # fmt: skip
    packed = gzip.compress(HEAD_BYTES + lines)
    script.write(packed[: len(packed) // 2])
    script("refresh").succeeds()
    read, accepted, _, rejected = count(script)
    assert rejected in (1, 2)
    assert 1000 < accepted == read - rejected < 4000
    reasons = " ".join(str(reason) for (reason,) in script.rows("SELECT reason FROM rejected_events"))
    assert "gzip" in reasons


@pytest.mark.parametrize("form", ["missing", "folder"])
def test_a_file_that_is_no_file_is_named(script: Script, form: str) -> None:
    script.write()
    (script.folder / "web.csv").unlink()
    if form == "folder":
        (script.folder / "web.csv").mkdir()
    script("refresh").fails(1, "'web'", "'web.csv'", "correct `path`")
    script("check").fails(1, "'web.csv'")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named(script: Script) -> None:
    script.write()
    (script.folder / "web.csv").chmod(0)
    script("refresh").fails(1, "web.csv", "Permission denied")
    script("check").fails(1, "web.csv", "Permission denied")


def test_a_source_that_is_not_required_may_be_missing_and_is_told(script: Script, tmp_path: Path) -> None:
    other = SOURCE.replace('name = "web"', 'name = "shop"\nrequired = false').replace("web.csv", "none.csv")
    script.write(source=SOURCE + other)
    ended = script("refresh")
    ended.succeeds()
    assert "shop" in ended.err
    assert "none.csv" in ended.err
    assert count(script)[:2] == (9, 9)
    assert "none.csv" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ('"visitor"', '"visitr"', "nearest 'visitor'"),
        ('"amount"', '{ sql = "amuont * 2" }', "nearest 'amount'"),
        ('"amount"', '{ sql = "amount +" }', "value_amount"),
        ('"amount"', '{ sql = "1); DROP TABLE x; --" }', "value_amount"),
        ('"amount"', '{ sql = "(SELECT 1)" }', "value_amount"),
    ],
)
def test_a_mapping_that_cannot_be_names_what_is_near(script: Script, wrong: str, right: str, named: str) -> None:
    script.write(source=SOURCE.replace(wrong, right), rules=RULES)
    for command in ("check", "refresh"):
        ended = script(command)
        assert ended.code in (1, 2)
        assert named in ended.err
        assert "[unexpected]" not in ended.err
    assert not (script.warehouse / "current").exists()
