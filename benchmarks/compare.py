"""Compare ways to compute one answer: first that the answers are equal, then how long each takes, in turns.

Alternating rounds spread a machine's slow minutes over all candidates, so that ratios of medians mean something even
where single times do not. The order within a round turns by one each time, so that nobody always runs first.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Timing:
    """Seconds of one candidate, one number per round.

    Attributes:
        name: as given to `compare`.
        seconds: wall time of each counted round.
    """

    name: str
    seconds: tuple[float, ...]

    @property
    def median_seconds(self) -> float:
        """Middle of the rounds."""
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Comparison:
    """The timings of all candidates; the first is what the others are measured against."""

    title: str
    timings: tuple[Timing, ...]

    def ratios(self, name: str) -> tuple[float, float, float]:
        """Return lowest, median and highest ratio of a candidate's time to the first one's, round by round.

        The middle number is the ratio of the medians; the outer two are the smallest and largest ratio within a round.
        """
        first = self.timings[0]
        other = next(timing for timing in self.timings if timing.name == name)
        each = [theirs / ours for theirs, ours in zip(other.seconds, first.seconds, strict=True)]
        return min(each), other.median_seconds / first.median_seconds, max(each)

    def __str__(self) -> str:
        width = max(len(timing.name) for timing in self.timings)
        lines = [f"{self.title} ({len(self.timings[0].seconds)} rounds, equal answers)"]
        for timing in self.timings:
            low, middle, high = self.ratios(timing.name)
            span = f"{min(timing.seconds):.3f}..{max(timing.seconds):.3f}"
            lines.append(
                f"  {timing.name:<{width}}  median {timing.median_seconds:8.3f} s  ({span})"
                f"  ratio {middle:6.2f}  ({low:.2f}..{high:.2f})"
            )
        return "\n".join(lines)


class UnequalAnswersError(AssertionError):
    """Two candidates do not compute the same, so their times mean nothing."""


def compare(
    title: str,
    candidates: Mapping[str, Callable[[], object]],
    *,
    same: Callable[[Any, Any], bool],
    rounds: int = 7,
) -> Comparison:
    """Time candidates that compute one answer; ours comes first.

    Args:
        title: what is computed, on how many rows.
        candidates: name -> function without arguments; loading that should not be timed belongs outside.
        same: tells whether two answers are equal.
        rounds: how often each candidate is timed, after one run that is compared and not timed.

    Raises:
        UnequalAnswersError: names the candidate whose answer differs from the first one's.
    """
    names = list(candidates)
    expected = candidates[names[0]]()
    for name in names[1:]:
        if not same(expected, candidates[name]()):
            raise UnequalAnswersError(f"{title}: {name} and {names[0]} give different answers")
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for index in range(rounds):
        turn = index % len(names)
        for name in names[turn:] + names[:turn]:
            started = time.perf_counter()
            candidates[name]()
            seconds[name].append(time.perf_counter() - started)
    return Comparison(title, tuple(Timing(name, tuple(seconds[name])) for name in names))
