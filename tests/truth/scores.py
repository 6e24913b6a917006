"""How well a partition agrees with the truth: over pairs of identifiers, and over events."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from itertools import combinations
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)
Pair = frozenset


def pairs_of(groups: Iterable[Iterable[Item]]) -> set[frozenset[Item]]:
    """Every two members of one group."""
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}


def group_by(parts: Mapping[Item, Hashable]) -> list[set[Item]]:
    """The groups of a partition given as item -> group."""
    groups: dict[Hashable, set[Item]] = defaultdict(set)
    for item, part in parts.items():
        groups[part].add(item)
    return list(groups.values())


def count_right_pairs(groups: Iterable[Iterable[Item]], persons: Mapping[Item, set[str]]) -> tuple[int, int]:
    """Pairs whose two members share a true person, and all pairs; a pair with nobody's identifier is wrong.

    Groups are counted by the persons of their members, for a group of thousands has millions of pairs.
    """
    right = total = 0
    for group in groups:
        members = list(group)
        total += len(members) * (len(members) - 1) // 2
        owners = Counter(frozenset(persons.get(member, ())) for member in members)
        for one, count in owners.items():
            right += count * (count - 1) // 2 if one else 0
        for one, other in combinations(owners, 2):
            right += owners[one] * owners[other] if one & other else 0
    return right, total


def count_right_events(ours: Mapping[str, str], truth: Mapping[str, str]) -> int:
    """Events whose person of ours and true person are each other's main counterpart.

    Merging two people loses the events of one of them, and splitting a person loses the events of the smaller parts.
    """
    both = Counter((ours[event], person) for event, person in truth.items())
    main_of_ours, main_of_true = _find_main(both, place=0), _find_main(both, place=1)
    return sum(count for (own, true), count in both.items() if main_of_ours[own] == true and main_of_true[true] == own)


def count_majority_events(ours: Mapping[str, str], truth: Mapping[str, str]) -> int:
    """Events whose true person is the commonest one among the events of their person of ours."""
    both = Counter((ours[event], person) for event, person in truth.items())
    main = _find_main(both, place=0)
    return sum(count for (own, true), count in both.items() if main[own] == true)


def measure_b_cubed(ours: Mapping[str, str], truth: Mapping[str, str]) -> tuple[float, float]:
    """B-cubed precision and recall: the mean, over events, of the share of its group that is right."""
    both = Counter((ours[event], person) for event, person in truth.items())
    own = Counter(ours[event] for event in truth)
    true = Counter(truth.values())
    precision = sum(count * count / own[a] for (a, _), count in both.items()) / len(truth)
    recall = sum(count * count / true[b] for (_, b), count in both.items()) / len(truth)
    return precision, recall


def _find_main(both: Counter[tuple[str, str]], *, place: int) -> dict[str, str]:
    """For each name at `place` of the pairs, the other name it stands with most; of equals the first."""
    best: dict[str, tuple[int, str]] = {}
    for pair, count in both.items():
        name, other = pair[place], pair[1 - place]
        best[name] = min(best.get(name, (0, "")), (-count, other))
    return {name: other for name, (_, other) in best.items()}
