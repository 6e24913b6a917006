"""Two groups' step matrices held against each other; each single one is that of a log of the group alone."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest
from world import read_world

import journeys as jn

SHOP = """
    ann 2/10:00 home device=phone
    ann 2/10:10 product device=desk
    ann 2/10:30 pay device=desk
    bob 2/10:00 home device=phone
    bob 4/10:00 help device=phone
    cid 5/10:00 product device=desk
    cid 5/10:01 home device=phone
    dan 6/10:00 pay device=desk
"""


def shares(frame: pd.DataFrame) -> dict[str, list[float]]:
    return {row[0]: list(row[1:]) for row in frame.itertuples(index=False, name=None)}


def test_a_difference_is_one_matrix_less_the_other() -> None:
    answer = read_world(SHOP).step_matrix_difference(["phone", "desk"], by="device", depth=2, goal="pay")
    # By the first contact: ann and bob on a phone, cid and dan at a desk.
    assert shares(answer.tables["a"]) == {"home": [1.0, 0.0], "help": [0.0, 0.5], "product": [0.0, 0.5], "pay": [0, 0],
                                          "(converted)": [0.0, 0.0]}  # fmt: skip
    assert shares(answer.tables["b"]) == {"home": [0.0, 0.5], "pay": [0.5, 0.0], "product": [0.5, 0.0],
                                          "(converted)": [0.0, 0.5], "help": [0.0, 0.0]}  # fmt: skip
    assert shares(answer.tables["difference"]) == {
        "home": [1.0, -0.5], "product": [-0.5, 0.5], "help": [0.0, 0.5], "pay": [-0.5, 0.0],
        "(converted)": [0.0, -0.5]}  # fmt: skip
    assert [answer.definition[word] for word in ("a_count", "b_count", "both_count", "outside_count")] == [2, 2, 0, 0]
    assert answer.frame["is_too_few"].all()
    assert answer.frame["q_value"].isna().all()


@pytest.mark.parametrize(
    ("groups", "more", "a", "b", "both", "outside"),
    [
        (["(converted)"], {"goal": "pay"}, "ann dan", "bob cid", 0, 0),
        (["(converted)", "(open)"], {"goal": "pay"}, "ann dan", "bob cid", 0, 0),
        (["product", "help"], {}, "ann cid", "bob", 0, 1),
        (["home", "product"], {}, "bob", "", 2, 1),
        (["home", ["help", "pay"]], {}, "cid", "dan", 2, 0),
        ([{"device": "desk"}], {}, "ann cid dan", "bob", 0, 0),
        (["desk"], {"by": "device"}, "cid dan", "ann bob", 0, 0),
        ([jn.Period("2026-03-02", "2026-03-05")], {}, "ann bob", "cid dan", 0, 0),
        ([jn.Period("2026-03-02", "2026-03-02T10:00"), jn.Period("2026-03-05", "2026-03-06")], {}, "", "cid", 0, 3),
    ],
)
def test_groups_are_given_by_outcome_contact_value_or_period(
    groups: list[object], more: dict[str, object], a: str, b: str, both: int, outside: int
) -> None:
    log = read_world(SHOP)
    if not a or not b:
        with pytest.raises(jn.CallError, match="no path of its own"):
            log.step_matrix_difference(groups, **more)
        return
    answer = log.step_matrix_difference(groups, depth=3, **more)
    words = ("a_count", "b_count", "both_count", "outside_count")
    assert [answer.definition[word] for word in words] == [len(a.split()), len(b.split()), both, outside]
    keywords = {name: value for name, value in more.items() if name != "by"}
    for side, members in (("a", a), ("b", b)):
        lines = [line for line in SHOP.strip().splitlines() if line.split()[0] in members.split()]
        # The moment of the whole log, so that who is open there is open here.
        alone = read_world("\n".join(lines)).step_matrix(depth=3, as_of="2026-03-06 10:00", **_known(keywords, lines))
        found = {step: row for step, row in shares(answer.tables[side]).items() if any(row)}
        assert found == shares(alone.frame)


def _known(keywords: dict[str, object], lines: list[str]) -> dict[str, object]:
    """A goal that a group's own log lacks cannot be named there; nobody converts without it either."""
    names = {line.split()[2] for line in lines}
    return {name: value for name, value in keywords.items() if value in names}


def many(phones: int, desks: int, phone_goers: int, desk_goers: int) -> str:
    """So many on each device land, and some of them go on."""
    lines = []
    for device, count, goers in (("phone", phones, phone_goers), ("desk", desks, desk_goers)):
        for number in range(count):
            lines.append(f"{device}{number} 10:00 land device={device}")
            if number < goers:
                lines.append(f"{device}{number} 10:01 go device={device}")
    return "\n".join(lines)


def test_each_cell_is_tested_and_the_family_is_the_whole_matrix() -> None:
    log = read_world(many(100, 80, 60, 20))
    frame = log.step_matrix_difference(["phone", "desk"], by="device", depth=2).frame
    cell = {(row.step, row.step_index): row for row in frame.itertuples()}
    # land at 1: all of both; go at 2: 60 of 100 against 20 of 80; (open) at 2: the others.
    assert set(cell) == {("land", 1), ("go", 2), ("(open)", 2)}
    go = cell["go", 2]
    assert (go.a_count, go.a_base_count, go.b_count, go.b_base_count) == (60, 100, 20, 80)
    assert go.difference == pytest.approx(0.35)
    assert go.p_value == pytest.approx(proportions_ztest([60, 20], [100, 80])[1], abs=1e-12)
    assert cell["land", 1].p_value == 1
    assert list(frame["q_value"]) == pytest.approx(list(multipletests(frame["p_value"], method="fdr_bh")[1]))
    assert go.difference_low < 0.35 < go.difference_high
    assert not frame["is_too_few"].any()


def test_a_rare_cell_is_tested_exactly() -> None:
    frame = read_world(many(40, 40, 3, 0)).step_matrix_difference(["phone", "desk"], by="device", depth=2).frame
    assert frame.set_index("step").loc["go", "p_value"] == pytest.approx(fisher_exact([[3, 37], [0, 40]])[1])


def test_with_too_few_in_a_group_nothing_is_tested() -> None:
    frame = read_world(many(100, 29, 60, 2)).step_matrix_difference(["phone", "desk"], by="device", depth=2).frame
    assert frame["is_too_few"].all()
    assert frame[["p_value", "q_value"]].isna().all(axis=None)
    assert frame["difference"].notna().all()


def test_ends_are_not_tested_where_they_make_the_groups() -> None:
    answer = read_world(many(100, 80, 60, 40)).step_matrix_difference(["(converted)"], goal="go", depth=3)
    is_end = answer.frame["is_end"]
    assert answer.frame.loc[is_end, "p_value"].isna().all()
    assert answer.frame.loc[~is_end, "p_value"].notna().all()


def test_the_commonest_steps_are_those_of_both_groups() -> None:
    log = read_world("""
        ann 10:00 a device=phone
        bob 10:00 b device=phone
        cid 10:00 c device=desk
        dan 10:00 b device=desk
    """)
    answer = log.step_matrix_difference(["phone", "desk"], by="device", depth=1, top=1)
    assert shares(answer.tables["a"]) == shares(answer.tables["b"]) == {"b": [0.5], "(other)": [0.5]}


@pytest.mark.parametrize(
    ("groups", "more", "found"),
    [
        ([], {}, r"\[\]"),
        (["home", "pay", "help"], {}, "'help'"),
        ("(converted)", {}, r"'\(converted\)'"),
        (["hom"], {}, "'hom'"),
        (["phone"], {"by": "devise"}, "'devise'"),
        (["phone"], {"by": 7}, "7"),
        (["watch"], {"by": "device"}, "no path"),
        ([jn.Period("now", "2026-03-05")], {}, "'now'"),
        ([7], {}, "7"),
        (["(converted)"], {}, "no path"),
    ],
)
def test_a_group_that_cannot_be_is_refused_by_name(groups: object, more: dict[str, object], found: str) -> None:
    with pytest.raises(jn.CallError, match=found):
        read_world(SHOP).step_matrix_difference(groups, **more)  # type: ignore[arg-type]


def test_a_missing_value_is_a_group() -> None:
    log = read_world("ann 10:00 a device=phone\nbob 10:00 b")
    answer = log.step_matrix_difference(["(none)", "phone"], by="device", depth=1)
    assert shares(answer.tables["a"]) == {"b": [1.0], "a": [0.0]}
