"""The pages of a REST source, one after the other, with guards against those that never end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from journeys.sources.rest.addresses import set_params, write_param
from journeys.sources.rest.identity import choose_identity, digest
from journeys.sources.rest.moves import Moves
from journeys.sources.rest.session import Answer, Session
from journeys.sources.rest.signs import find_sign
from journeys.sources.rest.values import find_value, write_names

if TYPE_CHECKING:
    from journeys.config import Paging, Source


class Pages(ABC):
    """The pages of one reading; can be iterated once, each page a list of records.

    Args:
        session: asks for them.
        source: of kind rest.
        params: of the first request, beside the source's own, such as where to read from.

    Attributes:
        moves: what moved between pages while they were read.
        notes: what somebody should know, one text each.
    """

    def __init__(self, session: Session, source: Source, params: dict[str, str]) -> None:
        assert source.request is not None
        self.session, self.source, self.request = session, source, source.request
        self.paging: Paging | None = source.paging
        self.moves = Moves(choose_identity(source))
        self.notes: list[str] = []
        self.address = set_params(session.base, params)
        self._totals: list[int] = []
        self._count = self._page = 0

    @property
    def is_doubtful(self) -> bool:
        """Whether more records may have moved than were found, so that the next pull has to read all this again."""
        return self.moves.is_doubtful

    def __iter__(self) -> Iterator[list[Any]]:
        for records in self._walk():
            self._count += len(records)
            yield records
        self._tell()

    @abstractmethod
    def _walk(self) -> Iterator[list[Any]]:
        """Read page after page, each a list of records."""

    def fetch(self, address: httpx.URL, page: int, *, ends: Collection[int] = ()) -> tuple[Answer, list[Any]]:
        """Read one page.

        Returns:
            The answer and its records; none where its status is one of `ends`.

        Raises:
            SourceError: there are more pages than may be, or no list is where the records should be.
        """
        most = self.paging.most_pages if self.paging else 1
        if page > most:
            raise self.session.faults.refuse(
                "endless-pages",
                f"source {self.source.name!r}: the pages do not end",
                found=f"another page after {most:,}",
                allowed=f"most_pages = {most}",
                do="see whether [source.paging] is right, or raise most_pages",
            )
        answer = self.session.get(address, page=page, ends=ends)
        return answer, self._take_records(answer, page)

    def _take_records(self, answer: Answer, page: int) -> list[Any]:
        if answer.is_empty:
            return []
        path = self.request.records
        has_value, found = find_value(answer.document, path) if path else (True, answer.document)
        if isinstance(found, list):
            self._see_total(answer)
            return found
        if self.request.may_lack_records and found is None:
            return []
        what = f"the value of {path!r} is no list" if has_value else f"there is no {path!r}"
        raise self.session.faults.refuse(
            "no-records",
            f"{self.session.faults.name_page(page)}: {what if path else 'the answer is no list'}",
            found=write_names(found if has_value and path else answer.document),
            allowed="the list of records"
            + ("; or may_lack_records = true, where its absence means none" if found is None else ""),
            do="correct `records` in [source.request]",
        )

    def _see_total(self, answer: Answer) -> None:
        if self.paging is not None and self.paging.total:
            found = find_value(answer.document, self.paging.total)[1]
            if isinstance(found, int | str) and str(found).isdecimal():
                self._totals.append(int(found))

    @property
    def total(self) -> int | None:
        """The number of all records as the last page told it; None where it told none."""
        return self._totals[-1] if self._totals else None

    def refuse_repeat(self, last: list[Any], records: list[Any], page: int) -> None:
        """Refuse a page that is the page before once more.

        Raises:
            SourceError: it is, so that it would be read for ever.
        """
        if not is_repeat(last, records):
            return
        raise self.session.faults.refuse(
            "same-page",
            f"{self.session.faults.name_page(page)}: it is the page before once more",
            found=f"the same {len(records):,} records",
            allowed="other records, or none where there is no further page",
            do="see whether [source.paging] is right; where the API repeats its last page, name `total`, `pages` or "
            "`more`; where its offsets count whole pages, set verify = false",
        )

    def says_end(self, answer: Answer) -> bool | None:
        """Whether an answer itself says that it is the last; None when the source names no place for that."""
        if self.paging is None or not self.paging.more:
            return None
        found = find_value(answer.document, self.paging.more)[1]
        return str(found).lower() not in ("true", "1")

    def _tell(self) -> None:
        if self.moves.count:
            doubt = "; all is read again in the next pull" if self.is_doubtful else ""
            self.notes.append(f"{self.moves.count:,} records moved between pages while they were read{doubt}")
        first, last = (self._totals[0], self._totals[-1]) if self._totals else (0, 0)
        if first != last:
            self.notes.append(f"the number of records that the API states changed from {first:,} to {last:,}")
        if self._count < min(first, last):
            self.notes.append(f"the API states {min(first, last):,} records and gave {self._count:,}")


def is_repeat(last: list[Any], records: list[Any]) -> bool:
    """Whether a page has the same records as the page before, and has some."""
    return bool(records) and digest(records) == digest(last)


def _always(_last: list[Any], _now: list[Any]) -> bool:
    return True


class OnePage(Pages):
    """All there is comes in one answer."""

    def _walk(self) -> Iterator[list[Any]]:
        answer, records = self.fetch(self.address, 1)
        sign = "" if self.paging else find_sign(answer, len(records))
        if sign:
            self.notes.append(f"there seems to be a further page ({sign}), and no [source.paging] asks for it")
        yield records


class LinkedPages(Pages):
    """Each answer says by which address or cursor the next page is asked for."""

    def _walk(self) -> Iterator[list[Any]]:
        address: httpx.URL | None = self.address
        seen = {digest(str(address))}
        page = 0
        last: list[Any] = []
        while address is not None:
            page += 1
            answer, records = self.fetch(address, page)
            self.refuse_repeat(last, records, page)
            yield records
            last = records
            address = self._find_next(answer, records, page)
            if address is not None and digest(str(address)) in seen:
                raise self.session.faults.refuse(
                    "same-page",
                    f"{self.session.faults.name_page(page)}: its next page has been read already",
                    found="an address or cursor that was there before",
                    allowed="a further page, or no next one",
                    do="see whether [source.paging] is right",
                )
            seen.add(digest(str(address)))

    def _find_next(self, answer: Answer, records: list[Any], page: int) -> httpx.URL | None:
        assert self.paging is not None
        is_last = self.says_end(answer)
        if is_last:
            return None
        where = self.session.faults.name_page(page)
        following = self._read_next(answer, records)
        if following is None:
            if is_last is False:
                raise self.session.faults.refuse(
                    "no-next-page", f"{where}: another page follows, and nothing says which",
                    found=f"{self.paging.more!r} is true", allowed="where the next page is",
                    do="correct `next` or `last_record` in [source.paging]",
                )  # fmt: skip
            return None
        if self.paging.kind == "cursor":
            return set_params(self.address, {str(self.paging.param): following})
        return self.session.follow(following, at=answer.address, where=where, what="the next page")

    def _read_next(self, answer: Answer, records: list[Any]) -> str | None:
        assert self.paging is not None
        if self.paging.kind == "link_header":
            header = answer.headers.get("link", "")
            return httpx.Response(200, headers={"link": header}).links.get("next", {}).get("url") if header else None
        if self.paging.last_record:
            found = find_value(records[-1], self.paging.last_record)[1] if records else None
        else:
            found = find_value(answer.document, self.paging.next or "")[1]
        if found is None or found is False or found == "" or isinstance(found, dict | list):
            return None
        return write_param(found)


class CountedPages(Pages):
    """The next page is asked for by its number, or by the number of records before it."""

    def _walk(self) -> Iterator[list[Any]]:
        assert self.paging is not None
        last: list[Any] = []
        last_address, place, read = self.address, 0, 0
        ends = (self.paging.end_status,) if self.paging.end_status else ()
        while True:
            page = self._page = self._page + 1
            back = 1 if self.paging.kind == "offset" and self.paging.verify and len(last) > 1 else 0
            number = self.paging.first + page - 1 if self.paging.kind == "page" else place - back
            address = set_params(self.address, {str(self.paging.param): str(number)})
            answer, records = self.fetch(address, page, ends=ends if page > 1 else ())
            fresh = records[1:] if back and self._fits(last, records) else records
            has_moved, looked = self._look(last, records, last_address, back) if page > 1 else (False, None)
            if not has_moved:
                self.refuse_repeat(last, records, page)
            else:
                fits = self._fits if back else _always
                again = partial(self._read_pair, last_address, address)
                fresh, records = self.moves.settle((last, records), again, looked=looked, fits=fits)
            if fresh:
                yield fresh
            place, read = number + len(records), read + len(fresh)
            is_last = self._is_last(answer, number, place if self.paging.kind == "offset" else read)
            # A page number goes on where the API says that there is more; an offset would stay where it is.
            if is_last or (len(records) <= back and (is_last is None or self.paging.kind == "offset")):
                return
            last, last_address = records, address

    def _fits(self, last: list[Any], records: list[Any]) -> bool:
        """Whether a page that begins one record early begins with the last record of the page before."""
        return bool(last and records) and self.moves.identify(records[0]) == self.moves.identify(last[-1])

    def _look(
        self, last: list[Any], records: list[Any], address: httpx.URL, back: int
    ) -> tuple[bool, list[Any] | None]:
        """Whether rows may have moved since the page before was read, and that page now where it was read again."""
        assert self.paging is not None
        if not self.paging.verify:
            return False, None
        if back and not is_repeat(last, records):
            return not self._fits(last, records), None
        looked = self.fetch(address, self._page - 1)[1]
        return self.moves.name(looked) != self.moves.name(last), looked

    def _read_pair(self, first: httpx.URL, second: httpx.URL) -> tuple[list[Any], list[Any]]:
        """Read a page and then the one before it; returned in their order."""
        assert self.paging is not None
        ends = (self.paging.end_status,) if self.paging.end_status else ()
        following = self.fetch(second, self._page, ends=ends)[1]
        return self.fetch(first, self._page - 1, ends=ends)[1], following

    def _is_last(self, answer: Answer, number: int, place: int) -> bool | None:
        """Whether this was the last page; None where only an empty page can tell."""
        assert self.paging is not None
        is_last = self.says_end(answer)
        if is_last is not None:
            return is_last
        if self.paging.pages:
            pages = find_value(answer.document, self.paging.pages)[1]
            if isinstance(pages, int | str) and str(pages).isdecimal():
                return number >= int(pages) - 1 + self.paging.first
        return True if self.total is not None and place >= self.total else None
