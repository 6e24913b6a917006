from __future__ import annotations

import pandas as pd
import pytest

from journeys.report import formats

THIN = "\u202f"


@pytest.mark.parametrize(
    ("value", "text"),
    [(18204, f"18{THIN}204"), (0, "0"), (-1234, f"-1{THIN}234"), (None, "–"), (pd.NA, "–"), (float("nan"), "–")],
)
def test_counts(value: object, text: str) -> None:
    assert formats.count_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234, f"12.3{THIN}%"),
        (0, f"0.0{THIN}%"),
        (1, f"100.0{THIN}%"),
        (0.0001, f"<{THIN}0.1{THIN}%"),
        (0.9999, f">{THIN}99.9{THIN}%"),
        (None, "–"),
        (float("inf"), "–"),
    ],
)
def test_shares_never_round_to_none_or_all(value: object, text: str) -> None:
    assert formats.share_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, f"0{THIN}s"),
        (1.26, f"1.3{THIN}s"),
        (59, f"59{THIN}s"),
        (60, f"1{THIN}min"),
        (3600, f"1{THIN}h"),
        (3 * 3600 + 125, f"3{THIN}h 2{THIN}min"),
        (97_320, f"1{THIN}d 3{THIN}h"),
        (None, "–"),
    ],
)
def test_durations(seconds: object, text: str) -> None:
    assert formats.seconds_text(seconds) == text


def test_intervals_and_money() -> None:
    assert formats.interval_text(0.112, 0.135) == f"11.2–13.5{THIN}%"
    assert formats.interval_text(None, 0.135) == ""
    assert formats.interval_text(0.00001, 0.2) == f"<{THIN}0.1{THIN}%–20.0{THIN}%"
    assert formats.money_text(412345.5, "EUR") == f"412{THIN}346{THIN}EUR"
    assert formats.money_text(9.5) == "9.50"
    assert [formats.factor_text(factor) for factor in (0.071, 12.34, 1833.4)] == [
        f"0.07{THIN}×", f"12.3{THIN}×", f"1{THIN}833{THIN}×",
    ]  # fmt: skip
    assert formats.value_text(1.5, "points") == "1.5"


def test_a_time_is_told_in_words_with_its_zone() -> None:
    assert formats.moment_text("2026-11-22T03:12:00Z", "Europe/Riga") == (
        "Sunday 22 November 2026, 05:12 (Europe/Riga, UTC+02:00)"
    )
    assert formats.moment_text("2026-07-01", "UTC") == "Wednesday 1 July 2026, 00:00 (UTC)"
    assert formats.moment_text("soon", "Mars/Base") == "soon (Mars/Base)"
