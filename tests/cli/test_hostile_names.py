"""Names made to break pages, terminals and SQL, from the log to the report."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from shop_script import RULES, SOURCE, Script

NAMES = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "%{x}<br>%{customdata}",
    "\"double\" 'single' `back`",
    "'; DROP TABLE events; --",
    "line\nbreak\ttab",
    "\u202eright to left \u05d0\u05d1",
    "x" * 10_000,
    "&lt;b&gt; &amp;",
    "{{ 7 * 7 }} ${HOME}",
    "[bold red]rich[/bold red]",
    "-->]]>",
    "\x1b[31mred",
    "Paldies, žēlīgi 谢谢 🙂",
    "=cmd|' /C calc'!A0",
)
# A configuration refuses control characters in its names; data may have them.
RULE_NAMES = tuple(name for name in NAMES if not re.search(r"[\x00-\x1f]", name))
SPECIAL = ("(dropped)", "(converted)", "(open)", "(other)", "(none)")
RAW = re.compile(r"<script>alert|<img src=x|</script><script>alert|<b>v1")


def toml_text(text: str) -> str:
    """Write a TOML string that means the text itself, `${` too."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${")


def make_events(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Three visitors who meet all names, one a minute, and then buy."""
    rows = []
    for visitor in ("<b>v1</b>", "v'2", 'v"3'):
        for index, name in enumerate((*names, "buy")):
            when = f"2026-03-01T10:{index:02d}:00Z"
            rows.append((f"{visitor}-{index}", visitor, when, name, "https://x.example/<script>alert(4)</script>", ""))
    return rows


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """A shop whose events, touchpoints, stages, channels, funnel, source and project have hostile names."""
    rules = "".join(
        f"[[touchpoint]]\nname = {toml_text(name)}\nchannel = {toml_text(name)}\n"
        f"stage = {toml_text(RULE_NAMES[index % 4])}\nmatch = {{ event = {toml_text(name)} }}\n"
        for index, name in enumerate(RULE_NAMES)
    )
    stages = "".join(f"[[stage]]\nname = {toml_text(name)}\n" for name in (*NAMES[:4], "purchase"))
    goal = RULES[RULES.index("[[goal]]") : RULES.index("[[funnel]]")]
    funnel = f'[[funnel]]\nname = {toml_text(NAMES[1])}\nsteps = [{", ".join(map(toml_text, NAMES))}, "bought"]\n'
    made = Script(tmp_path_factory.mktemp("named")).write(make_events(NAMES), rules=stages + rules + goal + funnel)
    text = made.config.read_text(encoding="utf-8").replace('"Test shop"', toml_text(NAMES[0]))
    made.config.write_text(text, encoding="utf-8")
    made("refresh").succeeds()
    return made


def test_names_of_rules_never_become_markup_of_the_page(named: Script) -> None:
    page = (named.folder / "report.html").read_text(encoding="utf-8")
    shown = html.unescape(re.sub(r"<script\b.*?</script>", "", page, flags=re.S))
    assert "alert(1)" in shown  # it is there to be read
    assert not RAW.search(page)
    assert len(page) < 8_000_000


def test_names_come_back_as_they_were(named: Script) -> None:
    for command in ("touchpoints", "transitions", "paths", "funnel"):
        ended = named(command, "--format", "json")
        document = json.loads(ended.succeeds())
        texts = {str(value) for row in document["frame"] for value in row.values()}
        if command != "paths":
            assert set(NAMES if command == "funnel" else RULE_NAMES) <= texts, command
    target = named.folder / "moves.csv"
    named("transitions", "-o", target).succeeds()
    assert set(RULE_NAMES) <= set(pd.read_csv(target)["from_step"])


def test_a_table_writes_no_control_characters_to_the_terminal(named: Script) -> None:
    for command in ("touchpoints", "transitions", "funnel", "variants", "rework"):
        out = named(command).succeeds()
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "[bold red]rich[/bold red]" in out
    for words in (("check",), ("funnel", "\x1b[31mnope"), ("funnel", "--steps", "\x1b[31mnope,x")):
        ended = named(*words)
        assert "\x1b" not in ended.out + ended.err


def test_names_that_no_rule_knows_are_told_but_harmless(script: Script) -> None:
    script.write(make_events((*NAMES, *SPECIAL)))
    ended = script("refresh")
    ended.succeeds()
    checked = script("check")
    checked.succeeds()
    for text in (ended.out, ended.err, checked.out, checked.err):
        assert "\x1b" not in text
        assert len(text) < 20_000
    page = (script.folder / "report.html").read_text(encoding="utf-8")
    assert not RAW.search(page)
    assert script.rows("SELECT count(*) FROM events") == [(3 * (len(NAMES) + len(SPECIAL) + 1),)]


def test_a_touchpoint_cannot_take_the_name_of_an_end(script: Script) -> None:
    script.write(rules=RULES.replace('"Home"', '"(dropped)"'))
    script("check").fails(2, "(dropped)")


def test_rejected_rows_and_file_names_are_harmless_too(script: Script, tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(5)>.csv"
    script.write(source=SOURCE.replace('"web.csv"', '"*.csv"'))
    (tmp_path / name).write_text("id,visitor,when,what,page,amount\n7,<script>alert(6)</script>,never,land,u,\n")
    script("refresh").succeeds()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not RAW.search(page)
    [(file, raw)] = script.rows("SELECT file, raw FROM rejected_events")
    assert file == name
    assert "<script>alert(6)</script>" in str(raw)
