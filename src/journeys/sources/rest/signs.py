"""Signs in an answer that it is one page of several, for sources that say nothing of paging."""

from __future__ import annotations

from typing import Any

from journeys.sources.rest.session import Answer

_NEXT = {"next", "nextpage", "nextlink", "nexturl", "@odata.nextlink", "nextcursor", "nextpagetoken", "hasmore",
         "hasnext", "hasnextpage", "more"}  # fmt: skip
_TOTALS = {"total", "totalcount", "totalresults", "totalrecords", "totalitems"}


def find_sign(answer: Answer, count: int) -> str:
    """Find what speaks of a further page.

    Args:
        answer: the only one that is asked for.
        count: its records.

    Returns:
        What it is, such as "'next' in the answer"; '' where nothing does.
    """
    if 'rel="next"' in answer.headers.get("link", "").replace("rel=next", 'rel="next"'):
        return 'a Link header with rel="next"'
    if not isinstance(answer.document, dict):
        return ""
    inner = [value for value in answer.document.values() if isinstance(value, dict)]
    for table in (answer.document, *inner):
        for key, value in table.items():
            name = key.lower().replace("_", "")
            if name in _NEXT and _is_given(value):
                return f"{key!r} in the answer"
            if name in _TOTALS and isinstance(value, int) and not isinstance(value, bool) and value > count:
                return f"{key!r} is {value:,} and {count:,} records came"
    return ""


def _is_given(value: Any) -> bool:
    return bool(value) and not isinstance(value, list)
