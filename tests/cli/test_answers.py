"""The reading commands over one published shop: formats, files, and nothing else on standard output."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from shop_script import Script

COMMANDS = ("sessions", "funnel", "transitions", "paths", "touchpoints", "waits")


def read_json(text: str) -> tuple[pd.DataFrame, dict[str, object]]:
    """Read a JSON answer: one document with rows and a definition."""
    document = json.loads(text)
    assert set(document) == {"frame", "definition"}
    assert {"rule", "as_of", "parameters", "data_fingerprint"} <= set(document["definition"])
    return pd.DataFrame(document["frame"]), document["definition"]


def as_texts(frame: pd.DataFrame) -> list[list[str]]:
    """Write each cell alike, whatever the format it came from."""
    return [["" if pd.isna(cell) else str(cell) for cell in row] for row in frame.astype(object).to_numpy().tolist()]


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_one_document_and_nothing_else(shop: Script, command: str) -> None:
    ended = shop(command, "--format", "json")
    frame, definition = read_json(ended.succeeds())
    assert ended.err == ""
    assert len(frame) > 0
    assert definition["as_of"] == "2026-05-01T12:00:00Z"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_format_says_the_same_on_screen_and_in_a_file(shop: Script, command: str, tmp_path: Path) -> None:
    wanted, definition = read_json(shop(command, "--format", "json").succeeds())
    read = {}
    for ending in ("json", "csv", "parquet", "txt"):
        target = tmp_path / f"answer.{ending}"
        assert shop(command, "-o", target).succeeds() == ""
        read[ending] = target
    assert read_json(read["json"].read_text(encoding="utf-8"))[0].equals(wanted)
    csv_text = read["csv"].read_text(encoding="utf-8")
    assert csv_text == shop(command, "--format", "csv").succeeds()
    of_csv = pd.read_csv(io.StringIO(csv_text))
    of_parquet = pd.read_parquet(read["parquet"])
    assert list(of_csv.columns) == list(of_parquet.columns) == list(wanted.columns)
    assert as_texts(of_csv) == as_texts(wanted)
    # Parquet keeps times as times; JSON and CSV write them as ISO 8601.
    for name in of_parquet.columns:
        if pd.api.types.is_datetime64_any_dtype(of_parquet[name]):
            of_parquet[name] = of_parquet[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert as_texts(of_parquet) == as_texts(wanted)
    table = read["txt"].read_text(encoding="utf-8")
    assert all(name in table.splitlines()[0] for name in wanted.columns)
    assert "As of 2026-05-01T12:00:00Z." in table
    assert " ".join(str(definition["rule"]).split()) in " ".join(table.split())


def test_the_sessions_are_those_worked_by_hand(shop: Script) -> None:
    frame, _ = read_json(shop("sessions", "--format", "json").succeeds())
    assert list(frame["started_at"]) == [
        "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z", "2026-03-01T11:45:00Z", "2026-03-02T09:00:00Z",
        "2026-03-02T12:00:00Z", "2026-05-01T12:00:00Z",
    ]  # fmt: skip
    assert list(frame["event_count"]) == [4, 1, 1, 1, 1, 1]
    assert list(frame["split_reason"]) == ["first", "first", "timeout", "first", "first", "first"]
    longer, _ = read_json(shop("sessions", "--timeout", "45m", "--format", "json").succeeds())
    assert list(longer["event_count"]) == [4, 2, 1, 1, 1]


def test_the_funnel_is_the_one_worked_by_hand(shop: Script) -> None:
    named, rule = read_json(shop("funnel", "shop", "--format", "json").succeeds())
    assert list(named["reached_count"]) == [3, 2, 1]
    assert list(named["dropped_count"]) == [1, 1, 0]
    assert list(named["open_count"]) == [0, 0, 0]
    assert list(named["median_seconds_from_first"]) == [0, (300 + 2700) / 2, 600]
    steps, free = read_json(
        shop("funnel", "--steps", "Product, Cart ,bought", "--window", "7d", "--format", "json").succeeds()
    )
    assert steps.equals(named)
    assert free == rule
    early, _ = read_json(shop("funnel", "--as-of", "2026-03-01T10:10:00Z", "--missing", "zero", "--format", "json")
                         .succeeds())  # fmt: skip
    assert list(early["reached_count"]) == [1, 1, 0]
    assert list(early["open_count"]) == [0, 1, 0]


@pytest.mark.parametrize("entry", ["best", "first"])
def test_an_option_wins_over_the_named_funnel(shop: Script, entry: str) -> None:
    for given in (("shop", "--entry", entry), ("--steps", "Product,Cart", "--entry", entry)):
        _, definition = read_json(shop("funnel", *given, "--format", "json").succeeds())
        assert definition["parameters"]["entry"] == entry, given  # type: ignore[index]
    _, definition = read_json(shop("funnel", "shop", "--window", "1h", "--format", "json").succeeds())
    assert definition["parameters"]["window_seconds"] == 3600  # type: ignore[index]


def test_paths_and_touchpoints_count_the_same_people(shop: Script) -> None:
    paths, _ = read_json(shop("paths", "--format", "json").succeeds())
    ends = paths.groupby("to_step")["count"].sum()
    assert (ends["(converted)"], ends["(dropped)"], ends["(open)"]) == (1, 3, 1)
    contacts, _ = read_json(shop("touchpoints", "--format", "json").succeeds())
    assert dict(zip(contacts["touchpoint"], contacts["person_count"], strict=True)) == {
        "Home": 3, "Product": 3, "Cart": 2,
    }  # fmt: skip
    assert set(contacts["baseline_share"]) == {1 / 5}
    moves, _ = read_json(shop("transitions", "--format", "json").succeeds())
    assert {(row.from_step, row.to_step): row.transition_count for row in moves.itertuples()} == {
        ("Home", "Product"): 1, ("Product", "Cart"): 2, ("Cart", "bought"): 1,
    }  # fmt: skip


def test_groups_of_paths_add_up_to_all_paths(shop: Script) -> None:
    whole, _ = read_json(shop("paths", "--format", "json").succeeds())
    parts, definition = read_json(shop("paths", "--by", "event", "--format", "json").succeeds())
    assert definition["parameters"]["by"] == "event"
    assert next(iter(parts.columns)) == "event"
    links = ["step_index", "from_step", "to_step"]
    assert parts.groupby(links)["count"].sum().to_dict() == whole.set_index(links)["count"].to_dict()


def test_the_report_is_written_where_asked(shop: Script, tmp_path: Path) -> None:
    target = tmp_path / "new" / "page.html"
    assert shop("report", "-o", target).succeeds().strip() == str(target)
    assert target.read_text(encoding="utf-8") == (shop.folder / "report.html").read_text(encoding="utf-8")


def test_a_failed_write_leaves_the_old_answer(shop: Script, tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "none" / "x.csv"):
        shop("sessions", "--format", "csv", "-o", target).fails(1, "[output]", str(target))
    shop("report", "-o", tmp_path).fails(1, "[report]", str(tmp_path))
    assert list(tmp_path.parent.glob("*.part")) == list(tmp_path.iterdir()) == []
