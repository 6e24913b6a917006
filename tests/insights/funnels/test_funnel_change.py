"""A change split into who came and how steps converted: by hand, exactly, and with honest intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import journeys as jn
from journeys.errors import CallError

START = 1_772_323_200
BEFORE, AFTER = "2026-03-01..2026-04-01", "2026-04-01..2026-05-01"
STEPS = ["visit", "cart", "buy"]
# Per period and segment: came, had a cart, bought.
Flows = dict[str, tuple[int, int, int]]


def rows_of(before: Flows, after: Flows) -> pd.DataFrame:
    rows = []
    for days, flows in ((0, before), (31, after)):
        for segment, reached in flows.items():
            for number in range(reached[0]):
                events = STEPS[: sum(number < count for count in reached)]
                rows += [(f"{days}{segment}{number}", START + days * 86_400 + 60 * place, event, segment)
                         for place, event in enumerate(events)]  # fmt: skip
    return pd.DataFrame(rows, columns=["person", "at", "event", "device"])


def read(frame: pd.DataFrame, **keywords: object) -> jn.Journeys:
    return jn.from_events(frame, person="person", occurred_at="at", event="event", unit="s", as_of="2026-12-01",
                          **keywords)  # fmt: skip


def change(first: Flows, second: Flows, **given: object) -> jn.Result:
    given = {"by": "device", "before": BEFORE, "after": AFTER, "missing": "zero"} | given
    return read(rows_of(first, second)).funnel_change(STEPS, "7d", **given)


def parts(answer: jn.Result) -> list[float]:
    return answer.frame["contribution"].tolist()


def test_more_of_a_better_segment_is_who_came() -> None:
    # desk converts 40 x 50 %, phone 20 x 50 %; from half and half to 3/4 desk: 15 to 17.5 %.
    answer = change({"desk": (100, 40, 20), "phone": (100, 20, 10)}, {"desk": (300, 120, 60), "phone": (100, 20, 10)})
    assert parts(answer) == pytest.approx([0.025, 0, 0], abs=1e-12)
    assert answer.tables["total"]["difference"].tolist() == pytest.approx([0.025])
    # The step to the cart went from 30 to 35 %, all by who stood before it; with the cart all were alike.
    steps = answer.frame.set_index("step_name")
    assert steps.loc["cart", ["before_share", "after_share"]].tolist() == pytest.approx([0.3, 0.35])
    assert steps.loc["cart", ["step_mix_difference", "step_rate_difference"]].tolist() == pytest.approx([0.05, 0])
    assert steps.loc["buy", ["step_mix_difference", "step_rate_difference"]].tolist() == pytest.approx([0, 0])
    # desk is 20 %, phone 10 %, around the average of 16.25 % of both periods.
    segments = answer.tables["segments"].set_index("segment")["mix_contribution"]
    assert segments.to_dict() == pytest.approx({"desk": 0.25 * 0.0375, "phone": 0.25 * 0.0625})


def test_a_better_step_is_that_step() -> None:
    answer = change({"desk": (100, 40, 20)}, {"desk": (100, 40, 30)})
    assert parts(answer) == pytest.approx([0, 0, 0.1], abs=1e-12)
    assert answer.frame["step_name"].tolist() == ["(who came)", "cart", "buy"]


def test_two_steps_share_what_they_bring_together() -> None:
    # 50 x 50 % becomes 100 x 100 %: each step brings half of .75, whichever is changed first.
    assert parts(change({"desk": (100, 50, 25)}, {"desk": (100, 100, 100)})) == pytest.approx([0, 0.375, 0.375])


def test_a_segment_of_one_period_only_is_who_came() -> None:
    answer = change({"desk": (100, 40, 20)}, {"desk": (100, 40, 20), "bulk": (100, 0, 0)})
    assert parts(answer) == pytest.approx([-0.1, 0, 0], abs=1e-12)
    none = change({"desk": (50, 0, 0)}, {"desk": (50, 10, 0)})
    assert parts(none) == pytest.approx([0, 0, 0], abs=1e-12)
    assert none.frame["before_share"].isna().tolist() == [True, False, True]
    assert none.frame["step_rate_difference"].isna().tolist() == [True, False, True]


def test_parts_sum_to_the_difference_whatever_the_segments() -> None:
    source = np.random.default_rng(5)
    for _ in range(3):
        flows = []
        for _ in range(2):
            came = source.integers(0, 12, 6)
            cart = source.binomial(came, 0.5)
            flows.append(
                {f"s{n}": each for n, each in enumerate(zip(came, cart, source.binomial(cart, 0.5), strict=True))}
            )
        answer = change(*flows)
        total = answer.tables["total"].iloc[0]
        assert sum(parts(answer)) == pytest.approx(total["after_share"] - total["before_share"], abs=1e-12)
        segments = answer.tables["segments"]
        by_segment = segments.filter(like="_contribution").sum()
        assert by_segment.tolist() == pytest.approx(parts(answer), abs=1e-12)
        assert segments["before_count"].sum() == total["before_count"]
        own = answer.frame.iloc[1:]
        whole = own["step_mix_difference"] + own["step_rate_difference"]
        assert whole.tolist() == pytest.approx(own["step_difference"].tolist(), abs=1e-12, nan_ok=True)


FLOWS = {"desk": (400, 200, 80), "phone": (300, 90, 30)}, {"desk": (300, 150, 75), "phone": (500, 150, 60)}


def test_the_bootstrap_of_the_whole_agrees_with_newcombe_and_with_its_seed() -> None:
    answer = change(*FLOWS)
    total = answer.tables["total"].iloc[0]
    assert total["bootstrap_low"] == pytest.approx(total["difference_low"], abs=0.006)
    assert total["bootstrap_high"] == pytest.approx(total["difference_high"], abs=0.006)
    within = answer.frame["contribution"].between(answer.frame["contribution_low"], answer.frame["contribution_high"])
    assert within.all()
    pd.testing.assert_frame_equal(answer.frame, change(*FLOWS, seed=1).frame)
    other = change(*FLOWS, seed=2).frame
    assert other["contribution"].equals(answer.frame["contribution"])
    assert not other["contribution_low"].equals(answer.frame["contribution_low"])


def test_shuffled_rows_give_the_same_bytes() -> None:
    frame = rows_of(*FLOWS)
    found = [
        read(each).funnel_change(STEPS, "7d", by="device", before=BEFORE, after=AFTER)
        for each in (frame, frame.sample(frac=1, random_state=3))
    ]
    pd.testing.assert_frame_equal(found[0].frame, found[1].frame, check_exact=True)


def test_persons_are_drawn_with_all_their_attempts() -> None:
    # Each person comes ten times and always ends alike: the interval is that of the persons, not of ten times as many.
    rows = []
    for day in (0, 31):
        for person in range(100):
            for attempt in range(10):
                at = START + day * 86_400 + attempt * 86_400
                rows.append((f"{day}-{person}", at, "visit"))
                rows += [(f"{day}-{person}", at + 60, "buy")] * (person < 50)
    log = read(pd.DataFrame(rows, columns=["person", "at", "event"]))
    given = {"before": BEFORE, "after": AFTER}
    attempts = log.funnel_change(["visit", "buy"], "1h", entry="each", **given).tables["total"].iloc[0]
    persons = log.funnel_change(["visit", "buy"], "1h", **given).tables["total"].iloc[0]
    assert (attempts["before_count"], persons["before_count"]) == (1000, 100)
    width, alone = (each["bootstrap_high"] - each["bootstrap_low"] for each in (attempts, persons))
    assert width == pytest.approx(alone, rel=0.15)
    assert attempts["difference_high"] - attempts["difference_low"] < 0.5 * width


@pytest.mark.parametrize(
    "given", [{"after": "2028-01-01..2028-02-01"}, {"seed": -1}, {"seed": "x"}, {"by": "colour"}, {"after": None}]
)
def test_what_cannot_be_split_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(CallError):
        change(*FLOWS, **given)


def test_one_step_is_too_few() -> None:
    with pytest.raises(CallError, match="two required steps"):
        read(rows_of(*FLOWS)).funnel_change(["visit"], "7d", before=BEFORE, after=AFTER)
