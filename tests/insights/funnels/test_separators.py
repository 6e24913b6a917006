"""What separates converters: a published example of strata, and which events count as met."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import journeys as jn
from journeys.errors import CallError
from journeys.insights.funnels.separators import judge_candidates

START = 1_772_323_200
# Charig et al. 1986: (operation, size of the stone): healed, operated.
STONES = {("open", "small"): (81, 87), ("open", "large"): (192, 263), ("new", "small"): (234, 270),
          ("new", "large"): (55, 80)}  # fmt: skip


def read(paths: list[tuple[list[str], dict[str, str | None]]], gap: int = 60, as_of: str = "2026-12-01") -> jn.Journeys:
    """One person per path, an event a minute."""
    rows = [
        {"person": f"p{number:05d}", "at": START + gap * place, "event": event} | columns
        for number, (path, columns) in enumerate(paths)
        for place, event in enumerate(path)
    ]
    columns = {"channel": "channel"} if "channel" in rows[0] else {}
    return jn.from_events(pd.DataFrame(rows), person="person", occurred_at="at", event="event", unit="s", as_of=as_of,
                          **columns)  # fmt: skip


def stones() -> jn.Journeys:
    paths = []
    for (operation, size), (healed, operated) in STONES.items():
        columns = {"operation": operation, "channel": size}
        paths += [(["met", "healed"], columns)] * healed + [(["met"], columns)] * (operated - healed)
    return read(paths)


def test_kidney_stones_turn_their_sign_within_first_channels() -> None:
    answer = stones().separators(["met", "healed"], "7d", columns=["operation"])
    found = answer.frame.set_index("value").loc["open"]
    assert found[["entrant_count", "converted_count", "other_count", "other_converted_count"]].tolist() == [
        350, 273, 350, 289]  # fmt: skip
    assert found["crude_difference"] == pytest.approx((273 - 289) / 350)
    # Mantel and Haenszel by hand: sum of (a n - b m) / N over sum of m n / N.
    top = (81 * 270 - 234 * 87) / 357 + (192 * 80 - 55 * 263) / 343
    weight = 87 * 270 / 357 + 263 * 80 / 343
    assert found["difference"] == pytest.approx(top / weight)
    assert found["difference"] > 0
    assert found["stratum_count"] == 2
    other = answer.frame.set_index("value").loc["new"]
    assert other["difference"] == pytest.approx(-found["difference"])
    assert answer.definition["label"] == "descriptive"
    assert answer.definition["population_count"] == 700


def moments(log: jn.Journeys, **given: object) -> dict[tuple[str, str], int]:
    frame = log.separators(["visit", "cart", "buy"], "1h", **given).frame
    kinds = frame["kind"].str.removeprefix("touchpoint ").str.removesuffix(" entry")
    return dict(zip(zip(kinds, frame["name"], strict=True), frame["entrant_count"], strict=True))


def test_touchpoints_count_before_the_entry_or_between_it_and_the_end() -> None:
    log = read([
        (["blog", "visit", "help", "cart", "buy", "thanks"], {}),  # what comes after the conversion is not met
        (["blog", "blog", "visit", "help", "help"], {}),
        (["visit"], {}),
    ])  # fmt: skip
    assert moments(log) == {("before", "blog"): 2, ("after", "help"): 2}
    # The window of an hour ends before the third event when there is one every 50 minutes.
    slow = read([(["visit", "help", "late"], {})], gap=3_000)
    assert moments(slow, missing="zero") == {("after", "help"): 1}


def test_steps_met_before_the_entry_are_told_and_later_ones_are_no_exposure() -> None:
    log = read([(["cart", "visit", "cart", "cart"], {}), (["visit", "buy"], {})])
    assert moments(log) == {("before", "cart"): 1}


def test_only_mature_entrants_are_compared() -> None:
    log = read([(["visit", "help"], {})], as_of="2026-03-01T00:30:00Z")
    assert log.separators(["visit", "buy"], "1h", missing="zero").frame.empty
    assert log.separators(["visit", "buy"], "20m", missing="zero").frame["entrant_count"].tolist() == [1]


def test_columns_are_read_at_the_entry_or_at_the_first_event() -> None:
    rows = pd.DataFrame([("a", 0, "blog", "mail"), ("a", 60, "visit", "ads"), ("b", 0, "visit", None)],
                        columns=["person", "at", "event", "campaign"])  # fmt: skip
    log = jn.from_events(rows, person="person", occurred_at="at", event="event", unit="s", as_of="1970-01-10")

    def values(**given: object) -> set[str]:
        frame = log.separators(["visit"], "1d", columns=["campaign"], **given).frame
        return set(frame.loc[frame["kind"] == "column", "value"])

    assert values() == {"ads", "(none)"}
    assert values(columns_at="first") == {"mail", "(none)"}


def test_finds_stand_first_and_too_few_last_without_a_rank() -> None:
    source = np.random.default_rng(2)
    paths = []
    for number in range(600):
        has_help, has_blog = source.random() < 0.5, source.random() < 0.5
        path = ["blog"] * has_blog + ["visit"] + ["help"] * has_help + ["rare"] * (number < 20)
        paths.append((path + ["buy"] * (source.random() < (0.6 if has_help else 0.3)), {}))
    frame = read(paths).separators(["visit", "buy"], "7d").frame
    assert frame["name"].tolist() == ["help", "blog", "rare"]
    assert frame["verdict"].tolist() == ["higher", "no evidence", "too few"]
    assert frame["rank"].tolist()[:2] == [1, 2]
    assert frame.loc[2, ["p_value", "q_value", "rank"]].isna().all()
    low, high = frame.loc[0, "difference_low"], frame.loc[0, "difference_high"]
    assert low < 0.3 < high
    # All have one entry month and channel: within the one stratum the difference is the crude one.
    assert frame["difference"].tolist() == pytest.approx(frame["crude_difference"].tolist())


def test_a_touchpoint_that_all_converters_met_after_the_entry_is_on_the_way() -> None:
    paths = [(["visit", "pay", "buy"], {})] * 50 + [(["visit", "pay"], {})] * 40 + [(["pay", "visit"], {})] * 60
    frame = read(paths).separators(["visit", "buy"], "7d").frame.set_index("kind")
    assert frame["verdict"].to_dict() == {"touchpoint after entry": "on the way", "touchpoint before entry": "lower"}
    assert frame.loc["touchpoint after entry", ["p_value", "q_value", "rank"]].isna().all()
    assert not frame.loc["touchpoint after entry", "is_too_few"]


def test_values_beyond_the_commonest_are_taken_together() -> None:
    paths = [(["visit"], {"colour": f"c{number:02d}"}) for number in range(40)] + [(["visit"], {"colour": "c00"})] * 2
    frame = read(paths).separators(["visit"], columns=["colour"]).frame
    assert len(frame) == 31
    assert frame["entrant_count"].sum() == 42
    assert frame.set_index("value").loc["(other)", "entrant_count"] == 10


def test_chance_alone_finds_no_more_than_one_table_in_twenty() -> None:
    source = np.random.default_rng(21)
    tables, finds = 150, 0
    shares = [0.2, 0.5, 0.7]
    names = ["one", "two", "three"]
    for _ in range(tables):
        bases = source.integers(60, 150, 3)
        strata = pd.DataFrame({"met_count": bases, "met_converted_count": source.binomial(bases, shares)}, index=names)
        rows = []
        for touchpoint in "abcde":
            met = source.binomial(bases, [0.2, 0.5, 0.8])
            converted = source.hypergeometric(strata["met_converted_count"], bases - strata["met_converted_count"], met)
            rows += [("touchpoint before entry", touchpoint, "", *cells)
                     for cells in zip(names, met, converted, strict=True)]  # fmt: skip
        columns = ["kind", "name", "value", "stratum", "met_count", "met_converted_count"]
        found = judge_candidates(pd.DataFrame(rows, columns=columns), strata)
        finds += bool((found["q_value"] <= 0.05).any())
    assert finds / tables <= 0.05 + 2.576 * np.sqrt(0.05 * 0.95 / tables)


@pytest.mark.parametrize("given", [{"columns": "device"}, {"columns": ["nowhere"]}, {"columns": [7]},
                                   {"columns": ["person"], "columns_at": "last"}])  # fmt: skip
def test_columns_that_cannot_be_read_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(CallError):
        read([(["visit"], {})]).separators(["visit"], **given)
