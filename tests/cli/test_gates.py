"""Gates through the command line: a doubtful night is not published, and says why in three places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shop_script import EVENTS, RULES, SOURCE, Script

# Three more events, and 4 of the 16 rows are repeats.
REPEATED = [*EVENTS, *((f"1{place}", "f", "2026-05-01T12:00:00Z", "land", "u", "") for place in range(3)), *EVENTS[:4]]
GATES = '[gates]\nfreshness = "off"\nduplicates = "block"\nfewest = 10\n'
REASON = "Source 'web': 25.0 % of the rows are repeats (4 of 16); at most 5.0 % is allowed."
NOTICE = re.compile(r'<div class="notice".*?</div>', re.DOTALL)


def page(script: Script, name: str = "report.html") -> str:
    return (script.folder / name).read_text(encoding="utf-8").replace("&#39;", "'")


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Script:
    script = Script(tmp_path_factory.mktemp("first")).write(source=SOURCE + GATES)
    script("refresh").succeeds()
    return script


@pytest.fixture
def blocked(first_night: Script, tmp_path: Path) -> Script:
    """A shop whose first night is published, and whose second one a gate blocks."""
    return first_night.copy_to(tmp_path).log(REPEATED)


def test_a_blocked_night_leaves_yesterday_and_says_why_in_three_places(blocked: Script) -> None:
    before = blocked.current()
    assert NOTICE.search(page(blocked)) is None
    ended = blocked("refresh")
    ended.fails(1, "gates-blocked", "was not published: 1 verdict blocks it", REASON, "--accept-gates", "[gates]",
                f"snapshot {Path(before).name} stays published")  # fmt: skip
    assert ended.out == ""
    assert blocked.current() == before
    assert blocked.rows("SELECT SUM(duplicate_count) FROM data_quality") == [(0,)]

    shown = NOTICE.search(page(blocked))
    assert shown is not None
    assert "was not published" in shown[0]
    assert REASON in shown[0]
    assert page(blocked).index("notice") < page(blocked).index("<h1>")
    assert Path(before).name in page(blocked)

    told = blocked("status")
    told.fails(1, "[status]", "blocked")
    assert "NOT published" in told.out
    assert told.out.count(REASON) == 2  # why, and the gate
    assert f"snapshot {Path(before).name}" in told.out
    assert "--accept-gates" in told.out


def test_the_operator_can_publish_a_blocked_night_and_it_is_recorded(blocked: Script) -> None:
    blocked("refresh").fails(1)
    before = blocked.current()
    ended = blocked("refresh", "--accept-gates")
    ended.succeeds()
    warning = f"Gate duplicates: {REASON} Let pass by --accept-gates."
    assert f"warning: {warning}" in ended.err
    assert blocked.current() != before
    assert NOTICE.search(page(blocked)) is None
    assert warning in page(blocked)
    assert blocked.rows("SELECT gate, source, status, value, is_accepted FROM gate_verdicts WHERE is_accepted") == [
        ("duplicates", "web", "warned", 0.25, True)
    ]
    told = blocked("status").succeeds()
    assert "--accept-gates" in told
    assert "published a new snapshot" in told
    # This once: the next doubtful night is held up again.
    another = ("20", "g", "2026-05-01T12:00:00Z", "land", "u", "")
    blocked.log([*REPEATED, another, *EVENTS[:3]])("refresh").fails(1, "gates-blocked", "(7 of 20)")


def test_a_source_that_is_mended_takes_the_notice_away(blocked: Script) -> None:
    blocked("refresh").fails(1)
    blocked("report", "-o", blocked.folder / "again.html").succeeds()
    assert NOTICE.search(page(blocked, "again.html"))
    assert "nothing new" in blocked.log(EVENTS)("refresh").err
    assert NOTICE.search(page(blocked)) is None
    blocked("status").succeeds()


def test_a_first_night_that_is_blocked_publishes_nothing(script: Script) -> None:
    script.write(REPEATED, source=SOURCE + GATES)("refresh").fails(1, REASON, "nothing was published before")
    assert not (script.warehouse / "current").exists()
    assert not (script.folder / "report.html").exists()
    script("status").fails(1)
    script("refresh", "--accept-gates").succeeds()


def test_every_reason_is_listed(script: Script) -> None:
    second = SOURCE.replace('"web"', '"app"').replace("web.csv", "app.csv")
    script.write(REPEATED, source=SOURCE + second + GATES)
    (script.folder / "app.csv").write_bytes((script.folder / "web.csv").read_bytes().replace(b"https", b"http"))
    script("refresh").fails(1, "2 verdicts block it", REASON, REASON.replace("web", "app"))


def test_a_dry_run_is_judged_and_touches_no_page(blocked: Script) -> None:
    before = page(blocked)
    blocked("refresh", "--dry-run").fails(1, REASON)
    blocked("report").succeeds()
    assert page(blocked) == before
    blocked("refresh", "--dry-run", "--accept-gates").succeeds()
    assert "dry run" in blocked("status").succeeds()


def test_a_funnel_added_on_the_blocked_night_does_not_hinder_the_notice(blocked: Script) -> None:
    more = '[[funnel]]\nname = "short"\nsteps = ["Product", "bought"]\n'
    blocked.write(REPEATED, source=SOURCE + GATES, rules=RULES + more)("refresh").fails(1, REASON)
    assert NOTICE.search(page(blocked))


def test_a_page_that_cannot_be_written_does_not_hide_the_reason(blocked: Script) -> None:
    (blocked.folder / "report.html").unlink()
    (blocked.folder / "report.html").mkdir()
    blocked("refresh").fails(1, REASON, "stays published", "page does not tell", "cannot be written")
    assert "page does not tell" in blocked("status", "--format", "json").out


def test_a_warning_stands_at_the_end_of_the_refresh_on_the_page_and_in_check(blocked: Script) -> None:
    blocked.write(REPEATED, source=SOURCE + GATES.replace("block", "warn"))
    ended = blocked("refresh")
    ended.succeeds()
    assert f"warning: Gate duplicates: {REASON}" in ended.err
    assert f"Gate duplicates: {REASON}" in page(blocked)
    assert f"warning: Gate duplicates: {REASON}" in blocked("check").succeeds()
    assert REASON in blocked("status").succeeds()


def test_a_night_without_anything_new_still_tells_of_a_source_that_stands_still(script: Script) -> None:
    script.write()("refresh").succeeds()
    ended = script("refresh")
    ended.succeeds()
    assert "nothing new" in ended.err
    assert "Gate freshness: Source 'web': the last event is" in ended.err
    script.write(source=SOURCE + '[gates]\nfreshness = "block"\n')("refresh").fails(1, "gates-blocked", "freshness")
    assert NOTICE.search(page(script))
    script("refresh", "--accept-gates").succeeds()
    assert NOTICE.search(page(script)) is None
