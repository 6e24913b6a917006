"""Exports as they arrive, torn and mended by hand: every row is an event, a repeat or a reject with its reason."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from shop_script import HEAD as PROJECT_HEAD
from shop_script import Script

FOLDER = Path(__file__).parent
TRACKS = (FOLDER / "segment" / "tracks.csv").read_bytes().splitlines(keepends=True)
GA4 = (FOLDER / "ga4" / "events_20260301.json").read_bytes().splitlines(keepends=True)
CSV_SOURCE = '[[source]]\nname = "web"\npreset = "segment/tracks"\npath = "export*.csv*"\n'
JSON_SOURCE = '[[source]]\nname = "web"\npreset = "ga4"\npath = "export*.json*"\n'


@pytest.fixture
def count(tmp_path: Path) -> Callable[..., tuple[int, int, int, int, set[str]]]:
    """Refresh over these files; return what was read, accepted, repeated and rejected, and the reasons."""

    def run(source: str, files: dict[str, bytes]) -> tuple[int, int, int, int, set[str]]:
        made = Script(tmp_path)
        made.config.write_text(PROJECT_HEAD + source, encoding="utf-8")
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        made("refresh").succeeds()
        counts = made.rows("SELECT read_count, accepted_count, duplicate_count, rejected_count FROM data_quality")[0]
        assert counts[0] == sum(counts[1:])
        reasons = {str(row[0]) for row in made.rows("SELECT reason FROM rejected_events")}
        return *counts, reasons

    return run


@pytest.fixture
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, ...]:
    """The counts of the tracks as they are: 23 rows or so, one of them a repeat and some refused."""
    made = Script(tmp_path_factory.mktemp("whole"))
    made.config.write_text(PROJECT_HEAD + CSV_SOURCE, encoding="utf-8")
    (made.folder / "export.csv").write_bytes(b"".join(TRACKS))
    made("refresh").succeeds()
    counts = made.rows("SELECT read_count, accepted_count, duplicate_count, rejected_count FROM data_quality")[0]
    assert counts[0] == len(TRACKS) - 1
    return counts


def test_a_header_in_the_middle_is_a_row_that_is_refused(count, whole) -> None:
    middle = len(TRACKS) // 2
    torn = [*TRACKS[:middle], TRACKS[0], *TRACKS[middle:]]
    *counts, reasons = count(CSV_SOURCE, {"export.csv": b"".join(torn)})
    assert counts == [whole[0] + 1, whole[1], whole[2], whole[3] + 1]
    assert "unreadable time" in reasons


def test_columns_in_another_order_are_the_same_export(count, whole) -> None:
    middle = len(TRACKS) // 2
    turned = [_turn(line) for line in (TRACKS[0], *TRACKS[middle:])]
    files = {"export1.csv": b"".join(TRACKS[:middle]), "export2.csv": b"".join(turned)}
    assert count(CSV_SOURCE, files)[:4] == whole


def test_a_gzip_that_ends_early_gives_what_was_whole(count) -> None:
    lines = GA4 * 200
    torn = gzip.compress(b"".join(lines))[:-500]
    read, accepted, _, rejected, reasons = count(JSON_SOURCE, {"export.json.gz": torn})
    assert 0 < accepted <= 18
    assert read < len(lines)
    assert rejected >= 1
    assert any("gzip" in reason for reason in reasons)


def test_lines_in_another_encoding_are_kept_and_named(count) -> None:
    latin = '{"event_name": "Käse", "event_timestamp": "1772359200000000"}\n'.encode("latin-1")
    read, *_, reasons = count(JSON_SOURCE, {"export.json": b"".join([*GA4, latin])})
    assert read == len(GA4) + 1
    assert "not UTF-8" in reasons


def test_a_field_of_ten_megabytes_is_one_row(count, whole) -> None:
    long = TRACKS[1].replace(b"t1", b"t-long", 1).replace(b"Mozilla", b"M" * 10_000_000, 1)
    *counts, _ = count(CSV_SOURCE, {"export.csv": b"".join([*TRACKS, long])})
    assert counts == [whole[0] + 1, whole[1] + 1, whole[2], whole[3]]


def test_another_delimiter_is_told_and_nothing_is_published(tmp_path: Path) -> None:
    made = Script(tmp_path)
    made.config.write_text(PROJECT_HEAD + CSV_SOURCE, encoding="utf-8")
    (tmp_path / "export.csv").write_bytes(b"".join(TRACKS).replace(b",", b";"))
    made("refresh").fails(1, "one column only", "delimiter = ';'")
    assert not made.warehouse.joinpath("current").exists()


def _turn(line: bytes) -> bytes:
    """Put the columns the other way round; no value of these rows holds a comma outside of quotes twice over."""
    import csv
    import io

    (row,) = csv.reader(io.StringIO(line.decode()))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(row[::-1])
    return out.getvalue().encode()
