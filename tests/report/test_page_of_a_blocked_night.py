"""The page of a snapshot that stays because the night after it was blocked, and its table of gates."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import escape

from journeys.report import Notice, ReportContent, render_report

REASONS = ("volume: Source 'web': 3 events on Monday.", "nulls: Source 'web': url is empty in 90.0 % of the events.")


def test_the_notice_stands_above_everything_with_its_time_and_every_reason(busy_content: ReportContent) -> None:
    assert '<div class="notice"' not in render_report(busy_content)
    page = render_report(replace(busy_content, notice=Notice("2026-11-23T01:05:00Z", REASONS)))
    assert page.count('<div class="notice" role="alert">') == 1
    assert page.index('<div class="notice"') < page.index("<h1>")
    assert "Monday 23 November 2026, 03:05 (Europe/Riga, UTC+02:00)</bdi> was not published." in page
    for reason in REASONS:
        assert f"<li><bdi>{escape(reason)}</bdi></li>" in page


def test_a_notice_with_very_many_reasons_says_that_more_are_told_elsewhere(busy_content: ReportContent) -> None:
    page = render_report(replace(busy_content, notice=Notice("2026-11-23T01:05:00Z", ("no",) * 205)))
    assert page.count("<li><bdi>no</bdi></li>") == 200
    assert "5 more reasons are told by journeys status." in page


def test_the_gates_are_shown_with_their_verdicts(busy_content: ReportContent, empty_content: ReportContent) -> None:
    page = render_report(busy_content)
    part = page[page.index("Gates before publishing") : page.index("Rejected rows</h3>")]
    seen, folded = part.split("<details>")
    assert '<span class="standing below"><bdi>warned</bdi></span>' in seen
    # What is in order takes one line until somebody asks.
    assert '<span class="standing alike"><bdi>not judged</bdi></span>' in folded
    assert "<bdi>crm user_id</bdi>" in folded
    statuses = list(busy_content.verdicts["status"])
    passed, unjudged = (statuses.count(each) for each in ("passed", "not judged"))
    assert f"<summary>{passed} passed, {unjudged} not judged</summary>" in folded
    calm = replace(busy_content, verdicts=busy_content.verdicts.query("status == 'passed'"))
    assert "No gate warned or blocked." in render_report(calm)
    assert f"<summary>{passed} passed</summary>" in render_report(calm)
    assert "No gate was held up to this snapshot." in render_report(empty_content)
