"""Pages that each begin at the cursor of the page before: no row can move out of the way of such a reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from journeys.sources.rest.addresses import set_params
from journeys.sources.rest.cursor import read_cursor, step_back, write_cursor
from journeys.sources.rest.identity import digest, without
from journeys.sources.rest.pages import Pages

_FEWEST_OF_A_PAGE = 10


class SincePages(Pages):
    """The records come sorted by the cursor; each page is asked for from the last cursor value on.

    A little before it, to be exact, and what was read already is known by its content. A row that is updated while
    pages are read comes again at the end.
    """

    def _walk(self) -> Iterator[list[Any]]:
        assert self.paging is not None
        assert self.paging.size is not None
        full, page, asked = self.paging.size, 0, ""
        known: Counter[tuple[Any, str]] = Counter()
        last_count = 0
        while True:
            page += 1
            address = set_params(self.address, {str(self.request.cursor_param): asked}) if asked else self.address
            records = self.fetch(address, page)[1]
            fresh = without(records, Counter(name for _, name in known.elements()), digest)
            if not fresh:
                if page > 1 and len(records) >= full:
                    raise self._refuse_ties(page, len(records))
                return
            yield fresh
            if len(records) == last_count >= _FEWEST_OF_A_PAGE:
                full = min(full, last_count)  # pages of one size, so that is what the API gives at most
            last_count = len(records)
            values = self._read_values(records, page)
            start = step_back(self.source, values[-1])
            following = write_cursor(self.source, start)
            if following == asked:
                if len(records) >= full:
                    raise self._refuse_ties(page, len(records))
                return
            asked = following
            known |= Counter(zip(values, map(digest, records), strict=True))
            known = Counter({pair: count for pair, count in known.items() if not pair[0] < start})

    def _read_values(self, records: list[Any], page: int) -> list[Any]:
        """The cursor values of a page, which have to be in order."""
        values = [read_cursor(self.source, record) for record in records]
        if None in values or values != sorted(values):
            raise self.session.faults.refuse(
                "not-sorted",
                f"{self.session.faults.name_page(page)}: its records are not sorted upwards by {self.source.cursor!r}",
                found="a record without a value" if None in values else "a later value before an earlier one",
                allowed='with kind = "since": each record has a value, and none is before that of the record above it',
                do="add the API's sort parameter to params in [source.request], or choose another kind of paging",
            )
        return values

    def _refuse_ties(self, page: int, count: int) -> Exception:
        return self.session.faults.refuse(
            "too-many-ties",
            f"{self.session.faults.name_page(page)}: more records share a value of {self.source.cursor!r} than a page "
            "holds",
            found=f"{count:,} records, a full page, and all are known",
            allowed="fewer records of one moment than a page has",
            do="ask for larger pages (params in [source.request], size in [source.paging]), or another kind of paging",
        )
