"""The forest of effects: where dots stand, what is hollow or grey, and how it looks on a phone."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from journeys.report.charts import effects_figure

HOSTILE = "<img src=x onerror=alert(1)>%{x}<br>\u202e$a$"


def effect(name: str, verdict: str, ratio: float | None = None, persons: int = 500) -> dict[str, object]:
    none = float("nan")
    tested = ratio is not None
    return {
        "touchpoint": name, "person_count": persons, "converted_count": persons // 5, "conversion_share": 0.2,
        "conversion_share_low": 0.17, "conversion_share_high": 0.24, "other_count": 900, "other_converted_count": 300,
        "other_share": 1 / 3, "odds_ratio": ratio if tested else none, "odds_ratio_low": ratio / 2 if tested else none,
        "odds_ratio_high": ratio * 2 if tested else none, "q_value": 0.01 if tested else none, "verdict": verdict,
    }  # fmt: skip


FRAME = pd.DataFrame([
    effect("Home", "no evidence", 1.1), effect("Form error", "lower", 0.2), effect("Guide", "higher", 3.0),
    effect("Cart", "on the way"), effect("Rare", "insufficient", persons=12),
])  # fmt: skip


def test_dots_stand_on_a_log_scale_from_less_to_more_and_the_untested_below() -> None:
    figure = effects_figure(FRAME, title="Effects")
    names = [text.replace("</span>", "").rpartition(">")[2] for text in figure.layout.yaxis.ticktext]
    assert names == ["Form error", "Home", "Guide", "Cart", "Rare"]
    dots = [trace.x[0] for trace in figure.data]
    assert dots[:3] == pytest.approx([math.log10(0.2), math.log10(1.1), math.log10(3)])
    # From half to twice the ratio: .301 on both sides.
    ends = figure.data[0].error_x
    assert [ends.array[0], ends.arrayminus[0]] == pytest.approx([math.log10(2)] * 2)
    assert list(figure.layout.xaxis.range) == [-figure.layout.xaxis.range[1], figure.layout.xaxis.range[1]]
    assert figure.layout.xaxis.range[0] < math.log10(0.1)


def test_finds_are_filled_no_evidence_is_hollow_and_too_few_are_grey_without_an_interval() -> None:
    lower, none, higher, way, few = effects_figure(FRAME).data
    assert lower.marker.color == lower.marker.line.color != higher.marker.color
    assert none.marker.color == "#ffffff"
    assert [trace.error_x.visible for trace in (lower, none, higher, way, few)] == [True, True, True, False, False]
    assert way.marker.opacity == few.marker.opacity == 0
    labels = effects_figure(FRAME).layout.yaxis.ticktext
    assert [text.startswith("<span") for text in labels] == [False, False, False, True, True]
    notes = [note.text for note in effects_figure(FRAME).layout.annotations]
    assert "nearly all who convert meet it" in notes
    assert "too few alike to tell" in notes


def test_hover_gives_count_base_share_and_interval() -> None:
    cells = list(effects_figure(FRAME).data[0].customdata[0])
    assert cells[2:4] == ["0.20\u202f×", "0.1–0.4"]
    assert cells[4:8] == ["100", "500", "20.0\u202f%", "17.0–24.0\u202f%"]
    assert cells[8:] == ["300", "900", "33.3\u202f%"]


def test_one_wide_interval_does_not_press_the_others_together() -> None:
    wide = effect("Wide", "no evidence", 1.0) | {"odds_ratio_low": 1e-9, "odds_ratio_high": 1e9}
    figure = effects_figure(pd.DataFrame([*FRAME.to_dict("records"), wide]))
    reach = figure.layout.xaxis.range[1]
    assert reach < 2
    trace = next(each for each in figure.data if each.customdata[0][0] == "Wide")
    assert trace.x[0] + trace.error_x.array[0] == pytest.approx(reach)


def test_hostile_names_are_shown_literally_and_nothing_is_drawn_of_nothing() -> None:
    figure = effects_figure(pd.DataFrame([effect(HOSTILE, "lower", 0.5)]), title=HOSTILE)
    assert "<img" not in str(figure.to_json())
    assert "no data" in str(effects_figure(FRAME.iloc[:0]).to_json())


def test_it_is_readable_on_a_phone(chromium: str, tmp_path: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    rows = [
        effect(f"A rather long name of a touchpoint {place}", "no evidence", 0.5 + place / 20) for place in range(40)
    ]
    file = tmp_path / "effects.html"
    html = effects_figure(pd.DataFrame(rows), title="Effects").to_html(config={"responsive": True})
    file.write_text(html.replace("<head>", "<head><style>body{margin:0}</style>"), encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 900})
        page.goto(file.as_uri())
        page.wait_for_selector(".main-svg .ytick")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        boxes = page.evaluate(
            "[...document.querySelectorAll('.ytick text')].map(label => label.getBoundingClientRect())"
            ".map(box => [box.left, box.top, box.bottom])"
        )
        plot = page.evaluate("document.querySelector('.nsewdrag').getBoundingClientRect().width")
        browser.close()
    assert len(boxes) == 40
    assert min(left for left, _, _ in boxes) >= 0, "no name is cut at the edge"
    tops = sorted((top, bottom) for _, top, bottom in boxes)
    assert all(bottom <= below + 2 for (_, bottom), (below, _) in pairwise(tops))
    assert plot > 150
