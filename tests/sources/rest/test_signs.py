"""A source that says nothing of paging, and an answer that looks like one page of several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from rest_api import Api, orders

from journeys.config import Identity, Project, Source
from journeys.sources import check_source
from journeys.sources.rest.session import Answer
from journeys.sources.rest.signs import find_sign


@pytest.mark.parametrize(
    ("document", "link", "sign"),
    [
        ({"r": [], "next": "https://x"}, "", "'next' in the answer"),
        ({"r": [], "meta": {"next_cursor": "abc"}}, "", "'next_cursor' in the answer"),
        ({"value": [], "@odata.nextLink": "https://x"}, "", "'@odata.nextLink' in the answer"),
        ({"r": [], "has_more": True}, "", "'has_more' in the answer"),
        ({"r": [], "paging": {"next": {"after": "5"}}}, "", "'next' in the answer"),
        ({"r": [], "totalCount": 1_200}, "", "'totalCount' is 1,200 and 3 records came"),
        ([], '<https://x>; rel="next"', 'a Link header with rel="next"'),
        ([], "<https://x>; rel=next", 'a Link header with rel="next"'),
        ({"r": [], "next": None, "has_more": False, "meta": {"next_cursor": ""}, "total": 3}, "", ""),
        ({"r": [], "total": True, "next": {}, "more": []}, "", ""),
        ([], '<https://x>; rel="prev"', ""),
    ],
)
def test_signs_of_a_further_page(document: Any, link: str, sign: str) -> None:
    answer = Answer(httpx.URL("https://x"), 200, {"link": link} if link else {}, document)
    assert find_sign(answer, 3) == sign


def test_such_an_answer_is_told_and_no_right_source(api: Api, nights: Callable[..., Any], tmp_path: Path) -> None:
    api.answer = lambda _: {"r": orders(1, 3), "next": "?p=2"}
    own = nights(request={"records": "r"})
    assert len(own.pull()) == 3
    told = "source 'crm': there seems to be a further page ('next' in the answer), and no [source.paging] asks for it"
    assert own.report.notes == (told,)
    (problem,) = check_source(Source(**own.settings), Project(name="A"), tmp_path, identity=Identity())
    assert problem.startswith(told)
    own.pull(paging={"kind": "none"})
    assert own.report.notes == ()
