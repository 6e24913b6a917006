"""`[[stage]] expected`: the touches a journey is designed for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Settings, starter_text
from journeys.errors import ConfigError

LINE = "# expected = [2, 5] "


def with_expected(text: str) -> str:
    starter = starter_text()
    assert LINE in starter
    return starter.replace(LINE, f"expected = {text}\n# ")


@pytest.mark.parametrize(("text", "range_"), [("[2, 5]", (2, 5)), ("[0, 0]", (0, 0)), ("[3, 3]", (3, 3))])
def test_a_range_of_touches_is_read(load: Callable[..., Settings], text: str, range_: tuple[int, int]) -> None:
    settings = load(text=with_expected(text))
    assert {stage.name: stage.expected for stage in settings.stages}["consideration"] == range_


@pytest.mark.parametrize(
    "text", ["5", '"2-5"', "[2]", "[2, 5, 7]", "[-1, 2]", "[1.5, 2]", "[true, 2]", '["2", "5"]', "[]"]
)
def test_what_is_no_range_is_refused(load: Callable[..., Settings], text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text=with_expected(text))
    (problem,) = caught.value.problems
    assert '[[stage]] "consideration"' in problem
    assert "expected: not a range of touches" in problem
    assert "[fewest, most]" in problem


def test_a_range_that_stands_the_wrong_way_round_is_refused(load: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigError, match="config") as caught:
        load(text=with_expected("[5, 2]"))
    assert "the first number is larger than the second" in caught.value.problems[0]


def test_a_designed_number_of_touches_changes_no_published_number(load: Callable[..., Settings]) -> None:
    assert load(text=with_expected("[2, 5]")).fingerprint() == load(text=starter_text()).fingerprint()
