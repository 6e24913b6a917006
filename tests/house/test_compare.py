"""The benchmark harness refuses unequal answers, alternates its rounds, and computes the ratios it prints."""

from __future__ import annotations

import importlib.util
import operator
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "compare.py"


@pytest.fixture(scope="module")
def harness() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_compare", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_unequal_answers_stop_it(harness: ModuleType) -> None:
    with pytest.raises(harness.UnequalAnswersError, match="slow and fast"):
        harness.compare("answers", {"fast": lambda: 1, "slow": lambda: 2}, same=operator.eq)


def test_rounds_alternate_and_turn(harness: ModuleType) -> None:
    calls: list[str] = []
    candidates = {name: lambda name=name: calls.append(name) for name in "ab"}
    result = harness.compare("order", candidates, same=operator.eq, rounds=3)
    assert "".join(calls) == "ab" + "ab" + "ba" + "ab"
    assert [len(timing.seconds) for timing in result.timings] == [3, 3]


def test_ratio_is_of_medians_with_the_spread_of_rounds(harness: ModuleType) -> None:
    ours, theirs = harness.Timing("ours", (1.0, 2.0, 4.0)), harness.Timing("theirs", (3.0, 3.0, 20.0))
    comparison = harness.Comparison("sums", (ours, theirs))
    assert comparison.ratios("theirs") == (1.5, 1.5, 5.0)
    assert comparison.ratios("ours") == (1.0, 1.0, 1.0)
    assert "ratio   1.50  (1.50..5.00)" in str(comparison)
