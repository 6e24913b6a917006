"""`[gates]`: actions, limits, and mistakes in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Gates, Settings

SECTION = '[report]\npath = "report.html"\n'


def with_gates(lines: str) -> tuple[str, str]:
    return SECTION, f"[gates]\n{lines}\n{SECTION}"


def test_without_a_section_reconciliation_blocks_and_all_else_warns(load: Callable[..., Settings]) -> None:
    gates = load().gates
    actions = {name: value for name, value in gates.model_dump().items() if value in ("warn", "block", "off")}
    assert actions == dict.fromkeys(
        ("freshness", "volume", "duplicates", "nulls", "unmatched", "merges"), "warn"
    ) | {"reconciliation": "block"}  # fmt: skip
    assert gates.freshness_us == 3 * 86_400 * 1_000_000


def test_limits_are_read_and_whole_numbers_are_numbers(load: Callable[..., Settings]) -> None:
    gates = load(with_gates('freshness_limit = "36h"\nvolume_low = 0\nvolume_high = 3\nnulls_limit = 1')).gates
    assert (gates.freshness_us, gates.volume_low, gates.volume_high, gates.nulls_limit) == (129_600_000_000, 0, 3, 1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('volume = "stop"', ["volume: value not allowed", "'stop'", "'warn', 'block', 'off'"]),
        ("volume = true", ["volume", "found true", "'warn', 'block', 'off'"]),
        ("volume_low = 1.5", ["volume_low: out of range", "found 1.5", "0 to 1"]),
        ("volume_low = -0.1", ["volume_low: out of range", "found -0.1"]),
        ("volume_low = nan", ["volume_low: out of range", "found nan"]),
        ("volume_high = inf", ["volume_high: out of range", "found inf", "1,000,000"]),
        ("volume_high = 0.5", ["volume_high: out of range", "1 to 1,000,000"]),
        ('nulls_limit = "5 %"', ["nulls_limit: must be a number without quotes", "found '5 %'"]),
        ("nulls_limit = true", ["nulls_limit: must be a number without quotes", "found true"]),
        ('freshness_limit = "3"', ["freshness_limit: not a duration", "found '3'", "unit"]),
        ("freshness_limit = 72", ["freshness_limit: must be a text in quotes"]),
        ("fewest = 0", ["fewest: too small", "1 to 1000000000"]),
        ("fewest = 2.5", ["fewest", "whole number"]),
        ('fresness = "warn"', ["fresness: unknown key", "did you mean 'freshness'?"]),
        ("merges_limit = 1e999", ["merges_limit: out of range"]),
    ],
)
def test_each_mistake_says_what_is_allowed(problems_of: Callable[..., list[str]], line: str, words: list[str]) -> None:
    [problem] = problems_of(with_gates(line))
    assert problem.startswith("[gates]: ")
    for word in words:
        assert word in problem


def test_a_list_of_gates_is_refused(problems_of: Callable[..., list[str]]) -> None:
    [problem] = problems_of((SECTION, f"[[gates]]\nvolume = 'warn'\n{SECTION}"))
    assert "must be a table" in problem


def test_the_fingerprint_leaves_out_the_gates(load: Callable[..., Settings]) -> None:
    """They judge numbers and change none; another limit must not rebuild the warehouse."""
    assert load().fingerprint() == load(with_gates('volume = "block"\nfewest = 9')).fingerprint()


def test_every_key_is_described() -> None:
    assert all(field.description for field in Gates.model_fields.values())
