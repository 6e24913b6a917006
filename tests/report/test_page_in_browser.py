"""The page as a real browser shows it: opened from disk, with the network cut."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from journeys.report import ReportContent, render_report

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("no chromium here: apt-get install chromium", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = '<img src=x onerror="hacked=1"></script><script>hacked=1</script>%{x}\u202e<br>"\''


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Opened:
    """A page opened from disk, and all it complained about or asked for."""

    def __init__(self, browser: Any, file: Path, width: int) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.context.on("request", self._refuse)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.context.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        self.page.goto(file.as_uri())
        self.page.wait_for_function("[...document.querySelectorAll('.chart')].every(c => c.querySelector('.main-svg'))")
        self.page.wait_for_timeout(200)

    def _refuse(self, request: Any) -> None:
        self.requests.append(request.url)

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())


@pytest.fixture(scope="module")
def open_page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Opened]]:
    opened: list[Opened] = []

    def write_and_open(content: ReportContent, width: int = 1440) -> Opened:
        file = tmp_path_factory.mktemp("page") / "report.html"
        file.write_text(render_report(content), encoding="utf-8")
        opened.append(Opened(browser, file, width))
        return opened[-1]

    yield write_and_open
    for each in opened:
        each.context.close()


def is_quiet(opened: Opened) -> None:
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("file:")] == []
    assert len(opened.requests) == 1


@pytest.fixture(scope="module")
def opened_wide(open_page: Callable[..., Opened], busy_content: ReportContent) -> Opened:
    return open_page(busy_content)


@pytest.fixture(scope="module")
def opened_on_phone(open_page: Callable[..., Opened], busy_content: ReportContent) -> Opened:
    return open_page(busy_content, 390)


@pytest.mark.parametrize(("device", "width"), [("opened_wide", 1440), ("opened_on_phone", 390)])
def test_charts_are_drawn_and_the_page_stays_within_its_width(
    request: pytest.FixtureRequest, busy_content: ReportContent, device: str, width: int
) -> None:
    opened: Opened = request.getfixturevalue(device)
    is_quiet(opened)
    frame = busy_content.stage_links.frame
    sources = set(zip(frame["step_index"], frame["from_step"], strict=True))
    targets = set(zip(frame["step_index"] + 1, frame["to_step"], strict=True))
    assert opened.count("#stage-sankey .sankey-node") == len(sources | targets)
    assert opened.count("#stage-sankey .sankey-link") == len(frame)
    # Three parts of a bar for each of five steps.
    assert opened.count("#funnel-1 .bars .point") == 15
    assert opened.count("#touchpoint-dots .points .point") == len(busy_content.touchpoints.frame)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.evaluate("document.body.scrollWidth") <= width


def test_labels_of_the_sankey_do_not_overlap(opened_wide: Opened) -> None:
    boxes = opened_wide.page.evaluate(
        "[...document.querySelectorAll('#stage-sankey .node-label')].filter(label => label.textContent)"
        ".map(label => { const b = label.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })"
    )
    assert len(boxes) > 40
    for index, (left, top, right, bottom) in enumerate(boxes):
        for other_left, other_top, other_right, other_bottom in boxes[index + 1 :]:
            across = min(right, other_right) - max(left, other_left)
            down = min(bottom, other_bottom) - max(top, other_top)
            # Two pixels: boxes of letters include room above and below them.
            assert across <= 0 or down <= 2


def test_a_click_on_a_heading_sorts(opened_wide: Opened, busy_content: ReportContent) -> None:
    page = opened_wide.page
    cells = "[...document.querySelectorAll('table.sortable tbody tr')].map(row => +row.cells[3].dataset.sort)"
    button = page.locator("table.sortable thead button", has_text="Share of persons")
    button.click()
    assert page.evaluate(cells) == sorted(busy_content.touchpoints.frame["conversion_share"], reverse=True)
    button.click()
    assert page.evaluate(cells) == sorted(busy_content.touchpoints.frame["conversion_share"])
    page.locator("table.sortable thead button", has_text="Touchpoint").click()
    names = page.evaluate("[...document.querySelectorAll('table.sortable tbody th')].map(cell => cell.textContent)")
    assert names[0] == "Blog article"


def test_hostile_names_are_shown_and_do_nothing(
    open_page: Callable[..., Opened], name_everywhere: Callable[[str], ReportContent], busy_content: ReportContent
) -> None:
    opened = open_page(name_everywhere(HOSTILE))
    is_quiet(opened)
    assert opened.page.evaluate("typeof hacked") == "undefined"
    assert opened.count("img") == 0
    assert opened.count("script") == 2 + 5
    assert "<img src=x" in opened.page.locator("#stage-sankey").text_content()
    assert "<img src=x" in opened.page.locator("#touchpoint-dots").text_content()
    assert "<img src=x" in opened.page.locator("#funnel-1").text_content()
    opened.page.locator("#funnel-1 .bars .point path").first.hover(force=True)
    opened.page.wait_for_selector("#funnel-1 .hoverlayer .hovertext")
    # Broken into lines, so blanks aside.
    shown = "".join(HOSTILE.replace("\u202e", "\ufffd").split())
    assert shown in "".join(opened.page.locator("#funnel-1 .hoverlayer").text_content().split())
    is_quiet(opened)


def test_long_names_keep_the_page_within_its_width(
    open_page: Callable[..., Opened], name_everywhere: Callable[[str], ReportContent]
) -> None:
    opened = open_page(name_everywhere("Ж" * 10_000), 390)
    is_quiet(opened)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_report_on_nothing_opens_calmly_and_runs_no_foreign_script(
    open_page: Callable[..., Opened], empty_content: ReportContent
) -> None:
    opened = open_page(empty_content, 390)
    is_quiet(opened)
    assert opened.count("section") == 8
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    opened.page.evaluate(
        "() => { const script = document.createElement('script'); script.textContent = 'window.hacked = 1';"
        " document.body.append(script); }"
    )
    assert opened.page.evaluate("typeof hacked") == "undefined"
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)
