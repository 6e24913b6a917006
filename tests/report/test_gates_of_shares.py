"""Gates 'duplicates', 'nulls', 'unmatched' and 'merges': shares of a night, most against the snapshot before."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gate_world import BEFORE, THIS, Event, judge, only, read_gates, write_before, write_night

from journeys.report.gates import Verdict
from journeys.warehouse import Engine


@pytest.mark.parametrize(
    ("read", "repeats", "expected"),
    [
        (100, 5, ("passed", 0.05, 5, 100)),
        (100, 6, ("warned", 0.06, 6, 100)),
        (100, 0, ("passed", 0.0, 0, 100)),
        (4, 3, ("not judged", None, None, 4)),
    ],
)
def test_duplicates_are_the_repeats_among_the_rows_read(
    tmp_path: Path, read: int, repeats: int, expected: tuple
) -> None:
    with Engine() as engine:
        write_night(engine, [Event()], quality=[("web", read, repeats)])
        [verdict] = only(judge(engine, read_gates(tmp_path)), "duplicates")
    assert (verdict.status, verdict.value, verdict.count, verdict.base) == expected


def compare(folder: Path, before: list[Event], now: list[Event], gates: str = "fewest = 5", **more: int) -> list:
    previous = write_before(folder / "before", before, **more)
    with Engine() as engine:
        write_night(engine, now)
        return list(judge(engine, read_gates(folder, gates), previous))


def lacking(count: int, of: int, *, is_new: bool = True) -> list[Event]:
    return [Event(device_id=None if place < count else "d", is_new=is_new) for place in range(of)]


def nulls(found: list[Verdict]) -> dict[str, tuple]:
    return {each.subject: (each.status, each.value, each.count, each.base) for each in only(found, "nulls")
            if each.source == "web"}  # fmt: skip


# Before, 2 of 10 events have no device.
@pytest.mark.parametrize(
    ("count", "status", "value"), [(3, "passed", 0.1), (4, "warned", 0.2), (0, "passed", -0.2), (10, "warned", 0.8)]
)
def test_nulls_are_the_rise_of_a_columns_share_of_empty_values(
    tmp_path: Path, count: int, status: str, value: float
) -> None:
    found = nulls(compare(tmp_path, lacking(2, 10), lacking(count, 10)))
    # The url was empty before and is now: no rise. Columns that are never empty, or not mapped, are not judged.
    assert found == {
        "device_id": (status, value, count, 10),
        "url": ("passed", 0.0, 10, 10),
        "email": ("passed", 0.0, 10, 10),
    }


def test_nulls_are_of_the_events_that_this_run_loaded(tmp_path: Path) -> None:
    stored = lacking(0, 1000, is_new=False)
    found = nulls(compare(tmp_path, lacking(0, 1000), stored + lacking(5, 10)))
    assert found["device_id"] == ("warned", 0.5, 5, 10)


def test_nulls_look_at_further_identifiers_too(tmp_path: Path) -> None:
    before = [Event(email=f"p{place}@acme.example") for place in range(10)]
    found = nulls(compare(tmp_path, before, [*before[:6], *(Event() for _ in range(4))]))
    assert found["email"] == ("warned", 0.4, 4, 10)


def unmatched(count: int, of: int, *, bots: int = 0) -> list[Event]:
    people = [Event(touchpoint=None if place < count else "Home") for place in range(of)]
    return people + [Event(touchpoint=None, is_bot=True) for _ in range(bots)]


@pytest.mark.parametrize(("count", "status", "value"), [(6, "passed", 0.1), (7, "warned", 0.15), (1, "passed", -0.15)])
def test_unmatched_is_the_rise_of_events_that_are_no_touchpoint_bots_apart(
    tmp_path: Path, count: int, status: str, value: float
) -> None:
    found = compare(tmp_path, unmatched(4, 20, bots=3), unmatched(count, 20, bots=70))
    [verdict] = [each for each in only(found, "unmatched") if each.source == "web"]
    assert (verdict.status, verdict.value, verdict.count, verdict.base) == (status, value, count, 20)


def merges(folder: Path, aliases: list[tuple[str, str, str]], persons: int = 40, gates: str = "fewest = 5") -> tuple:
    previous = write_before(folder / "before", [Event() for _ in range(persons)])
    with Engine() as engine:
        write_night(engine, [Event()])
        for snapshot, old, change in aliases:
            engine.run("INSERT INTO person_aliases VALUES ($snapshot, $old, 'new', $change)",
                       {"snapshot": snapshot, "old": old, "change": change})  # fmt: skip
        [verdict] = only(judge(engine, read_gates(folder, gates), previous), "merges")
    return verdict.status, verdict.value, verdict.count, verdict.base


def test_merges_are_the_share_of_persons_before_who_were_merged_in_this_night(tmp_path: Path) -> None:
    two = [(THIS, "p1", "merged"), (THIS, "p2", "merged")]
    others = [(THIS, "p1", "merged"), (THIS, "p3", "renamed"), (THIS, "p4", "split"), (BEFORE, "p5", "merged")]
    for place, (aliases, expected) in enumerate([
        (two + others, ("passed", 0.05, 2, 40)),
        ([*two, (THIS, "p9", "merged")], ("warned", 0.075, 3, 40)),
        ([], ("passed", 0.0, 0, 40)),
    ]):  # fmt: skip
        folder = tmp_path / str(place)
        folder.mkdir()
        assert merges(folder, aliases) == expected


def test_merges_of_few_persons_are_not_judged(tmp_path: Path) -> None:
    assert merges(tmp_path, [(THIS, "e1", "merged")], persons=4) == ("not judged", None, None, 4)


COMPARED = ("nulls", "unmatched", "merges")


def statuses(found: list[Verdict]) -> set[tuple[str, str]]:
    return {(each.gate, each.status) for each in found if each.gate in COMPARED and each.source in ("", "web")}


def test_without_a_snapshot_before_of_this_version_nothing_is_compared(tmp_path: Path) -> None:
    with Engine() as engine:
        write_night(engine, lacking(10, 10))
        assert statuses(list(judge(engine, read_gates(tmp_path)))) == {(gate, "not judged") for gate in COMPARED}
    found = compare(tmp_path, lacking(0, 10), lacking(10, 10), version=1)
    assert statuses(found) == {(gate, "not judged") for gate in COMPARED}


def test_a_damaged_snapshot_before_does_not_hold_up_the_night(tmp_path: Path) -> None:
    previous = write_before(tmp_path / "before", lacking(0, 10))
    for damage in (previous.results.read_bytes()[:20_000], b"no database" * 1000):
        previous.results.write_bytes(damage)
        with Engine() as engine:
            write_night(engine, lacking(10, 10))
            assert statuses(list(judge(engine, read_gates(tmp_path), previous))) == {
                (gate, "not judged") for gate in COMPARED
            }


def test_few_events_now_or_before_are_not_judged(tmp_path: Path) -> None:
    for place, (before, now) in enumerate([(4, 10), (10, 4), (0, 10), (10, 0)]):
        folder = tmp_path / str(place)
        folder.mkdir()
        found = [each for each in compare(folder, lacking(0, before), lacking(now, now)) if each.source == "web"]
        assert {each.status for each in found if each.gate in ("nulls", "unmatched")} == {"not judged"}
        assert all("fewer than 5" in each.text for each in found if each.gate in ("nulls", "unmatched"))


def test_a_column_mapped_for_the_first_time_does_not_alarm(tmp_path: Path) -> None:
    before = [Event("poll", device_id=None) for _ in range(10)]
    found = [each for each in only(compare(tmp_path, before, before), "nulls") if each.source == "poll"]
    assert [(each.subject, each.status) for each in found] == [("user_id", "passed")]
