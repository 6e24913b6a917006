"""Matomo's visits with their actions, by naming the preset: 22 rows whose answers were counted by hand.

Members: https://developer.matomo.org/api-reference/reporting-api#Live, and the classes VisitorDetails of Matomo's
plugins. Times are those of the site's clock, which is Riga's here. Nine visits of 19 actions; one has none, and one is
told again when it has gone on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import shop_visits as visits
from shop_script import Script

sys.path.insert(0, str(Path(__file__).parents[1] / "sources" / "rest"))
from rest_api import Api, Asked, serving

TOLD = json.loads((Path(__file__).parent / "matomo_live" / "visits.json").read_text(encoding="utf-8"))
SOURCE = '[[source]]\nname = "web"\npreset = "matomo_live"\ntimezone = "Europe/Riga"\n'
A1, A2, B1, C1, D1 = ("a1" * 8, "a2" * 8, "b1" * 8, "c1" * 8, "d1" * 8)
API = """kind = "rest"
url = "{url}"
cursor = "serverTimestamp"
[source.request]
path = "index.php"
params = {{ module = "API", method = "Live.getLastVisitsDetails", format = "json", idSite = 1, period = "range", date = "last30", filter_limit = 4, filter_sort_order = "asc" }}
cursor_param = "minTimestamp"
cursor_format = "s"
[source.auth]
kind = "query"
name = "token_auth"
token = "0123456789abcdef"
[source.paging]
kind = "offset"
param = "filter_offset"
"""  # noqa: E501


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """Matomo as far as it answers this one method."""
    with serving() as own:
        yield own


@pytest.fixture(scope="module", params=["JSON list", "JSON lines", "API"])
def web(
    request: pytest.FixtureRequest, publish: Callable[[str], Script], tmp_path_factory: pytest.TempPathFactory
) -> Script:
    """The visits, published from each of the places where they may be."""
    if request.param == "JSON list":
        return publish(f'{SOURCE}path = "{{fixtures}}/matomo_live/visits.json"\n')
    if request.param == "JSON lines":
        path = tmp_path_factory.mktemp("matomo_live") / "visits.jsonl"
        path.write_text("".join(json.dumps(visit) + "\n" for visit in TOLD), encoding="utf-8")
        return publish(f'{SOURCE}path = "{path.as_posix()}"\n')
    api: Api = request.getfixturevalue("api")
    api.answer = answer(TOLD)
    return publish(SOURCE + API.format(url=api.url))


def answer(told: list[dict[str, object]]) -> Callable[[Asked], object]:
    """Answer as Matomo does: visits whose last action is later than asked for, a page of them."""

    def run(asked: Asked) -> object:
        if asked.query.get("token_auth") != "0123456789abcdef":
            return {"result": "error", "message": "You must be logged in to access this functionality."}
        since, first = int(asked.query.get("minTimestamp", 0)), int(asked.query["filter_offset"])
        later = [visit for visit in told if int(str(visit["serverTimestamp"])) > since]
        return later[first : first + int(asked.query["filter_limit"])]

    return run


def test_each_action_of_a_visit_is_an_event_and_nothing_is_lost_in_silence(web: Script) -> None:
    # 22 rows: one action twice, one visit without actions, one time that is none, one visitor who is nobody.
    assert visits.count_events(web) == 18
    assert visits.list_reasons(web) == ["'actionDetails' is an empty list", "no identifier", "unreadable time"]
    kept = web.rows("SELECT raw FROM rejected_events WHERE reason LIKE '%empty list'")
    assert json.loads(str(kept[0][0]))["idVisit"] == "108"


def test_times_are_by_the_clock_of_the_site(web: Script) -> None:
    # 11:00 in Riga.
    assert web.rows("SELECT min(occurred_at) FROM events") == [(datetime(2026, 3, 1, 9),)]  # noqa: DTZ001


def test_a_visitor_who_logs_in_later_is_one_person_with_the_other_device(web: Script) -> None:
    assert visits.list_persons(web) == [[A1, A2], [B1], [C1], [D1]]


def test_sessions_are_matomo_s_own(web: Script) -> None:
    # Content that is merely shown is in no session.
    assert visits.list_sessions(web) == [
        (A1, 6, "Email"),
        (A2, 1, "Direct"),
        (A2, 2, "Direct"),
        (B1, 2, "Organic Search"),
        (B1, 3, "Direct"),
        (C1, 2, "Organic Social"),
        (D1, 1, "Referral"),
    ]
    assert web.rows("SELECT DISTINCT channel FROM events WHERE url = 'https://shop.example/checkout'") == [(None,)]


def test_actions_have_names(web: Script) -> None:
    found = web.rows("SELECT event, count(*) FROM events GROUP BY event ORDER BY event")
    assert found == [
        ("abandoned cart", 1),
        ("add", 1),
        ("content view", 1),
        ("download", 1),
        ("newsletter sign-up", 1),
        ("order", 1),
        ("outlink", 1),
        ("page view", 8),
        ("product view", 2),
        ("search", 1),
    ]


def test_money_and_the_funnel(web: Script) -> None:
    assert web.rows("SELECT value_amount, currency FROM events WHERE event = 'order'") == [(59.9, "EUR")]
    assert visits.list_funnel(web) == [2, 1]


def test_what_is_told_of_the_visit_can_be_asked_of_its_actions(web: Script) -> None:
    found = web.rows(
        "SELECT json_extract_string(properties, '$.deviceType'), "
        "json_extract_string(properties, '$.actionDetails.orderId') FROM events WHERE event = 'order'"
    )
    assert found == [("Desktop", "O-1")]


def test_a_visit_that_goes_on_adds_what_is_new(publish: Callable[[str], Script], api: Api) -> None:
    api.answer = answer(TOLD[:1] + TOLD[5:6])
    web = publish(SOURCE + API.format(url=api.url))
    assert visits.count_events(web) == 8
    api.answer = answer(TOLD[:1] + TOLD[9:])
    web("refresh").succeeds()
    assert visits.count_events(web) == 9
    assert api.asked[-1].query["minTimestamp"] == str(TOLD[5]["serverTimestamp"] - 3600)


def test_a_refused_token_is_an_error_that_does_not_show_it(publish: Callable[[str], Script], api: Api) -> None:
    api.answer = answer(TOLD)
    web = publish(SOURCE + API.format(url=api.url))
    web.config.write_text(web.config.read_text().replace("abcdef", "abc000"))
    ended = web("check")
    assert (ended.code, "the answer is no list" in ended.out + ended.err) == (1, True)
    assert "abc000" not in ended.out + ended.err


def test_the_visitor_s_address_can_be_kept_out(publish: Callable[[str], Script]) -> None:
    privacy = '[privacy]\ndrop_columns = ["visitIp"]\n'
    web = publish(f'{SOURCE}path = "{{fixtures}}/matomo_live/visits.json"\n{privacy}')
    assert visits.count_events(web) == 18
    assert web.rows("SELECT count(*) FROM events WHERE contains(properties, '192.0.2.0')") == [(0,)]
