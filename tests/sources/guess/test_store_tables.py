"""Receipts and calls are told by what their columns are commonly called, and other names are mapped."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from journeys.config import build_settings
from journeys.sources import check_source
from journeys.sources.guess import draft_settings, show_rows

FIXTURES = Path(__file__).parents[2] / "presets"


def read(folder: Path, header: str, *rows: str, name: str = "export.csv") -> tuple[dict[str, Any], list[Any]]:
    """Draft, prove and read a table: the source as it is written, and its first rows as they are read."""
    (folder / name).write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    drafted = draft_settings(str(folder / name), folder)
    settings = build_settings(tomllib.loads(drafted.text), folder / "journeys.toml", environment={})
    (source,) = settings.sources
    assert check_source(source, settings.project, folder, identity=settings.identity) == []
    return tomllib.loads(drafted.text)["source"][0], show_rows(source, settings.project, folder)


@pytest.mark.parametrize("file", ["receipts", "calls"])
def test_names_of_the_preset_need_no_mapping(tmp_path: Path, file: str) -> None:
    drafted = draft_settings(str(FIXTURES / "store" / f"{file}.csv"), tmp_path)
    (source,) = tomllib.loads(drafted.text)["source"]
    assert (source["preset"], set(source)) == (file, {"name", "preset", "path"})
    assert any("sure" in line for line in drafted.lines)


def test_a_folder_of_a_shop_is_both(tmp_path: Path) -> None:
    drafted = draft_settings(str(FIXTURES / "store"), tmp_path)
    assert sorted(source["preset"] for source in tomllib.loads(drafted.text)["source"]) == ["calls", "receipts"]


def test_receipts_by_other_names(tmp_path: Path) -> None:
    source, rows = read(
        tmp_path,
        "TicketNo;Branch;SaleDate;SaleTime;MemberNo;Mobile;Gross",
        "17;A;01.03.2026;09:15;200;;12,50",
        "18;A;13.03.2026;10:00;;+37120000001;-3,00",
    )
    assert source["preset"] == "receipts"
    assert source["delimiter"] == ";"
    assert source["time_format"] == "%d.%m.%Y %H:%M"
    assert source["identifiers"] == {"loyalty_card": "MemberNo", "phone": "Mobile"}
    assert source["columns"]["event_id"] == {"sql": 'concat_ws(\'|\', "Branch", "SaleDate", "SaleTime", "TicketNo")'}
    assert [row[:2] for row in rows] == [("2026-03-01 09:15:00", "purchase"), ("2026-03-13 10:00:00", "return")]
    assert [json.loads(str(row[4])) for row in rows] == [{"loyalty_card": "200"}, {"phone": "+37120000001"}]


def test_lines_of_invoices_with_a_price_each(tmp_path: Path) -> None:
    """The layout of UCI's Online Retail data set."""
    source, rows = read(
        tmp_path,
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom",
        "C536379,D,Discount,-1,12/13/2010 9:41,27.50,14527,United Kingdom",
    )
    assert (source["preset"], source["time_format"]) == ("receipts", "%m/%d/%Y %H:%M")
    assert "Quantity" in source["columns"]["value_amount"]["sql"]
    assert [row[:2] + row[3:4] for row in rows] == [
        ("2010-12-01 08:26:00", "purchase", "17850"),
        ("2010-12-13 09:41:00", "return", "14527"),
    ]


def test_calls_by_other_names(tmp_path: Path) -> None:
    source, rows = read(
        tmp_path,
        "uuid,call_start,caller_number,called_number,call_type,call_result,talk_time",
        "a,2026-03-01T10:00:00Z,+37120000001,+37160000000,Inbound,answered,60",
        "b,2026-03-01T11:00:00Z,+37160000000,+37120000002,outbound,NO_ANSWER,0",
    )
    assert source["preset"] == "calls"
    assert source["columns"]["event_id"] == "uuid"
    assert [row[:2] for row in rows] == [("2026-03-01 10:00:00", "call_in"), ("2026-03-01 11:00:00", "call_unanswered")]
    assert [json.loads(str(row[4])) for row in rows] == [{"phone": "+37120000001"}, {"phone": "+37120000002"}]


def test_times_as_numbers_in_another_unit(tmp_path: Path) -> None:
    source, rows = read(
        tmp_path, "call_id,start_time,from,direction,duration", "c1,1772359200000,+37120000001,inbound,60"
    )
    assert (source["preset"], source["unit"]) == ("calls", "ms")
    assert rows[0][:2] == ("2026-03-01 10:00:00", "call_in")


@pytest.mark.parametrize(
    "header",
    [
        "timestamp,event,user_id,amount,store",  # a log with events of its own
        "created_at,stage,customer_id,amount,number",  # deals
        "timestamp,url,session_id,customer,price,shop",
        "date,total,shop",  # nobody is named
    ],
)
def test_other_logs_with_amounts_are_no_receipts(tmp_path: Path, header: str) -> None:
    values = {"timestamp": "2026-03-01", "created_at": "2026-03-01", "date": "2026-03-01", "amount": "1", "price": "1",
              "total": "1", "url": "/x"}  # fmt: skip
    (tmp_path / "a.csv").write_text(
        header + "\n" + ",".join(values.get(name, "x") for name in header.split(",")) + "\n"
    )
    drafted = draft_settings(str(tmp_path / "a.csv"), tmp_path)
    assert "preset" not in tomllib.loads(drafted.text)["source"][0]
