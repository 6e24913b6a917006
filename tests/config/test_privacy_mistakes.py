"""Mistakes in [privacy], and what it means when it is right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Settings

HEAD = '"device_split"\n[privacy]\n'


def test_nothing_is_personal_when_nothing_is_said(load: Callable[..., Settings]) -> None:
    settings = load()
    assert not settings.privacy.is_used
    assert not settings.privacy.needs_key
    assert settings.privacy.key_env == "JOURNEYS_PRIVACY_KEY"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('personal = ["mail"]', "personal (1st): unknown kind of identifier; found 'mail'"),
        ('personal = ["emial"]', "did you mean 'email'?"),
        ('personal = "email"', "must be a list; found 'email'"),
        ('personal = [""]', "personal (1st): unknown kind"),
        ("personal_columns = [1]", "personal_columns (1st): must be a text in quotes; found 1"),
        ('scrub = "yes"', "scrub: must be true or false without quotes; found 'yes'"),
        ('keyenv = "A"', "keyenv: unknown key"),
        ('consent = "yes"', "must be a table"),
        ("consent = {}", "consent: no condition given"),
        ('consent = { without = "reject" }', "consent: no condition given"),
        ('consent = { match = {}, without = "keep" }', "consent.without: value not allowed; found 'keep'"),
        ("consent = { match = {} }", "consent.match: no condition given"),
        ("consent = { match = { a = [] } }", "consent.match.a: empty list"),
        ("consent = { match = 1 }", "consent.match: not a condition"),
        ("consent = { sources = { wbe = { a = 1 } } }", "did you mean 'web'?"),
        ("consent = { sources = { web = { a = {} } } }", "consent.sources.web.a: cannot be compared"),
        ("consent = { matches = { a = 1 } }", "matches: unknown key"),
        ('consent = { match = { a = 1 }, without = "anonymise" }', "while scrub is false"),
    ],
)
def test_a_mistake_names_its_key(problems_of: Callable[..., list[str]], text: str, problem: str) -> None:
    problems = problems_of(('"device_split"', HEAD + text))
    assert any(problem in each for each in problems), problems
    assert all("[privacy]: " in each for each in problems)


@pytest.mark.parametrize("key", ["s3cr3t-Hush-s3cr3t", "a1b2c3d4a1b2c3d4", "with blank", "1ABC", "${", "A=B"])
def test_a_key_written_in_the_place_of_its_name_is_refused_unseen(
    problems_of: Callable[..., list[str]], key: str
) -> None:
    problems = problems_of(('"device_split"', f'{HEAD}key_env = "{key}"'))
    assert len(problems) >= 1
    assert key == "${" or all(key not in each for each in problems)


def test_a_key_put_in_by_reference_is_refused_unseen(
    problems_of: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", "ABCDEF0123456789ABCDEF0123456789")
    (problem,) = problems_of(('"device_split"', f'{HEAD}key_env = "${{JOURNEYS_PRIVACY_KEY}}"'))
    assert problem.startswith("[privacy]: key_env: not the name of an environment variable; allowed: ")
    assert "ABCDEF" not in problem


def test_an_identifier_half_protected_is_refused(problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of(
        ('"device_split"', f'{HEAD}personal = ["email"]'),
        ('event = "name"\n', 'event = "name"\nuser_id = "mail"\n[source.identifiers]\nemail = "mail"\n'),
    )
    assert problem.startswith("[[source]] \"web\" (1st): columns.user_id: reads the column 'mail' of a personal")
    assert "'user_id' in [privacy] personal" in problem


def test_whoever_leaves_texts_in_clear_is_warned(load: Callable[..., Settings]) -> None:
    (warning,) = load(('"device_split"', f'{HEAD}personal = ["email"]')).warnings
    assert warning.startswith("[privacy]: ")
    assert load(('"device_split"', f'{HEAD}personal = ["email"]\nscrub = true')).warnings == ()


def test_consent_is_read_by_source(load: Callable[..., Settings]) -> None:
    text = HEAD + 'consent = { match = { agreed = "yes" }, sources = { crm = {}, web = { ad = [1, true] } } }'
    consent = load(('"device_split"', text)).privacy.consent
    assert consent is not None
    assert consent.find_match("crm") is None
    assert [consent.find_match(name).to_dict() for name in ("web", "other")] == [{"ad": [1, True]}, {"agreed": ["yes"]}]
