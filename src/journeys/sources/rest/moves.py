"""Rows that move while pages are read: two neighbouring pages are read until they fit, and all that they held is taken.

Between two pages a row is lost when one before it goes away: it slips into a page that was read already. A page that is
the same before and after the one that follows it shows that none did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from journeys.sources.rest.identity import Identify, digest, without

_MOST_LOOKS = 5


class Moves:
    """Compares the pages of one reading.

    Args:
        identify: tells records apart.

    Attributes:
        count: records that were found where another had been.
        is_doubtful: pages did not come to rest, or none of a page's records was left: more may have moved than was
            found.
    """

    def __init__(self, identify: Identify) -> None:
        self.identify = identify
        self.count = 0
        self.is_doubtful = False

    def name(self, records: list[Any]) -> Counter[str]:
        """Return the records as they are told apart, with how often each occurs."""
        return Counter(map(self.identify, records))

    def settle(
        self,
        pair: tuple[list[Any], list[Any]],
        read_pair: Callable[[], tuple[list[Any], list[Any]]],
        *,
        looked: list[Any] | None,
        fits: Callable[[list[Any], list[Any]], bool],
    ) -> tuple[list[Any], list[Any]]:
        """Read two neighbouring pages again until they fit.

        Args:
            pair: the first page as it was read before the second, whose records are taken, and the second.
            read_pair: reads the second page and then the first, in the order first, second.
            looked: the first page as it was after the second, where that was looked at already.
            fits: whether a first and a second page belong together.

        Returns:
            The records to take beside those of the first page as it was, and the second page as it is now.
        """
        last, now = pair
        seen = self.name(last)
        taken: list[Any] = []
        if looked is not None:
            taken += without(looked, seen, self.identify)
            seen |= self.name(looked)
            self._compare(last, looked)
            last = looked
        for _ in range(_MOST_LOOKS):
            again, following = read_pair()
            for records in (now, following, again):
                taken += without(records, seen, self.identify)
                seen |= self.name(records)
            self._compare(last, again)
            is_still = self.name(last) == self.name(again)
            now, last = following, again
            if is_still and fits(again, following):
                return taken, now
        self.is_doubtful = True
        return taken, now

    def _compare(self, before: list[Any], after: list[Any]) -> None:
        """Count what is new in a page; a page of which no record is left as it was may have been left far behind."""
        self.count += (self.name(after) - self.name(before)).total()
        if not {digest(record) for record in before} & {digest(record) for record in after}:
            self.is_doubtful = True
