"""A file that cannot be read at all says where and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.config import Settings, load_settings
from journeys.errors import ConfigError


def _refusal(path: str | Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert len(caught.value.problems) == 1
    assert caught.value.exit_code == 2
    return caught.value.problems[0]


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    assert "file not found; write one with `journeys init`" in _refusal(tmp_path / "journeys.toml")


def test_a_folder_instead_of_a_file_names_the_file_in_it(tmp_path: Path) -> None:
    problem = _refusal(tmp_path)
    assert "is a folder" in problem
    assert str(tmp_path / "journeys.toml") in problem


def test_a_file_that_is_not_utf8_names_line_and_byte(tmp_path: Path) -> None:
    file = tmp_path / "j.toml"
    file.write_bytes("[project]\nname = 'R\u012bga'\n".encode("cp1257"))
    assert "line 2: not UTF-8; found byte 0xee" in _refusal(file)


def test_a_byte_order_mark_and_windows_line_ends_are_read(load: Callable[..., Settings], tmp_path: Path) -> None:
    load()
    file = tmp_path / "journeys.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_settings(file).project.name == "Acme"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[project]\nname = Acme", "line 2, column 8: not valid TOML"),
        ("[project]\n[project]", "line 2, column 9: not valid TOML"),
        ("a = " + "[" * 5000, "nested too deeply"),
        (".".join("a" * 5000) + " = 1", "nested too deeply"),
        ("a = " + "1" * 5000, "not valid TOML"),
    ],
)
def test_broken_toml_names_line_and_column(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "j.toml"
    file.write_text(text)
    assert words in _refusal(file)


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_an_impossible_path_is_refused(path: str) -> None:
    assert "cannot be read" in _refusal(path)
