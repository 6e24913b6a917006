"""Groups and periods held against each other: statsmodels beside them, and what chance finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

import journeys as jn
from journeys.errors import CallError

START = 1_772_323_200


def read(groups: dict[str | None, tuple[int, int]], days: dict[str, int] | None = None) -> jn.Journeys:
    """A log with so many who converted of so many who came, per group."""
    rows = []
    for name, (converted, entered) in groups.items():
        for number in range(entered):
            at = START + 86_400 * (days or {}).get(str(name), 0) + number
            rows.append((f"{name}-{number}", at, "visit", name))
            if number < converted:
                rows.append((f"{name}-{number}", at + 60, "buy", "other"))
    frame = pd.DataFrame(rows, columns=["person", "at", "event", "colour"])
    return jn.from_events(frame, person="person", occurred_at="at", event="event", unit="s", as_of="2027-01-01")


GROUPS = {"red": (60, 200), "green": (30, 150), "blue": (20, 40), "grey": (3, 10)}


def test_each_group_is_held_against_all_others_as_statsmodels_would() -> None:
    frame = read(GROUPS).compare_groups(["visit", "buy"], "7d", by="colour").frame
    assert frame["colour"].tolist() == ["blue", "red", "green", "grey"]
    assert frame["rank"].tolist()[:3] == [1, 2, 3]
    for row in frame.itertuples():
        converted, entered = GROUPS[row.colour]
        rest = 113 - converted, 400 - entered
        assert (row.mature_count, row.converted_count, row.other_count, row.other_converted_count) == (
            entered, converted, rest[1], rest[0])  # fmt: skip
        assert row.difference == pytest.approx(converted / entered - rest[0] / rest[1])
        ends = confint_proportions_2indep(converted, entered, *rest, method="newcomb", compare="diff")
        assert (row.difference_low, row.difference_high) == pytest.approx(ends, abs=1e-9)
        if row.colour != "grey":
            assert row.p_value == pytest.approx(
                proportions_ztest([converted, rest[0]], [entered, rest[1]])[1], abs=1e-9
            )
    tested = frame[~frame["is_too_few"]]
    assert tested["q_value"].tolist() == pytest.approx(multipletests(tested["p_value"], method="fdr_bh")[1])


def test_too_few_are_neither_tested_nor_ranked() -> None:
    frame = read(GROUPS).compare_groups(["visit", "buy"], by="colour").frame.set_index("colour")
    assert frame["is_too_few"].to_dict() == {"blue": False, "red": False, "green": False, "grey": True}
    assert frame.loc["grey", ["p_value", "q_value", "rank"]].isna().all()
    assert frame.loc["grey", ["difference_low", "difference_high"]].notna().all()


def test_one_group_can_be_the_measure_of_all() -> None:
    frame = read(GROUPS).compare_groups(["visit", "buy"], by="colour", against="red").frame.set_index("colour")
    assert (frame["other_count"] == 200).all()
    assert frame.loc["red", ["difference", "difference_low", "p_value"]].isna().all()
    assert frame.loc["green", "difference"] == pytest.approx(0.2 - 0.3)
    with pytest.raises(CallError, match="red"):
        read(GROUPS).compare_groups(["visit", "buy"], by="colour", against="rde")


def test_groups_sum_to_the_funnel_and_who_has_no_value_is_a_group() -> None:
    log = read(GROUPS | {None: (5, 40)})
    frame = log.compare_groups(["visit", "buy"], "7d", by="colour").frame
    assert "(none)" in set(frame["colour"])
    assert frame[["mature_count", "converted_count"]].sum().tolist() == [440, 118]
    assert log.funnel(["visit", "buy"], "7d").frame["mature_count"].tolist() == [440, 118]


def test_one_group_alone_has_nobody_to_be_held_against() -> None:
    row = read({"red": (60, 200)}).compare_groups(["visit", "buy"], by="colour").frame.iloc[0]
    assert row["is_too_few"]
    assert np.isnan(row["difference"])
    assert np.isnan(row["q_value"])


def test_periods_hold_who_first_entered_in_them() -> None:
    log = read({"old": (30, 100), "new": (50, 100), "later": (9, 10)}, {"new": 31, "later": 60})
    answer = log.compare_groups(["visit", "buy"], "7d", before="2026-03-01..2026-04-01",
                                after=("2026-04-01", "2026-04-30"), against="2026-03-01..2026-04-01")  # fmt: skip
    frame = answer.frame.set_index("period")
    assert frame["mature_count"].to_dict() == {"2026-04-01..2026-04-30": 100, "2026-03-01..2026-04-01": 100}
    assert frame.loc["2026-04-01..2026-04-30", "difference"] == pytest.approx(0.2)
    empty = log.compare_groups(["visit", "buy"], before="2020-01-01..2020-02-01", after="2026-03-01..2026-04-01")
    assert empty.frame.set_index("period")["entrant_count"].to_dict()["2020-01-01..2020-02-01"] == 0


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"by": "colour", "before": "2026-01-01..2026-02-01", "after": "2026-02-01..2026-03-01"},
        {"before": "2026-01-01..2026-02-01"},
        {"before": "2026-01-01..2026-02-01", "after": "2026-01-31..2026-03-01"},
        {"before": "2026-02-01..2026-02-01", "after": "2026-03-01..2026-04-01"},
        {"before": "February", "after": "2026-03-01..2026-04-01"},
        {"before": 7, "after": "2026-03-01..2026-04-01"},
        {"by": "colur"},
    ],
)
def test_calls_that_name_no_groups_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(CallError):
        read(GROUPS).compare_groups(["visit", "buy"], **given)


def test_chance_alone_finds_no_more_than_one_table_in_twenty() -> None:
    from journeys.insights.funnels.groups import _hold_against

    source = np.random.default_rng(11)
    tables, finds = 300, 0
    for _ in range(tables):
        bases = source.integers(40, 200, 4)
        counts = pd.DataFrame({"group": list("abcd"), "entrant_count": bases, "open_count": 0, "mature_count": bases,
                               "converted_count": source.binomial(bases, 0.3)})  # fmt: skip
        shares = counts["converted_count"] / counts["mature_count"]
        counts = counts.assign(conversion_share=shares, conversion_share_low=0.0, conversion_share_high=1.0)
        finds += bool((_hold_against(counts, "(rest)")["q_value"] <= 0.05).any())
    spread = 2.576 * np.sqrt(0.05 * 0.95 / tables)
    assert finds / tables <= 0.05 + spread
