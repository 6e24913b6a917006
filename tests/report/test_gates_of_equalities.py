"""Gate 'reconciliation', what gates may do, and the table they leave behind."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gate_world import Event, judge, mondays, only, read_gates, write_before, write_night

from journeys.report.gates import Verdict, accept_verdicts, count_verdicts, read_verdicts, warned_texts
from journeys.warehouse import Engine, load_models

# e0 is a visit with a touchpoint, e1 one without, e2 an answer to a poll, which is in no session.
EVENTS = [Event(), Event(touchpoint=None), Event("poll")]
EQUALITIES = ["events of sessions", "persons of events", "rows of sources", "sessions of events",
              "touchpoints of journeys"]  # fmt: skip
FUNNEL = pd.DataFrame(
    [("shop", 1, 10, 3, 2), ("shop", 2, 5, 1, 0), ("shop", 3, 4, 0, 0), ("sales", 1, 7, 0, 0)],
    columns=["funnel", "step_index", "reached_count", "dropped_count", "open_count"],
).assign(is_optional=False, entered_count=pd.NA, continued_count=pd.NA)
FUNNEL = FUNNEL.astype({"entered_count": "Int64", "continued_count": "Int64"})
# Four of five come on to the second step, where three more enter.
OPEN = pd.DataFrame(
    [("any", 1, 5, 5, 4, 1, 0, False), ("any", 2, 7, 3, 2, 3, 2, False), ("any", 3, 2, 0, 0, 0, 0, False)],
    columns=["funnel", "step_index", "reached_count", "entered_count", "continued_count", "dropped_count", "open_count",
             "is_optional"],
)  # fmt: skip


def broken(folder: Path, *statements: str, funnel: pd.DataFrame | None = None) -> dict[str, tuple]:
    """What does not add up once these statements have spoilt the night: how many, of how many."""
    with Engine() as engine:
        write_night(engine, EVENTS)
        if funnel is not None:
            engine.load("funnel_steps", funnel)
        for statement in statements:
            engine.run(statement)
        found = only(judge(engine, read_gates(folder)), "reconciliation")
    assert all((each.value, each.limit) == (each.count, 0) for each in found)
    assert all((each.status == "blocked") == (each.count > 0) for each in found)
    assert {"blocked", "passed"} >= {each.status for each in found}
    return {each.subject: (each.count, each.base) for each in found if each.status == "blocked"}


def test_a_sound_night_adds_up(tmp_path: Path) -> None:
    with Engine() as engine:
        write_night(engine, EVENTS)
        found = only(judge(engine, read_gates(tmp_path)), "reconciliation")
    assert [(each.subject, each.status, each.base) for each in found] == list(
        zip(EQUALITIES, ["passed"] * 5, [2, 3, 2, 2, 2], strict=True)
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE data_quality SET read_count = 3 WHERE source = 'web'", {"rows of sources": (1, 2)}),
        ("UPDATE data_quality SET accepted_count = 1, rejected_count = 1 WHERE source = 'web'",
         {"rows of sources": (1, 2)}),
        ("DELETE FROM event_persons WHERE event_id = 'e1'", {"persons of events": (1, 3)}),
        ("INSERT INTO event_persons VALUES ('e1', 'another')", {"persons of events": (1, 3)}),
        ("INSERT INTO event_persons VALUES ('e9', 'p')", {"persons of events": (1, 3)}),
        # One too few here and one too many there do not cancel out.
        ("UPDATE event_persons SET event_id = 'e0' WHERE event_id = 'e1'", {"persons of events": (2, 3)}),
        ("DELETE FROM session_events WHERE event_id = 'e1'",
         {"sessions of events": (1, 2), "events of sessions": (1, 2)}),
        ("INSERT INTO session_events VALUES ('e2', 'se1')",
         {"sessions of events": (1, 2), "events of sessions": (1, 2)}),
        ("INSERT INTO session_events VALUES ('e0', 'se1')",
         {"sessions of events": (1, 2), "events of sessions": (1, 2)}),
        ("DELETE FROM sessions WHERE session_id = 'se0'",
         {"sessions of events": (1, 2), "events of sessions": (1, 2)}),
        ("UPDATE sessions SET event_count = 2 WHERE session_id = 'se0'", {"events of sessions": (1, 2)}),
        ("UPDATE journeys SET step_count = 2 WHERE journey_id = 'je0'", {"touchpoints of journeys": (1, 2)}),
        ("DELETE FROM touchpoints WHERE event_id = 'e0'", {"touchpoints of journeys": (1, 2)}),
        ("DELETE FROM journeys WHERE journey_id = 'je0'", {"touchpoints of journeys": (1, 2)}),
    ],
)  # fmt: skip
def test_each_broken_equality_is_found_and_counted(tmp_path: Path, statement: str, expected: dict) -> None:
    assert broken(tmp_path, statement) == expected


def test_rows_of_address_books_are_accepted_rows(tmp_path: Path) -> None:
    books = "INSERT INTO data_quality VALUES ('book', 3, 2, 2, 0, 0, NULL)"
    assert broken(tmp_path, books) == {"rows of sources": (1, 3)}
    assert broken(tmp_path, books, "INSERT INTO contact_rows VALUES ('book'), ('book')") == {}


def test_the_steps_of_each_funnel_add_up(tmp_path: Path) -> None:
    assert broken(tmp_path, funnel=FUNNEL) == {}
    spoil = "UPDATE funnel_steps SET {} WHERE funnel = 'shop' AND step_index = {}"
    assert broken(tmp_path, spoil.format("open_count = 1", 1), funnel=FUNNEL) == {"steps of funnel shop": (1, 3)}
    # The second step enters two sums; at the last one nobody is dropped or open.
    assert broken(tmp_path, spoil.format("reached_count = 6", 2), funnel=FUNNEL) == {"steps of funnel shop": (2, 3)}
    assert broken(tmp_path, spoil.format("dropped_count = 1", 3), funnel=FUNNEL) == {"steps of funnel shop": (1, 3)}


@pytest.mark.parametrize(
    ("spoilt", "step", "count"),
    [
        ("open_count = 1", 1, 1),
        ("dropped_count = 1", 3, 1),
        ("continued_count = 3", 1, 1),
        ("continued_count = 1", 3, 1),
        ("entered_count = 4", 1, 1),  # at step 1 everybody enters
        ("entered_count = 2", 2, 1),  # more come on than went on from step 1
        ("reached_count = 8", 2, 2),  # enters the sums of steps 1 and 2
    ],
)
def test_the_steps_of_an_open_funnel_add_up(tmp_path: Path, spoilt: str, step: int, count: int) -> None:
    both = pd.concat([FUNNEL, OPEN])
    assert broken(tmp_path, funnel=both) == {}
    statement = f"UPDATE funnel_steps SET {spoilt} WHERE funnel = 'any' AND step_index = {step}"
    assert broken(tmp_path, statement, funnel=both) == {"steps of funnel any": (count, 3)}


def test_a_gate_warns_blocks_or_is_off_as_configured(tmp_path: Path) -> None:
    spoilt = "DELETE FROM event_persons"
    with Engine() as engine:
        write_night(engine, EVENTS)
        engine.run(spoilt)
        for action, status in (("warn", "warned"), ("block", "blocked")):
            settings = read_gates(tmp_path, f'reconciliation = "{action}"')
            found = only(judge(engine, settings), "reconciliation")
            assert {each.status for each in found} == {"passed", status}
        names = ("freshness", "volume", "duplicates", "nulls", "unmatched", "merges", "reconciliation")
        settings = read_gates(tmp_path, "\n".join(f'{name} = "off"' for name in names))
        assert judge(engine, settings) == ()
        assert len(read_verdicts(engine)) == 0
        assert count_verdicts(()) == "all off"
        for name in names:
            rest = read_gates(tmp_path, f'{name} = "off"')
            assert {each.gate for each in judge(engine, rest)} == {*names} - {name}


def test_every_gate_can_block(tmp_path: Path) -> None:
    names = ("freshness", "volume", "duplicates", "nulls", "unmatched", "merges")
    gates = "\n".join(['fewest = 1\nfreshness_limit = "1s"', *(f'{name} = "block"' for name in names),
                       *(f"{name}_limit = 0.0" for name in names[2:])])  # fmt: skip
    before = write_before(tmp_path / "before", [Event(), Event()])
    with Engine() as engine:
        write_night(engine, [*mondays(9, 1, 1, 1), Event(device_id=None, touchpoint=None)],
                    quality=[("web", 14, 1)])  # fmt: skip
        engine.run("INSERT INTO person_aliases VALUES ('20260309T223000Z', 'pe0', 'pe1', 'merged')")
        found = judge(engine, read_gates(tmp_path, gates), before)
    assert {each.gate for each in found if each.status == "blocked"} == {*names}


def test_the_verdicts_are_kept_as_a_table_the_worst_first(tmp_path: Path) -> None:
    with Engine() as engine:
        write_night(engine, EVENTS)
        engine.run("DELETE FROM event_persons WHERE event_id = 'e0'")
        found = judge(engine, read_gates(tmp_path))
        table = read_verdicts(engine)
        assert list(table.columns) == list(Verdict.__dataclass_fields__)
        assert len(table) == len(found)
        # Freshness and the four other equalities pass; the other gates have too little to judge.
        assert list(table["status"].unique()) == ["blocked", "not judged", "passed"]
        assert count_verdicts(found).startswith("1 blocked, ")
        accepted = accept_verdicts(engine, found)
        assert "blocked" not in count_verdicts(accepted)
        [text] = [each for each in warned_texts(engine) if "reconciliation" in each]
        assert text == ("Gate reconciliation: The persons of events: 1 do not add up, 3 were checked. "
                        "Let pass by --accept-gates.")  # fmt: skip
        assert list(read_verdicts(engine)["is_accepted"]).count(True) == 1
        assert "gate_verdicts" not in load_models()


def test_a_snapshot_older_than_the_gates_has_no_verdicts() -> None:
    with Engine() as engine:
        assert len(read_verdicts(engine)) == 0
        assert warned_texts(engine) == ()


def test_hostile_names_make_plain_sentences(tmp_path: Path) -> None:
    name = "</script>\n\x1b[31m" + "x" * 500
    with Engine() as engine:
        write_night(engine, EVENTS)
        engine.load("funnel_steps", FUNNEL.replace({"funnel": {"shop": name}}).assign(open_count=9))
        found = only(judge(engine, read_gates(tmp_path)), "reconciliation")
    texts = [each.text for each in found if "script" in each.text]
    assert len(texts) == 1
    assert texts[0].isprintable()
    assert len(texts[0]) < 200


def test_nothing_but_the_table_of_verdicts_is_left_behind(tmp_path: Path) -> None:
    previous = write_before(tmp_path / "before", EVENTS)
    with Engine() as engine:
        write_night(engine, EVENTS)
        tables = "SELECT table_name FROM information_schema.tables ORDER BY table_name"
        before = {row[0] for row in engine.rows(tables)}
        judge(engine, read_gates(tmp_path), previous)
        assert {row[0] for row in engine.rows(tables)} - before == {"gate_verdicts"}
        assert engine.value("SELECT COUNT(*) FROM duckdb_databases() WHERE database_name = 'snapshot_before'") == 0
