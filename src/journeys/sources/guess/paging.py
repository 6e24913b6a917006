"""How an API is asked for the next page: told by its answer, and tried once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journeys.sources.guess.answers import list_scalars
from journeys.sources.guess.columns import LIKELY, SURE, UNSURE
from journeys.sources.rest.session import Answer

_LINKS = {
    "next",
    "nextlink",
    "nexturl",
    "nexturi",
    "nextpageurl",
    "nextpagelink",
    "nextpage",
    "nexthref",
    "odatanextlink",
}
_INNER_LINKS = {"href", "url", "link", "uri"}
_CURSORS = ("nextcursor", "nextpagetoken", "nexttoken", "continuationtoken", "continuation", "endcursor", "nextkey",
            "after", "nextafter", "bookmark", "nextbookmark", "nextpage", "nextstart", "nextoffset", "nextskip", "next",
            "cursor")  # fmt: skip
_OTHER_PARAMS = {"nextcursor": ("after", "starting_after"), "endcursor": ("after", "cursor"),
                 "next": ("cursor", "page"),
                 "nexttoken": ("next_token", "nextToken"), "nextkey": ("start_key",)}  # fmt: skip
_PAGES = ("page", "currentpage", "pagenumber", "pageindex", "pageno", "p", "number")
_OFFSETS = ("offset", "skip", "start", "startat", "from", "startindex")
_SIZES = ("limit", "perpage", "pagesize", "size", "count", "per", "top", "take", "maxresults", "pagelimit",
          "filterlimit", "rows")  # fmt: skip
_PAGE_COUNTS = ("totalpages", "pages", "lastpage", "pagecount", "numpages", "pagetotal")
_TOTALS = ("total", "totalcount", "totalresults", "totalrecords", "totalitems", "totalelements", "totalsize", "count")
_OF_A_PAGE = ("count",)  # of all records, or of those on the page
_MORE = ("hasmore", "more", "hasnext", "hasnextpage", "moreitemsincollection")
_MOST_TRIES = 4
_ROUND = re.compile(r"[125]0+|25|250|75")


@dataclass(frozen=True)
class Plan:
    """A way to the next page.

    Attributes:
        keys: of `[source.paging]`.
        why: what speaks for it.
        is_said: the answer itself says it; all else is worth a try only.
    """

    keys: Mapping[str, object]
    why: str
    is_said: bool = True


@dataclass(frozen=True)
class Paged:
    """What became of it: keys of `[source.paging]`, none where nothing speaks of pages; and in words how surely."""

    keys: Mapping[str, object]
    told: str


Try = Callable[[Mapping[str, object]], int | str]


def find_paging(
    answer: Answer, path: str, records: Sequence[Any], params: Mapping[str, object], try_plan: Try
) -> Paged:
    """Find how the next page is asked for.

    Args:
        answer: the first page.
        path: where its records are.
        records: those.
        params: of the request.
        try_plan: reads two pages by some keys; returns the number of records of the second that are not in the first,
            0 where there is no second, or in words why it failed.
    """
    scalars = dict(list_scalars(answer.document, path))
    plans = list(_list_plans(answer, scalars, records, params))
    failed = ""
    for plan in plans[:_MOST_TRIES]:
        found = try_plan(plan.keys)
        if isinstance(found, int) and found:
            return Paged(plan.keys, f"{SURE}: {plan.why}; a second page was read so, new records: {found:,}")
        if plan.is_said and not failed:
            failed = found if isinstance(found, str) else ""
    said = [plan for plan in plans if plan.is_said]
    if said:
        doubt = (
            f"but a second page could not be read so: {failed}"
            if failed
            else "there is one page only, so it is not tried"
        )
        return Paged(said[0].keys, f"{UNSURE if failed else LIKELY}: {said[0].why}; {doubt}")
    count = len(records)
    if _find_total(scalars, count) == count:
        return Paged({"kind": "none"}, f"{LIKELY}: the answer says that its {count:,} records are all")
    told = "nothing speaks of a further page: one answer is taken for all"
    if _ROUND.fullmatch(str(count)) or count in _read_sizes(params):
        told += f"; but {count:,} is a round number of records: see how the API pages, and write [source.paging]"
    return Paged({}, f"{UNSURE}: {told}")


def _list_plans(
    answer: Answer, scalars: Mapping[str, Any], records: Sequence[Any], params: Mapping[str, object]
) -> Iterator[Plan]:
    link = answer.headers.get("link", "")
    if re.search(r'rel="?next', link):
        yield Plan({"kind": "link_header"}, 'the header Link: <...>; rel="next"')
    flags = [path for path, value in scalars.items() if _name(path) in _MORE and isinstance(value, bool)]
    more = {"more": flags[0]} if flags else {}
    for path, value in scalars.items():
        if _is_link(path, value):
            yield Plan({"kind": "next_link", "next": path}, f"{path!r} in the answer is an address"
                       if value else f"{path!r} in the answer, which is empty now")  # fmt: skip
    yield from _list_cursors(scalars, more)
    stop = {**_find_stops(scalars, len(records)), **more}
    yield from _list_counted(scalars, stop, params, len(records))
    if more and scalars[more["more"]] and records and "id" in records[-1]:
        for param in ("starting_after", "after_id"):
            keys = {"kind": "cursor", "last_record": "id", "param": param, **more}
            yield Plan(keys, f"{more['more']!r} is true, and {param} takes the last id", is_said=False)
    has_more = _find_total(scalars, len(records)) > len(records) or (more and scalars[more["more"]])
    if has_more or len(records) in _read_sizes(params):
        yield Plan({"kind": "page", "param": "page", **stop}, "the parameter page works", is_said=False)
        offset = {key: value for key, value in stop.items() if key != "pages"}
        param = _name_offset(params)
        yield Plan({"kind": "offset", "param": param, **offset}, f"the parameter {param} works", is_said=False)


def _is_link(path: str, value: Any) -> bool:
    parent, name = _name(path.rpartition(".")[0]), _name(path)
    is_named = name in _LINKS or (name in _INNER_LINKS and parent in _LINKS)
    if not is_named or "prev" in path.lower():
        return False
    return (value is None and name in ("next", "nextlink", "nexturl", "nextpageurl", "odatanextlink")) or (
        isinstance(value, str) and re.match(r"https?://|/|\?", value) is not None
    )


def _list_cursors(scalars: Mapping[str, Any], more: Mapping[str, str]) -> Iterator[Plan]:
    for known in _CURSORS:
        for path, value in scalars.items():
            is_value = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
            is_empty = value is None and known.startswith("next") and known != "next"
            if _name(path) != known or not (is_value or is_empty) or _is_link(path, value):
                continue
            if known == "cursor" and "prev" in path.lower():
                continue
            why = f"{path!r} in the answer" + ("" if is_value else ", which is empty now")
            for place, param in enumerate(dict.fromkeys([_strip_next(path), *_OTHER_PARAMS.get(known, ())])):
                keys = {"kind": "cursor", "next": path, "param": param, **more}
                yield Plan(keys, f"{why}, sent as {param}", is_said=not place)


def _strip_next(path: str) -> str:
    """The parameter that a key such as `next_cursor` or `nextPageToken` is likely sent in."""
    last = path.rpartition(".")[2]
    bare = re.sub(r"^(next|end)_?", "", last, flags=re.IGNORECASE)
    return bare[:1].lower() + bare[1:] if bare else "cursor"


def _list_counted(
    scalars: Mapping[str, Any], stop: Mapping[str, str], params: Mapping[str, object], count: int
) -> Iterator[Plan]:
    """Pages by number and offset: named by the answer, or by the parameters of the request."""
    asked = {_name(name): name for name in params}
    offset = {key: value for key, value in stop.items() if key != "pages"}
    for known in _PAGES:
        told = next((value for path, value in scalars.items() if _name(path) == known and value in (0, 1)), None)
        if known in asked:
            first = 0 if str(params[asked[known]]) == "0" else 1
            yield Plan(
                {"kind": "page", "param": asked[known], **_first(first), **stop}, f"the parameter {asked[known]}"
            )
        elif told is not None and not isinstance(told, bool) and stop:
            path = next(path for path in scalars if _name(path) == known)
            last = path.rpartition(".")[2]
            param = "page" if known in ("currentpage", "number") else last
            yield Plan({"kind": "page", "param": param, **_first(told), **stop}, f"{path!r} in the answer")
    for known in _OFFSETS:
        path = next((path for path, value in scalars.items() if _name(path) == known and value == 0), "")
        if known in asked or (path and count):
            param = asked.get(known) or path.rpartition(".")[2]
            why = f"the parameter {param}" if known in asked else f"{path!r} in the answer"
            yield Plan({"kind": "offset", "param": param, **offset}, why, is_said=known in asked or bool(stop))


def _name_offset(params: Mapping[str, object]) -> str:
    """The parameter beside that of the size: `filter_limit` has `filter_offset`, `$top` has `$skip`."""
    size = next((name for name in params if _name(name) in _SIZES), "limit")
    return "$skip" if size == "$top" else size.replace("limit", "offset") if "limit" in size else "offset"


def _first(number: int) -> dict[str, int]:
    return {"first": 0} if number == 0 else {}


def _find_stops(scalars: Mapping[str, Any], count: int) -> dict[str, str]:
    """Where the answer says how many records or pages there are."""
    stops = {}
    if totals := _list_totals(scalars, count):
        stops["total"] = next(iter(totals))
    pages = [
        path for name in _PAGE_COUNTS for path, value in scalars.items() if _name(path) == name and _is_count(value)
    ]
    if pages:
        stops["pages"] = pages[0]
    return stops


def _list_totals(scalars: Mapping[str, Any], count: int) -> dict[str, int]:
    """The numbers of all records that the answer tells, by path; a smaller one is of something else."""
    return {
        path: int(value)
        for name in _TOTALS
        for path, value in scalars.items()
        if _name(path) == name and _is_count(value) and (value > count or (value == count and name not in _OF_A_PAGE))
    }


def _find_total(scalars: Mapping[str, Any], count: int) -> int:
    """The number of records that the answer tells; -1 where it tells none that can be it."""
    return max(_list_totals(scalars, count).values(), default=-1)


def _read_sizes(params: Mapping[str, object]) -> set[int]:
    return {int(str(value)) for name, value in params.items() if _name(name) in _SIZES and str(value).isdecimal()}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _name(path: str) -> str:
    return re.sub(r"[^a-z0-9]", "", path.lower() if path.startswith("@") else path.rpartition(".")[2].lower())
