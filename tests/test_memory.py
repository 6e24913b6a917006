"""from_events: the same log in every shape gives the same answers; what cannot be used is named, row by row."""

from __future__ import annotations

import datetime as dt
import warnings
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

import journeys as jn

KEYS = {"person": "u", "occurred_at": "t", "event": "e"}
ROWS = pd.DataFrame(
    {
        "u": ["007", "8", "007", "ä-1", "AB-cd"],
        "t": ["2026-03-02 10:00:00", "2026-03-02T10:05:00", "2026-03-02 10:10:00.5", "2026-03-02 10:20:00+02:00",
              "2026-03-02T10:30:00Z"],
        "e": ['view, "x"', "buy", "buy", "2026-03-02", "buy"],
        "price": ["10", "1.50", "x", "10", "0"],
    }
)  # fmt: skip


def read(data: object, **keywords: object) -> jn.Journeys:
    return jn.from_events(data, **(KEYS | keywords))


def frame_of(times: list, **more: list) -> pd.DataFrame:
    return pd.DataFrame({"u": [f"p{n}" for n in range(len(times))], "t": times, "e": ["A"] * len(times)} | more)


def times_of(log: jn.Journeys) -> dict[str, str]:
    sessions = log.sessions().frame
    return {person: str(at) for person, at in zip(sessions["person_id"], sessions["started_at"], strict=True)}


def answers(log: jn.Journeys) -> list[pd.DataFrame]:
    return [log.sessions().frame.drop(columns="session_id"), log.transitions(boundaries=True).frame,
            log.funnel([{"price": 10}, "buy"]).frame, log.funnel(["buy"]).persons, log.paths().frame,
            log.touchpoints("buy").frame]  # fmt: skip


@pytest.fixture(scope="module")
def expected() -> list[pd.DataFrame]:
    """The answers of the frame."""
    return answers(read(ROWS))


def as_file(folder: Path, name: str) -> Path:
    path = folder / name
    if ".csv" in name.lower():
        ROWS.to_csv(path, index=False)
    elif name.endswith("parquet"):
        ROWS.to_parquet(path)
    else:
        ROWS.to_json(path, orient="records", lines=True)
    return path


@pytest.mark.parametrize(
    "name", ["a.csv", "A.CSV", "a.csv.gz", "a.parquet", "a.jsonl", "a.ndjson", "a.json", 'it\'s "odd" [1].csv']
)
def test_files_of_every_format_give_the_answers_of_the_frame(tmp_path: Path, expected: list, name: str) -> None:
    path = as_file(tmp_path, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for mine, theirs in zip(expected, answers(read(path)), strict=True):
            assert_frame_equal(mine, theirs)
    assert len(read(str(path)).sessions().frame) == len(expected[0])


def test_an_arrow_table_gives_the_answers_of_the_frame(expected: list) -> None:
    table = pa.Table.from_pandas(ROWS)
    coded = table.set_column(0, "u", table["u"].dictionary_encode())
    for data in (table, coded, ROWS.astype(object), ROWS.astype({"u": "category", "e": "category"})):
        for mine, theirs in zip(expected, answers(read(data)), strict=True):
            assert_frame_equal(mine, theirs)


def test_the_frame_is_left_as_it_was() -> None:
    before = ROWS.copy(deep=True)
    read(ROWS.set_index(pd.Index([3, 3, 1, 1, 0])))
    read(ROWS)
    assert_frame_equal(ROWS, before)


def test_times_without_a_zone_are_of_the_zone_given_and_others_are_what_they_say() -> None:
    noon = dt.datetime(2026, 7, 1, 12)  # noqa: DTZ001 - a time without a zone is what is tested
    frame = frame_of(["2026-07-01 12:00", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00-05:00", "2026-07-01"])
    # Riga is UTC+3 in summer.
    assert times_of(read(frame, timezone="Europe/Riga")) == {
        "p0": "2026-07-01 09:00:00", "p1": "2026-07-01 12:00:00", "p2": "2026-07-01 17:00:00",
        "p3": "2026-06-30 21:00:00"}  # fmt: skip
    aware = noon.replace(tzinfo=ZoneInfo("America/New_York"))
    assert times_of(read(frame_of([noon, aware]), timezone="Europe/Riga")) == {
        "p0": "2026-07-01 09:00:00", "p1": "2026-07-01 16:00:00"}  # fmt: skip
    assert times_of(read(frame_of([dt.date(2026, 7, 1)]), timezone="Europe/Riga")) == {"p0": "2026-06-30 21:00:00"}


@pytest.mark.parametrize("resolution", ["s", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Europe/Riga"])
def test_times_of_every_resolution_with_and_without_a_zone(resolution: str, zone: str | None) -> None:
    times = pd.Series(pd.to_datetime(["2026-07-01 12:00:00"])).dt.as_unit(resolution).dt.tz_localize(zone)
    expected = "2026-07-01 09:00:00" if zone == "Europe/Riga" else "2026-07-01 12:00:00"
    assert times_of(read(frame_of([0]).assign(t=times))) == {"p0": expected}
    assert times_of(read(pa.Table.from_pandas(frame_of([0]).assign(t=times)))) == {"p0": expected}


@pytest.mark.parametrize("zone", [None, "Europe/Riga"])
def test_what_is_finer_than_a_microsecond_is_cut_off(zone: str | None) -> None:
    times = pd.to_datetime(["2026-01-01 00:00:00.123456999", "1969-12-31 23:59:59.999999999"])
    log = read(frame_of([0, 0]).assign(t=times.tz_localize(zone)))
    hours = 0 if zone is None else 2
    cut = [pd.Timestamp("2026-01-01 00:00:00.123456"), pd.Timestamp("1969-12-31 23:59:59.999999")]
    # Riga was UTC+3 in 1969.
    shifted = [cut[0] - pd.Timedelta(hours=hours), cut[1] - pd.Timedelta(hours=hours and 3)]
    assert times_of(log) == {f"p{n}": str(at) for n, at in enumerate(shifted)}
    assert times_of(read(frame_of(["2026-01-01 00:00:00.1234569999"]))) == {"p0": "2026-01-01 00:00:00.123456"}


@pytest.mark.parametrize(
    ("unit", "number"), [("s", 1_772_323_200), ("ms", 1_772_323_200_000), ("us", 1_772_323_200_000_000)]
)
def test_numbers_need_a_unit(unit: str, number: int) -> None:
    assert times_of(read(frame_of([number]), unit=unit)) == {"p0": "2026-03-01 00:00:00"}
    with pytest.raises(jn.CallError, match="unit"):
        read(frame_of([number]))
    for wrong in ("h", "", "S"):
        with pytest.raises(jn.CallError):
            read(frame_of([number]), unit=wrong)


def test_numbers_beyond_any_calendar_are_rejected_and_do_not_overflow() -> None:
    log = read_quietly(frame_of([0, 2**62, -(2**62)]), unit="s")
    assert times_of(log) == {"p0": "1970-01-01 00:00:00"}
    assert list(log.rejects["row"]) == [1, 2]
    assert list(log.rejects["value"]) == [str(2**62), str(-(2**62))]


def read_quietly(data: object, **keywords: object) -> jn.Journeys:
    with pytest.warns(UserWarning, match="cannot be used"):
        return read(data, **keywords)


def test_rejects_name_the_first_fault_of_person_event_and_time() -> None:
    rows = [
        ("a", "2026-03-02", "A"),  # 0 fine
        (None, None, None),  # 1 person first
        ("", "x", ""),  # 2 person first
        ("a", "x", None),  # 3 event before time
        ("a", "gibberish", "A"),  # 4 time
        ("a", None, "A"),  # 5 time
        ("a", "NaT", "A"),  # 6 time
        ("a", "2026-02-30", "A"),  # 7 no such day
        ("  ", "2026-03-02", "A"),  # 8 person
        ("b", "2026-03-02", "A"),  # 9 fine
    ]
    with pytest.warns(UserWarning, match="cannot be used") as caught:
        log = read(pd.DataFrame(rows, columns=["u", "t", "e"], index=[5] * 10))
    assert len(caught) == 1
    assert list(log.rejects.columns) == ["row", "column", "value", "reason"]
    assert list(zip(log.rejects["row"], log.rejects["column"], strict=True)) == [
        (1, "u"), (2, "u"), (3, "e"), (4, "t"), (5, "t"), (6, "t"), (7, "t"), (8, "u")]  # fmt: skip
    value = dict(zip(log.rejects["row"], log.rejects["value"], strict=True))
    assert (value[4], value[7]) == ("gibberish", "2026-02-30")
    reason = dict(zip(log.rejects["row"], log.rejects["reason"], strict=True))
    assert len({reason[1], reason[3], reason[5]}) == 3
    assert reason[4] != reason[5]  # unreadable and missing are told apart
    # accepted + rejected = read
    assert log.sessions().frame["event_count"].sum() + len(log.rejects) == 10


def test_as_of_ignores_rejected_rows_and_is_included() -> None:
    log = read_quietly(pd.DataFrame([("a", "2026-03-02", "A"), (None, "2027-01-01", "A")], columns=["u", "t", "e"]))
    assert log.sessions().definition["as_of"] == "2026-03-02T00:00:00Z"
    frame = frame_of(["2026-03-01", "2026-03-02", "2026-03-03"])
    log = read(frame, as_of="2026-03-02")
    assert log.sessions().definition["as_of"] == "2026-03-02T00:00:00Z"
    assert list(log.funnel(["A"]).frame["reached_count"]) == [2]
    assert list(log.funnel(["A"], as_of="2026-03-01T23:59:59Z").frame["reached_count"]) == [1]
    assert list(read(frame, as_of="2026-03-02", timezone="Asia/Tokyo").funnel(["A"]).frame["reached_count"]) == [2]


def test_nothing_usable_is_an_error() -> None:
    for data in (frame_of([]), pd.DataFrame(), frame_of(["x", None])):
        with pytest.raises(jn.InputError):
            read(data)


@pytest.mark.parametrize(
    ("persons", "names"),
    [
        ([1, 2, 2], {"1", "2"}),
        ([1.0, 2.0, None], {"1", "2"}),
        ([2**53 + 1, 2**53, 5], {str(2**53 + 1), str(2**53), "5"}),
        (np.array([2**64 - 1, 2**64 - 2, 1], dtype="uint64"), {str(2**64 - 1), str(2**64 - 2), "1"}),
        ([1, "a", Decimal("2.5")], {"1", "a", "2.5"}),
        (pd.Categorical(["x", "y", "x"]), {"x", "y"}),
        (pd.Categorical([1, 2, 1]), {"1", "2"}),
        (pd.array([1, None, 2], dtype="Int64"), {"1", "2"}),
        ([b"ab", b"c", b"ab"], {"ab", "c"}),
        ([2**70, 2**70 + 1, 5], {str(2**70), str(2**70 + 1), "5"}),
        (["1", "01", "1.0"], {"1", "01", "1.0"}),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
@pytest.mark.filterwarnings("ignore:.*cannot be used")
def test_persons_need_not_be_texts(persons: object, names: set[str]) -> None:
    log = read(pd.DataFrame({"u": persons, "t": ["2026-03-02"] * 3, "e": ["A"] * 3}))
    assert set(log.funnel(["A"]).persons["person_id"]) == names


@pytest.mark.parametrize("data", [None, 5, [], {}, b"x", pd.Series([1]), np.zeros((2, 3)), [{"u": 1}]], ids=repr)
def test_data_of_another_kind_is_refused(data: object) -> None:
    with pytest.raises(jn.JourneysError, match="DataFrame"):
        read(data)


def test_columns_of_one_name_are_refused() -> None:
    frame = pd.DataFrame([["a", "2026-03-02", "A", 1, 2]], columns=["u", "t", "e", "x", "x"])
    with pytest.raises(jn.JourneysError, match="x"):
        read(frame)
    with pytest.raises(jn.JourneysError, match="x"):
        read(pa.Table.from_arrays([pa.array([1])] * 4, names=["u", "t", "x", "x"]))


def test_a_missing_column_is_named_with_the_nearest() -> None:
    frame = pd.DataFrame({"user_id": ["a"], "timestamp": ["2026-03-02"], "name": ["A"]})
    with pytest.raises(jn.CallError) as caught:
        jn.from_events(frame, person="userid", occurred_at="timestamp", event="name")
    assert "did you mean 'user_id'" in str(caught.value)


ODD = [
    "event_id", "event", "select", "#row", "row", "value", "reason", "column", 'a"b', "a'b", "line",
    "frame", "events", "person_id", "rowid", "$x", "a.b", "x\ny", "ü", "%s", "{x}", "occurred_at_us", "marks",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*cannot be used")
@pytest.mark.parametrize("names", [ODD[:15], ODD[15:], ["ROW"], ["EVENT_ID"]], ids=["first", "more", "ROW", "EVENT_ID"])
def test_columns_of_any_name_are_usable_in_conditions(names: list[str]) -> None:
    log = read(frame_of(["2026-03-02", "2026-03-03", None]).assign(**{name: ["p", f"*{name}", "p"] for name in names}))
    assert log.rejects[["row", "column"]].values.tolist() == [[2, "t"]]
    for name in names:
        assert list(log.funnel([{name: "p"}]).persons["person_id"]) == ["p0"], name
        assert list(log.funnel([{name: f"*{name}"}]).persons["person_id"]) == ["p1"], name


@pytest.mark.parametrize("name", ["event_id", "event", "select", "#row", "ROW", 'a"b', "person_id", "user_id"])
def test_a_column_of_any_name_can_be_the_person(name: str) -> None:
    frame = pd.DataFrame({name: ["p", "q"], "t": ["2026-03-02"] * 2, "e": ["A"] * 2})
    assert list(read(frame, person=name).funnel(["A"]).persons["person_id"]) == ["p", "q"]


def test_columns_that_differ_by_case_only_are_both_usable_or_refused() -> None:
    try:
        log = read(frame_of(["2026-03-02"]).assign(E=["z"]))
    except jn.InputError:
        return
    assert list(log.funnel([{"E": "z"}]).frame["reached_count"]) == [1]
    assert list(log.funnel([{"e": "A"}]).frame["reached_count"]) == [1]


def test_roles_may_share_and_swap_columns() -> None:
    frame = pd.DataFrame({"event": ["a", "a"], "event_id": ["2026-03-02", "2026-03-03"], "person": ["A", "B"]})
    log = jn.from_events(frame, person="event", occurred_at="event_id", event="person")
    assert list(log.funnel(["A", "B"]).frame["reached_count"]) == [1, 1]
    log = jn.from_events(frame, person="event", occurred_at="event_id", event="event")
    assert list(log.funnel(["a", "a"]).frame["reached_count"]) == [1, 1]


@pytest.mark.parametrize(
    "keywords",
    [
        {"person": None}, {"person": 5}, {"person": ["u"]}, {"event_id": 5}, {"device": []}, {"device": [1]},
        {"device": ["u", "zz"]}, {"sequence": "zz"}, {"foo": "u"}, {"timezone": "Mars/X"}, {"timezone": None},
        {"as_of": "x"}, {"as_of": 5},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_keywords_are_call_errors(keywords: dict[str, object]) -> None:
    with pytest.raises(jn.CallError):
        read(frame_of(["2026-03-02"]), **keywords)
