"""A Sankey of 8 steps and 60 touchpoints, and the graph, as a real browser shows them on a desk and on a phone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import journeys as jn
from journeys.report import NamedTable, ReportContent, render_report

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
STAGES = ("awareness", "consideration", "purchase", "retention", "advocacy")
KINDS = ("Search ad", "Product page", "Checkout", "Help article", "Review", "Newsletter", "Shop visit", "Offer", "Call",
         "Delivery note", "Size guide", "Price list")  # fmt: skip
STAGE_OF = {
    f"{kind}: {word}": STAGES[at] for kind in KINDS for at, word in enumerate(("one", "two", "red", "new", "old"))
}
BOXES = """selector => [...document.querySelectorAll(selector)].filter(each => each.textContent).map(each => {
  const box = each.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; })"""
LARGEST = """selector => { const sizes = [...document.querySelectorAll(selector)].map(each => {
  const box = each.getBoundingClientRect(); return box.width * box.height; });
  return sizes.indexOf(Math.max(...sizes)); }"""
FONT_SIZES = """selector => [...document.querySelectorAll(selector)].map(each =>
  parseFloat(getComputedStyle(each).fontSize))"""
LABELS = "#stage-sankey .node-label, #stage-sankey .annotation-text"


def walk(person_count: int) -> jn.Journeys:
    """People who walk through 60 touchpoints, some much more common than others."""
    chance, names = random.Random(4), sorted(STAGE_OF)
    weights = [1 / (1 + place % 12) for place in range(len(names))]
    rows = []
    for person in range(person_count):
        met = chance.choices(names, weights, k=chance.randint(1, 12))
        rows += [(f"p{person}", 1_770_000_000 + 3600 * step, name) for step, name in enumerate(met)]
    frame = pd.DataFrame(rows, columns=["who", "at", "what"])
    return jn.from_events(frame, person="who", occurred_at="at", event="what", unit="s")


@pytest.fixture(scope="module")
def content(busy_content: ReportContent) -> ReportContent:
    with walk(1500) as log:
        paths, pairs = log.paths(depth=8, top=8), log.transitions()
        assert len(log.log.touchpoint_names) == 60
    return replace(
        busy_content,
        stage_links=NamedTable("stages", paths.frame, {}),
        stage_coverage=paths.tables["coverage"],
        transitions=NamedTable("pairs", pairs.frame, {}),
        stage_of=STAGE_OF,
    )


@pytest.fixture(scope="module", params=[1440, 390], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, chromium: str, content: ReportContent, tmp_path_factory: Any) -> Iterator[Any]:
    file: Path = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(render_report(content), encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        opened = browser.new_page(viewport={"width": request.param, "height": 900})
        opened.goto(file.as_uri())
        opened.wait_for_function("[...document.querySelectorAll('.chart')].every(c => c.querySelector('.main-svg'))")
        opened.wait_for_timeout(300)
        yield opened
        browser.close()


def overlaps(boxes: list[list[float]]) -> list[tuple[int, int]]:
    """Pairs of boxes that lie on each other; letters' boxes have two pixels of room above and below."""
    return [
        (one, other)
        for one, a in enumerate(boxes)
        for other, b in enumerate(boxes[:one])
        if min(a[2], b[2]) - max(a[0], b[0]) > 0 and min(a[3], b[3]) - max(a[1], b[1]) > 2
    ]


def test_labels_of_eight_steps_do_not_overlap_and_stay_inside(page: Any) -> None:
    boxes = page.evaluate(BOXES, LABELS)
    assert len(boxes) > 8 * 9
    assert overlaps(boxes) == []
    left, top, right, bottom = page.evaluate(BOXES, "#stage-sankey")[0]
    assert all(left <= a and top <= b and c <= right + 1 and d <= bottom + 1 for a, b, c, d in boxes)


def test_labels_are_large_enough_to_read_and_the_page_keeps_its_width(page: Any) -> None:
    sizes = page.evaluate(FONT_SIZES, "#stage-sankey .node-label")
    assert min(sizes) >= 11
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_captions_are_read_without_scrolling_the_chart(page: Any) -> None:
    for chart in ("stage-sankey", "transitions-graph"):
        boxes = page.evaluate(BOXES, f"#{chart} .annotation-text")
        left, _, right, _ = boxes[-1]
        assert left >= 0
        assert right <= page.viewport_size["width"]


def test_names_of_the_graph_do_not_overlap(page: Any) -> None:
    boxes = page.evaluate(BOXES, "#transitions-graph .textpoint")
    assert len(boxes) > 10
    assert overlaps(boxes) == []


def test_a_hover_tells_count_base_share_and_interval(page: Any) -> None:
    if page.viewport_size["width"] < 1000:
        pytest.skip("a phone has no pointer")
    for selector in ("#stage-sankey .sankey-node .node-rect", "#stage-sankey .sankey-link"):
        # The largest is aimed at: its middle belongs to it.
        largest = page.evaluate(LARGEST, selector)
        page.locator(selector).nth(largest).hover(force=True)
        page.wait_for_selector("#stage-sankey .hoverlayer .hovertext", timeout=5000)
        told = page.locator("#stage-sankey .hoverlayer").text_content().replace("\u202f", " ")
        assert "of 1 500 who started" in told
        assert "% (" in told
        assert "–" in told
        page.mouse.move(0, 0)
        page.wait_for_timeout(300)
