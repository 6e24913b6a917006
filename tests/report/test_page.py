from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from plotly.offline import get_plotlyjs

from journeys.report import NamedTable, ReportContent, render_report

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</style></title><svg onload=alert(1)>",
    "%{x}{{ 7 * 7 }}{% raw %}",
    "\"><a href='javascript:alert(1)'>&lt;b&gt;",
    "<!-- <script>",
    "\u202egnp.exe\x00\x1b",
]
SECTIONS = ["key-figures", "funnels", "stages", "touchpoints", "persons", "bots", "quality", "method"]


class Page(HTMLParser):
    """What a browser makes of the page: elements with their attributes, scripts, and all text outside scripts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text += data

    def with_tag(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def busy_page(busy_content: ReportContent) -> str:
    return render_report(busy_content)


def test_the_same_content_gives_the_same_bytes(busy_page: str, busy_content: ReportContent) -> None:
    assert render_report(busy_content) == busy_page


def test_plotly_is_inside_exactly_once(busy_page: str) -> None:
    banner = re.search(r"plotly\.js v[\d.]+", get_plotlyjs())
    assert banner is not None
    assert busy_page.count(banner[0]) == 1


def test_nothing_is_fetched(busy_page: str) -> None:
    page = Page(busy_page)
    assert not [attributes for _, attributes in page.elements if attributes.get("src")]
    links = [value for _, attributes in page.elements for key, value in attributes.items() if key == "href"]
    assert links
    assert all(link is not None and (link.startswith("#") or link == "data:,") for link in links)
    policy = next(meta["content"] or "" for meta in page.with_tag("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_sections_stand_in_their_order_and_are_all_linked(busy_page: str) -> None:
    page = Page(busy_page)
    assert [section["id"] for section in page.with_tag("section")] == SECTIONS
    assert [link["href"] for link in page.with_tag("a")][1:] == [f"#{section}" for section in SECTIONS]
    assert page.with_tag("html")[0]["lang"] == "en"
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_chart_has_words_and_every_table_a_caption(busy_page: str) -> None:
    page = Page(busy_page)
    charts = [div for div in page.with_tag("div") if div.get("class") == "chart"]
    assert [chart["id"] for chart in charts] == [
        "funnel-1", "funnel-2", "stage-sankey", "transitions-graph", "touchpoint-dots"
    ]  # fmt: skip
    assert all(chart["aria-label"] for chart in charts)
    assert len(page.with_tag("caption")) == len(page.with_tag("table")) == 12


def test_numbers_are_told_with_count_base_and_interval(busy_page: str) -> None:
    text = Page(busy_page).text
    assert "Sunday 22 November 2026, 05:12 (Europe/Riga, UTC+02:00)" in text
    assert "2\u202f251 of 18\u202f204 95 %: 11.9–12.8\u202f%" in text
    assert (
        "Shop: most people are lost after Product page: 9\u202f981 of 18\u202f204 who reached it (54.8\u202f%)" in text
    )
    assert "852\u202f553 rows read" in text
    assert "0.1.0" in text
    assert "too few" in text


def test_bots_are_told_with_and_without(busy_page: str, busy_content: ReportContent) -> None:
    text = " ".join(Page(busy_page).text.split(" "))
    assert "Bots: 1\u202f952 of 53\u202f329 sessions (3.7\u202f%) are left out" in text
    assert "with them conversion would read 12.8\u202f% instead of 13.0\u202f%." in text
    assert "more than 200 events within 5m" in text
    assert "2\u202f251 of 17\u202f531" in text
    frame = busy_content.bots.frame.assign(conversion_share=0.13)
    alike = replace(busy_content, bots=replace(busy_content.bots, frame=frame))
    assert "conversion would read 13.0\u202f% as well." in Page(render_report(alike)).text
    none = busy_content.bots.frame.assign(event_count=792_411, session_count=51_377)
    quiet = replace(busy_content, bots=replace(busy_content.bots, frame=none))
    assert "are left out" not in Page(render_report(quiet)).text


def test_who_is_who_is_told_in_plain_words(busy_page: str, empty_content: ReportContent) -> None:
    text = Page(busy_page).text
    assert "18\u202f204 persons behind the events, 6\u202f120 of them known by more than a device" in text
    assert "Shared devices118251" in text.replace("\n", "")
    assert "Forbidden links000" in text.replace("\n", "")
    assert "2 persons of more than 100 identifiers" in text
    assert text.index("Joined") < text.index("Parted") < text.index("Renamed")
    calm = Page(render_report(empty_content)).text
    for sentence in ("Nobody has more than 100", "No person has another id", "No identifier was seen", "No event was"):
        assert sentence in calm


def test_a_source_that_does_not_add_up_is_named(busy_content: ReportContent) -> None:
    off = busy_content.data_quality.assign(duplicate_count=0)
    assert 'class="standing below">no<' in render_report(replace(busy_content, data_quality=off))
    assert 'class="standing below">no<' not in render_report(busy_content)


def test_figures_are_json_with_the_names_they_show(busy_page: str) -> None:
    page = Page(busy_page)
    figures: list[dict[str, Any]] = [json.loads(text) for text in page.scripts if text.startswith('{"data"')]
    assert [figure["data"][0]["type"] for figure in figures] == ["bar", "bar", "sankey", "scatter", "scatter"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_wherever_they_stand(
    name: str, name_everywhere: Callable[[str], ReportContent], busy_page: str
) -> None:
    source = render_report(name_everywhere(name))
    source.encode("utf-8")
    page, normal = Page(source), Page(busy_page)
    assert [tag for tag, _ in page.elements if tag in ("img", "svg", "iframe", "object")] == []
    assert len(page.scripts) == len(normal.scripts)
    assert not [attributes for _, attributes in page.elements if any(key.startswith("on") for key in attributes)]
    assert all((a["href"] or "").startswith("#") for a in page.with_tag("a"))
    shown = re.sub("[\u202e\x00\x1b]", "\ufffd", name)
    assert page.text.count(shown) > 25
    assert not set(html.unescape(source)) & {"\u202e", "\x00", "\x1b"} - set(get_plotlyjs())


def test_a_very_long_name_does_not_blow_up_the_page(
    name_everywhere: Callable[[str], ReportContent], busy_page: str
) -> None:
    source = render_report(name_everywhere("x" * 10_000))
    assert len(source) < len(busy_page) + 200_000


def test_nothing_happened_is_a_complete_page(empty_content: ReportContent) -> None:
    page = Page(render_report(empty_content))
    assert [section["id"] for section in page.with_tag("section")] == SECTIONS
    for sentence in (
        "No key figures",
        "Nobody entered",
        "No contact",
        "No touchpoint",
        "No source",
        "No row was rejected",
    ):
        assert sentence in page.text
    assert "nan" not in page.text.lower()


def test_one_event_and_no_purchase_is_a_complete_page(
    empty_content: ReportContent, busy_content: ReportContent
) -> None:
    met = busy_content.touchpoints.frame[:1].assign(
        person_count=1, reach_share=1.0, exit_count=1, dropped_count=0, open_count=1, converted_count=0, stage=None,
        conversion_share=0.0, conversion_share_low=0.0, conversion_share_high=0.793, baseline_share=0.0, lift=None,
    )  # fmt: skip
    entered = busy_content.funnels[0].frame[:1].assign(
        reached_count=1, dropped_count=0, open_count=1, mature_count=0, step_share=None, overall_share=None,
        overall_share_low=None, overall_share_high=None, median_seconds_from_first=None,
    )  # fmt: skip
    link = pd.DataFrame([(1, "Search ad", "(open)", 1, 1.0)], columns=busy_content.stage_links.frame.columns)
    one = replace(
        empty_content,
        key_figures=busy_content.key_figures[1:2].assign(value=0.0, count=0, base=1, low=0.0, high=0.793),
        funnels=(NamedTable("Shop", entered),),
        stage_links=NamedTable("stages", link),
        touchpoints=NamedTable("touchpoints", met),
    )
    text = Page(render_report(one)).text
    assert "0 of 1 95 %: 0.0–79.3\u202f%" in text
    assert "Of 1 persons" not in text
    assert "Of 1 person," in text
    assert "too few" in text
    assert "nan" not in text.lower()


def test_long_tables_say_what_they_leave_out(busy_content: ReportContent) -> None:
    many = pd.concat([busy_content.rejects] * 150, ignore_index=True)
    assert "100 more reasons are in the snapshot" in render_report(replace(busy_content, rejects=many))
