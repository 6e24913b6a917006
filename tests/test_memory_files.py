"""from_events on files that are unusual or damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

import journeys as jn


def read(data: object) -> jn.Journeys:
    return jn.from_events(data, person="u", occurred_at="t", event="e")


JSON_LINES = [
    ('{"u": "AAAAAAAA-0000-0000-0000-000000000000"}', "AAAAAAAA-0000-0000-0000-000000000000"),
    ('{"u": "2026-01-01T00:00:00"}', "2026-01-01T00:00:00"),
    ('{"u": "007"}', "007"),
    ('{"u": "01"}\n{"u": 1}', "01"),
    (f'{{"u": {2**63 + 5}}}\n{{"u": {2**70 + 1}}}', str(2**63 + 5)),
    ('{"u": "1.50"}', "1.50"),
    ('{"u": "true"}', "true"),
]


@pytest.mark.parametrize(("lines", "person"), JSON_LINES)
def test_json_values_are_read_as_they_are_written(tmp_path: Path, lines: str, person: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(lines.replace("}", ', "t": "2026-03-02", "e": "A"}') + "\n", encoding="utf-8")
    assert person in set(read(path).funnel(["A"]).persons["person_id"])


def test_a_column_that_first_appears_late_in_json_lines_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    line = '{"u": "a", "t": "2026-03-02", "e": "A"}\n'
    path.write_text(line * 30_000 + '{"u": "z", "t": "2026-03-02", "e": "A", "price": 5}\n')
    assert list(read(path).funnel([{"price": 5}]).persons["person_id"]) == ["z"]


@pytest.mark.parametrize("name", ["bad.csv", "bad.parquet", "bad.jsonl", "empty.csv", "empty.jsonl", "latin.csv"])
def test_a_damaged_file_is_an_input_error_that_names_it(tmp_path: Path, name: str) -> None:
    damaged = {
        "bad.csv": b"u,t,e\na,b\n\xff,1,2,3\n",
        "bad.parquet": b"PAR1 nothing",
        "bad.jsonl": b'{"u": 1}\nnot json\n',
        "latin.csv": "u,t,e\na,2026-03-02,Ä\n".encode("latin-1"),
    }
    path = tmp_path / name
    path.write_bytes(damaged.get(name, b""))
    with pytest.raises(jn.InputError) as caught:
        read(path)
    assert name in str(caught.value) or "no rows" in str(caught.value)


def test_no_such_file() -> None:
    with pytest.raises(jn.InputError, match="nowhere"):
        read("nowhere.csv")
