"""A day's receipts and calls as plain tables, by naming them: 22 and 23 rows, whose answers were counted by hand.

Other names that tables have: https://twilio.com/docs/voice/api/calls, Asterisk's
https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/CDR-Variables/, and for lines of receipts
https://search.r-project.org/CRAN/refmans/completejourney/html/transactions_sample.html.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from shop_script import Script

sys.path.insert(0, str(Path(__file__).parent))
from pulled import land

RIGA = 'timezone = "Europe/Riga"\n'
COUNTS = "SELECT read_count, accepted_count, duplicate_count, rejected_count FROM data_quality"
OF_PERSONS = """
  SELECT list_sort(list(DISTINCT identifier_value)), events, value FROM person_identifiers INNER JOIN (
    SELECT person_id, count(*) AS events, CAST(sum(value_amount) AS DECIMAL(9, 2)) AS value
    FROM event_persons INNER JOIN events USING (event_id) GROUP BY person_id) USING (person_id)
  GROUP BY person_id, events, value ORDER BY 1
"""


@pytest.fixture(scope="module")
def shop(publish: Callable[[str], Script]) -> Script:
    """The receipts, published."""
    return publish(f'[[source]]\nname = "till"\npreset = "receipts"\npath = "{{fixtures}}/store/receipts.csv"\n{RIGA}')


@pytest.fixture(scope="module")
def telephone(publish: Callable[[str], Script]) -> Script:
    """The calls, published."""
    calls = f'[[source]]\nname = "calls"\npreset = "calls"\npath = "{{fixtures}}/store/calls.csv"\n{RIGA}'
    return publish(calls + '[identity]\nphone_region = "LV"\n')


def test_a_receipt_counts_once_though_numbers_begin_anew(shop: Script) -> None:
    # One row twice; one customer without card and number, one with a card 'n/a', one on 30 February. The two rows
    # without a number may well be two purchases.
    assert shop.rows(COUNTS) == [(22, 18, 1, 3)]
    reasons = shop.rows("SELECT line, reason FROM rejected_events ORDER BY line")
    assert [row[0] for row in reasons] == [4, 12, 14]
    assert reasons[1] == (12, "unreadable time")
    assert dict(shop.rows("SELECT event, count(*) FROM events GROUP BY event")) == {"purchase": 17, "return": 1}


def test_card_and_telephone_on_one_receipt_are_one_customer(shop: Script) -> None:
    found = [(identifiers, count, float(str(value))) for identifiers, count, value in shop.rows(OF_PERSONS)]
    assert found == [
        (["+37120000001", "100", "400"], 6, 81.0),
        (["+37120000002"], 2, 31.0),
        (["200"], 7, 10.1),
        (["300"], 3, 11.2),
    ]


def test_receipts_have_local_times_money_and_no_sessions(shop: Script) -> None:
    rows = shop.rows(
        "SELECT strftime(occurred_at, '%d %H:%M'), value_amount, currency, session_id IS NULL "
        "FROM events LEFT JOIN session_events USING (event_id) WHERE line IN (2, 7, 11, 13) ORDER BY line"
    )
    assert rows == [
        ("02 07:15", 12.5, "EUR", True),
        ("03 07:10", 18.4, "EUR", True),
        ("03 10:00", None, "EUR", True),
        ("03 22:00", 4.0, "EUR", True),
    ]


def test_lines_of_a_receipt_are_events_of_their_own(tmp_path: Path) -> None:
    duckdb.sql(f"""
        COPY (SELECT 7 AS household_id, 31 AS store_id, 9001 AS basket_id, product AS product_id, 1.5 AS sales_value,
            TIMESTAMP_NS '2026-03-02 09:15:00' AS transaction_timestamp
          FROM unnest([1, 2, 2]) AS lines(product)) TO '{tmp_path / "lines.parquet"}'
    """)
    source = '[[source]]\nname = "till"\npreset = "receipts"\npath = "lines.parquet"\n'
    rows = land(tmp_path, source, "SELECT event_id, occurred_at_us / 1e6 - 1772442900, user_id, value_amount")
    assert [row[1:] for row in rows] == [(0, "7", 1.5)] * 3
    assert len({row[0] for row in rows}) == 2, "a product that comes twice is a repeat"


def test_days_without_separators_are_read(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("customer,date,dollar_value\n00001,20260302,-11.77\n")
    source = '[[source]]\nname = "till"\npreset = "receipts"\npath = "orders.csv"\n'
    found = land(tmp_path, source, "SELECT event_id, event, user_id, occurred_at_us / 1e6, value_amount")
    assert found == [(None, "return", "00001", 1772409600, -11.77)]


def test_calls_say_who_called_and_whether_somebody_answered(telephone: Script) -> None:
    # One call twice; one number withheld, one that is missing, one time that is none.
    assert telephone.rows(COUNTS) == [(23, 19, 1, 3)]
    assert dict(telephone.rows("SELECT event, count(*) FROM events GROUP BY event")) == {
        "call_in": 9,
        "call_missed": 4,
        "call_out": 3,
        "call_unanswered": 3,
    }


def test_a_number_is_a_customer_however_it_is_written(telephone: Script) -> None:
    found = [(identifiers, count) for identifiers, count, _ in telephone.rows(OF_PERSONS)]
    assert found == [
        (["+37120000001"], 5),
        (["+37120000002"], 4),
        (["+37120000003"], 2),
        (["+37120000004"], 3),
        (["+37120000005"], 3),
        (["+37120000006", "k-1"], 2),
    ]
    assert telephone.rows("SELECT CAST(occurred_at AS VARCHAR) FROM events WHERE event_id IN ('c1', 'c7') "
                          "ORDER BY 1") == [("2026-03-02 07:00:00",), ("2026-03-03 08:00:00",)]  # fmt: skip
    assert telephone.rows("SELECT count(*) FROM sessions") == [(0,)]


@pytest.mark.parametrize(
    ("content", "settings", "event", "phone"),
    [
        (
            """sid,start_time,from,to,direction,status,duration
CA1,"Wed, 04 Mar 2026 10:00:00 +0000",+37160000000,+37120000001,outbound-api,completed,7
""",
            'time_format = "%a, %d %b %Y %H:%M:%S %z"\n',
            "call_out",
            "+37120000001",
        ),
        (
            "uniqueid,calldate,src,dst,disposition,duration\nCA1,2026-03-04 10:00:00,20000001,601,NO ANSWER,20\n",
            "",
            "call_missed",
            "20000001",
        ),
        (
            "call_id,started_at,from_number,direction,status\nCA1,1772618400,20000001,inbound,no_answer\n",
            "",
            "call_missed",
            "20000001",
        ),
    ],
)
def test_other_names_that_calls_have(tmp_path: Path, content: str, settings: str, event: str, phone: str) -> None:
    (tmp_path / "calls.csv").write_text(content)
    source = f'[[source]]\nname = "calls"\npreset = "calls"\npath = "calls.csv"\n{settings}'
    found = land(tmp_path, source, "SELECT event_id, occurred_at_us / 1e6, event, identifiers ->> '$.phone'")
    assert found == [("CA1", 1772618400, event, phone)]


def test_check_finds_nothing_wrong(shop: Script, telephone: Script) -> None:
    shop("check").succeeds()
    telephone("check").succeeds()
