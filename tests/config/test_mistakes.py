"""Every mistake in the small sections is named by its key, and all mistakes are reported at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

# (old text, new text, key as shown, words the problem must hold)
MISTAKES = [
    ("[session]", "[sesion]", "[sesion]", ["unknown key", "did you mean 'session'?"]),
    ('[[stage]]\nname = "awareness"', '[[stages]]\nname = "awareness"', "[[stages]]", ["did you mean 'stage'?"]),
    ("[project]", "colour = 1\n[project]", "colour", ["unknown key", "allowed: project, warehouse, source"]),
    ("[project]", 'timeout = "30m"\n[project]', "timeout", ["it belongs to [session]"]),
    ('[journey]\ngoal = "purchase"\ninactive_days = 30', "journey = 5", "[session]: journey", ["unknown key"]),
    ("[report]\n", "[[report]]\n", "[[report]]", ["must be a table", "a section [report]"]),
    (
        '[[funnel]]\nname = "shop"',
        '[funnel]\nname = "shop"',
        "[funnel]",
        ["must be a list", "[[funnel]] in double brackets"],
    ),
    ("[[channels.rule]]", "[channels.rule]", "[channels]: rule", ["must be a list", "[[channels.rule]]"]),
    ('name = "Acme"\n', "", "[project]: name", ["missing"]),
    ('name = "Acme"', "name = 5", "[project]: name", ["must be a text in quotes", "found 5"]),
    ('name = "Acme"', 'name = " "', "[project]: name", ["empty text"]),
    ('name = "Acme"', 'name = "A\\ncme"', "[project]: name", ["line break", "one line"]),
    ("Europe/Riga", "europe/rga", "[project]: timezone", ["no known time zone", "'europe/rga'", "'Europe/Riga'?"]),
    ('"EUR"', '"eur"', "[project]: currency", ["not a currency", "three capital letters", "did you mean 'EUR'?"]),
    (
        'path = "warehouse"',
        "path = 3",
        "[warehouse]: path",
        ["must be a text", "found 3", "relative to the configuration"],
    ),
    (
        'path = "warehouse"',
        "keep_snapshots = 0",
        "[warehouse]: keep_snapshots",
        ["found 0", "from 1 to 10000"],
    ),
    ('path = "warehouse"', 'memory_limit = "4 gigs"', "[warehouse]: memory_limit", ["'4 gigs'", "such as '4GB'"]),
    ('path = "warehouse"', "keep_snapshot = 2", "[warehouse]: keep_snapshot", ["did you mean 'keep_snapshots'?"]),
    ('"device_split"', '"device_splt"', "[identity]: rule", ["'device_splt'", "did you mean 'device_split'?"]),
    ('"device_split"', '"only_user"', "[identity]: rule", ["removed", "did you mean 'device_split'?"]),
    ('"30m"', '"30"', "[session]: timeout", ["not a duration", "found '30'", "s, m, h, d or w"]),
    ('"30m"', "30", "[session]: timeout", ["must be a text in quotes", "found 30", "a text in quotes such as '30m'"]),
    ('"30m"', '"0m"', "[session]: timeout", ["not a duration", "a positive number"]),
    ('"30m"', '"99999w"', "[session]: timeout", ["too long", "at most 36500d"]),
    ("timeout =", "time_out =", "[session]: time_out", ["did you mean 'timeout'?"]),
    (
        '"30m"',
        '"30m"\nmidnight = "yes"',
        "[session]: midnight",
        ["found 'yes'", "allowed: true or false"],
    ),
    ('"30m"', '"30m"\nmax_length = "1 day"', "[session]: max_length", ["not a duration", "'1 day'"]),
    ('goal = "purchase"', 'goal = "purchas"', "[journey]: goal", ["no goal of that name", "did you mean 'purchase'?"]),
    ("inactive_days = 30", "inactive_days = 0", "[journey]: inactive_days", ["too small", "from 1 to 36500"]),
    ("inactive_days = 30", "inactive_days = 30.5", "[journey]: inactive_days", ["must be a whole number", "30.5"]),
    (
        "inactive_days = 30",
        "inactive_days = true",
        "[journey]: inactive_days",
        ["must be a whole number", "found true"],
    ),
    ('path = "report.html"', "top = 51", "[report]: top", ["too large", "a whole number from 1 to 50", "found 51"]),
    ('preset = "ga4"', 'preset = "ga3"', "[channels]: preset", ["found 'ga3'", "did you mean 'ga4'?"]),
]


@pytest.mark.parametrize(("old", "new", "key", "words"), MISTAKES)
def test_a_mistake_is_named_by_its_key(
    problems_of: Callable[..., list[str]], old: str, new: str, key: str, words: list[str]
) -> None:
    problems = problems_of((old, new))
    own = [problem for problem in problems if problem.startswith(f"{key}: ")]
    assert len(own) == 1, problems
    for word in words:
        assert word in own[0]


def test_one_mistake_is_one_problem(problems_of: Callable[..., list[str]]) -> None:
    changes = [("event_id =", "event_idd ="), ('"30m"', '"30"'), ('"EUR"', '"eur"'), ("*/product/*", "${MISSING}")]
    for change in changes:
        assert len(problems_of(change)) == 1


def test_three_mistakes_are_reported_together_in_the_order_of_sections(problems_of: Callable[..., list[str]]) -> None:
    problems = problems_of(('"7d"', '"7"'), ("event_id =", "event_idd ="), ("[session]", "[sesion]"))
    assert [problem.split(": ")[0] for problem in problems] == [
        "[sesion]",
        '[[source]] "web" (1st)',
        '[[funnel]] "shop" (1st)',
    ]


def test_many_mistakes_in_one_table_are_all_reported(problems_of: Callable[..., list[str]]) -> None:
    problems = problems_of(
        ('name = "crm"', 'name = "c r m"\nunit = "x"\nrequired = 1'),
        ('table = "deal_stage_history"\n', ""),
        ('user_id = "contact_id"\n', ""),
        ('occurred_at = "changed_at"\n', ""),
    )
    keys = sorted(
        problem.removeprefix('[[source]] "c r m" (2nd): ').split(": ")[0].split(" (")[0] for problem in problems
    )
    assert [key for key in keys if key in ("name", "unit", "required", "columns", "columns.occurred_at")] == [
        "columns",
        "columns.occurred_at",
        "name",
        "required",
        "unit",
    ]
    assert any("neither table nor query" in problem for problem in problems)
    assert len(problems) == 6


def test_no_source_and_no_goal_are_problems(problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(text="project = { name = 'A' }") == [
        "[[source]]: missing: at least one [[source]] is needed; allowed: where the events come from",
        "[[goal]]: missing: at least one [[goal]] is needed; allowed: what counts as a conversion",
    ]


def test_a_problem_names_a_group_of_the_pattern(problems_of: Callable[..., list[str]]) -> None:
    pattern = "(?P<time>.*) (?P<anonymous>.*) (?P<name>.*) (?P<occurred_at>.*)"
    problems = problems_of(
        ("required = true", f"format = 'regex'\npattern = '{pattern}'"), ('event_id = "event_id"\n', "")
    )
    assert problems == [
        (
            "[[source]] \"web\" (1st): columns.device_id: no group of the pattern; found 'anonymous_id'; "
            "allowed: time, anonymous, name, occurred_at; did you mean 'anonymous'?"
        )
    ]


@pytest.mark.parametrize("number", [f"0x{'f' * 5000}", f"[0x{'f' * 5000}]"])
@pytest.mark.parametrize("place", ["inactive_days = 30", 'event = "purchase"', 'currency = "EUR"', 'preset = "ga4"'])
def test_a_number_too_long_to_print_is_told(problems_of: Callable[..., list[str]], place: str, number: str) -> None:
    key = place.split(" = ", maxsplit=1)[0]
    (problem,) = problems_of((place, f"{key} = {number}"))
    assert "found a number too long to print" in problem


def test_the_whole_text_reads_as_promised(problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(('"30m"', '"30"'), ('"ga4"', '"ga3"')) == [
        (
            "[session]: timeout: not a duration; found '30'; "
            "allowed: a positive number with a unit: s, m, h, d or w, such as '30m' or '7d'"
        ),
        "[channels]: preset: value not allowed; found 'ga3'; allowed: 'ga4'; did you mean 'ga4'?",
    ]
