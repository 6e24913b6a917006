"""Variants, loops, step matrices and entropies counted path by path, from the sentences of the documents."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from reference_paths import Cut, collapse


def names_of(one: Cut, *, is_collapsed: bool) -> tuple[str, ...]:
    """The names on a path."""
    names = [event.event for event in one.events]
    return tuple(collapse(names) if is_collapsed else names)


def count_variants(cuts: Sequence[Cut], *, is_collapsed: bool) -> list[tuple[list[str], int, int]]:
    """`(path, count, converted)`, the commonest first, equal counts by path."""
    counts: Counter[tuple[str, ...]] = Counter()
    converted: Counter[tuple[str, ...]] = Counter()
    for one in cuts:
        path = names_of(one, is_collapsed=is_collapsed)
        counts[path] += 1
        converted[path] += one.outcome == "(converted)"
    order = sorted(counts, key=lambda path: (-counts[path], path))
    return [(list(path), counts[path], converted[path]) for path in order]


def needed_for(counts: Sequence[int], share: float) -> int:
    """How many of the first counts it takes to reach a share of their sum."""
    return next(n for n in range(1, len(counts) + 1) if sum(counts[:n]) >= share * sum(counts) - 1e-9)


def count_loops(cuts: Sequence[Cut]) -> dict[str, tuple[int, int, int, int, int]]:
    """Step -> repeats, returns, units that met it again, units that met it, visits."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for one in cuts:
        names = names_of(one, is_collapsed=False)
        for name in set(names):
            places = [place for place, each in enumerate(names) if each == name]
            gaps = [later - earlier for earlier, later in pairwise(places)]
            mine = found[name]
            for index, number in enumerate((gaps.count(1), len(gaps) - gaps.count(1), len(places) > 1, 1, len(places))):
                mine[index] += number
    return {name: tuple(numbers) for name, numbers in found.items()}  # type: ignore[misc]


def stand(cuts: Sequence[Cut], depth: int, *, is_collapsed: bool) -> list[Counter[str]]:
    """For each position where every unit stands: at its step, or in its end."""
    columns: list[Counter[str]] = [Counter() for _ in range(depth)]
    for one in cuts:
        names = names_of(one, is_collapsed=is_collapsed)
        for place in range(depth):
            columns[place][names[place] if place < len(names) else one.outcome] += 1
    return columns


def entropy_bits(counts: Sequence[int]) -> float:
    """Entropy of the shares of some counts."""
    return -sum(n / sum(counts) * math.log2(n / sum(counts)) for n in counts)


def transition_entropy_bits(cuts: Sequence[Cut], *, is_collapsed: bool) -> float:
    """The mean over all moves of the entropy of what follows their first step."""
    moves = Counter(pair for one in cuts for pair in pairwise(names_of(one, is_collapsed=is_collapsed)))
    following: dict[str, Counter[str]] = defaultdict(Counter)
    for (start, end), count in moves.items():
        following[start][end] += count
    leaving = {start: sum(ends.values()) for start, ends in following.items()}
    total = sum(leaving.values())
    return sum(leaving[start] / total * entropy_bits(list(ends.values())) for start, ends in following.items())
