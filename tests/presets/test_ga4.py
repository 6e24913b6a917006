"""Google Analytics 4's BigQuery export, by naming it: 21 rows whose answers were counted by hand.

Layout: https://support.google.com/analytics/answer/7029846. Whole numbers of 64 bits stand as text in JSON lines.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from shop_script import Script

EXPORT = '[[source]]\nname = "web"\npreset = "ga4"\npath = "{path}"\n'
LINES = Path(__file__).parent / "ga4" / "events_20260301.json"


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows as BigQuery writes them to Parquet: lists are {list: [{element: ...}]}."""
    path = tmp_path_factory.mktemp("ga4") / "events.parquet"
    duckdb.sql(f"""
        COPY (
          SELECT * EXCLUDE (event_timestamp, event_params),
            coalesce(TRY_CAST(event_timestamp AS BIGINT), 0) AS event_timestamp,
            {{'list': list_transform(event_params, lambda p: {{'element': p}})}} AS event_params
          FROM read_json('{LINES}', format = 'newline_delimited', map_inference_threshold = -1)
        ) TO '{path}' (FORMAT parquet)
    """)
    return path


@pytest.fixture(scope="module", params=["JSON lines", "Parquet"])
def web(request: pytest.FixtureRequest, publish: Callable[[str], Script], parquet: Path) -> Script:
    """The export, published."""
    return publish(EXPORT.format(path=LINES.as_posix() if request.param == "JSON lines" else parquet.as_posix()))


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 21 rows: one purchase twice, one row of nobody (consent refused), one time that is none (1970 in Parquet).
    assert web.rows("SELECT count(*) FROM events") == [(18,)]
    reasons = web.rows("SELECT reason FROM rejected_events ORDER BY reason")
    assert len(reasons) == 2
    assert ("no identifier",) in reasons


def test_users_without_addresses_are_nothing_to_warn_of(web: Script) -> None:
    # Nobody logs in by an e-mail address here, and nobody wrote that one is to be looked for.
    assert web.rows("SELECT warning FROM run_warnings WHERE contains(warning, 'no usable row')") == []


def test_a_log_in_makes_two_devices_one_person(web: Script) -> None:
    persons = web.rows(
        "SELECT list_sort(list(DISTINCT events.device_id)) FROM events INNER JOIN session_events USING (event_id) "
        "INNER JOIN sessions USING (session_id) GROUP BY sessions.person_id ORDER BY 1"
    )
    assert [each[0] for each in persons] == [["111.1", "222.2"], ["333.3"], ["444.4"]]


def test_sessions_are_ga4_s_own(web: Script) -> None:
    assert web.rows("SELECT device_id, event_count FROM sessions ORDER BY device_id, started_at") == [
        ("111.1", 7),
        ("222.2", 2),
        ("333.3", 5),
        ("333.3", 2),
        ("444.4", 2),
    ]


def test_where_visits_come_from(web: Script) -> None:
    # A click id of Google Ads without campaign values, a tagged newsletter, a search engine, a typed address, an app.
    found = web.rows("SELECT device_id, channel FROM sessions ORDER BY device_id, started_at")
    assert found == [("111.1", "Paid Search"), ("222.2", "Email"), ("333.3", "Organic Search"), ("333.3", "Direct"),
                     ("444.4", None)]  # fmt: skip


def test_money_and_the_funnel(web: Script) -> None:
    assert web.rows("SELECT value_amount, currency FROM events WHERE event = 'purchase'") == [(59.9, "EUR")]
    funnel = [int(row[0]) for row in web.rows("SELECT reached_count FROM funnel_steps ORDER BY step_index")]
    # Product: Ann, Bob, the app; cart after it: Ann, and Bob a day later; checkout and purchase: Ann.
    assert funnel == [3, 2, 1, 1]
