"""Rows that move while pages are read: a page is looked at again after the next one, and what is new there is taken.

Between two pages a row is lost when one before it goes away: it slips into a page that was read already. Reading that
page once more finds it, and a row that is seen twice is known.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from journeys.sources.rest.identity import Identify, without


class Moves:
    """Compares the pages of one reading.

    Args:
        identify: tells records apart.

    Attributes:
        count: records that were found where another had been.
        is_doubtful: a page was left without any of its records: more may have moved than was found.
    """

    def __init__(self, identify: Identify) -> None:
        self.identify = identify
        self.count = 0
        self.is_doubtful = False

    def name(self, records: list[Any]) -> Counter[str]:
        """Return the records as they are told apart, with how often each occurs."""
        return Counter(map(self.identify, records))

    def find(self, last: list[Any], now: list[Any], again: list[Any]) -> tuple[list[Any], list[Any]]:
        """Compare a page with itself, read again after the one that follows it.

        Args:
            last: its records when it was read first.
            now: the records of the page that follows.
            again: its records afterwards.

        Returns:
            The records that have slipped into it and were in neither, and those of the page that follows without the
            ones that were pushed there and have been read.
        """
        before, after = self.name(last), self.name(again)
        if before == after:
            return [], now
        slipped = without(again, before + self.name(now), self.identify)
        self.count += (after - before).total()
        if not before & after:
            self.is_doubtful = True
        return slipped, without(now, before, self.identify)
