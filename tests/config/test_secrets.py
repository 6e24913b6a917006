"""`${NAME}` comes from the environment, and neither its value nor a password is ever shown or hashed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Settings
from journeys.errors import ConfigError

SECRET = "s3cr3t-Hush"
URL = "sqlite:///data/crm.sqlite"


def test_variables_are_replaced_whole_and_in_part(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANY", "Acme SIA")
    monkeypatch.setenv("DB_USER", "reader")
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    settings = load(
        ('"Acme"', '"${COMPANY}"'),
        (URL, "postgresql://${DB_USER}:${DB_PASSWORD}@db/crm"),
        ("\"event = 'cart'\"", "\"event = '$${COMPANY}'\""),
    )
    assert settings.project.name == "Acme SIA"
    assert settings.sources[1].url == f"postgresql://reader:{SECRET}@db/crm"
    assert settings.touchpoints[1].sql == "event = '${COMPANY}'"
    assert settings.warnings == ()


def test_every_unset_variable_is_named_with_its_key(
    problems_of: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_URL", URL)
    monkeypatch.delenv("COMPANY", raising=False)
    problems = problems_of(('"Acme"', '"${COMPANY}"'), (URL, "${CRM_ULR}"), ("*/product/*", "${A}${B}"))
    assert [problem.split(";")[0] for problem in problems] == [
        "[project]: name: the environment variable COMPANY is not set",
        '[[source]] "crm" (2nd): url: the environment variable CRM_ULR is not set',
        '[[touchpoint]] "Product page" (1st): match.url: the environment variables A, B are not set',
    ]


def test_the_nearest_set_variable_is_suggested(
    problems_of: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_CRM_DATABASE_URL", URL)
    (problem,) = problems_of((URL, "${ACME_CRM_DATABSE_URL}"))
    assert problem.endswith("did you mean 'ACME_CRM_DATABASE_URL'?")


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "a ${CRM URL} b"])
def test_a_broken_reference_says_how_to_write_one(problems_of: Callable[..., list[str]], text: str) -> None:
    (problem,) = problems_of(('"Acme"', f'"{text}"'))
    assert problem.startswith("[project]: name: '${' without a variable's name")
    assert "a literal ${ is written $${" in problem


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (URL, "${HIDDEN}"),
        ("Europe/Riga", "${HIDDEN}"),
        ('"30m"', '"${HIDDEN}"'),
        ('"EUR"', '"${HIDDEN}"'),
        ('name = "web"', 'name = "${HIDDEN} x"'),
        ('goal = "purchase"', 'goal = "${HIDDEN}"'),
        ('name = "awareness"', 'name = "${HIDDEN}"\nx = 1'),
        ("required = true", 'format = "regex"\npattern = "${HIDDEN}("'),
    ],
)
def test_a_value_from_the_environment_is_never_in_an_error(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    monkeypatch.setenv("HIDDEN", SECRET)
    with pytest.raises(ConfigError) as caught:
        load((old, new), ('stage = "consideration"', 'stage = "nowhere"'))
    assert SECRET.lower() not in str(caught.value).lower()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://reader:{SECRET}@db/crm",
        f"postgresql://reader:a@b{SECRET}@db/crm",
        f"postgresql://db/crm?user=reader&password={SECRET}",
        f"mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3D{SECRET}%3BUID%3Da",
    ],
)
def test_a_password_written_out_is_masked_and_warned_of(load: Callable[..., Settings], url: str) -> None:
    settings = load((URL, url))
    assert settings.sources[1].url == url
    assert len(settings.warnings) == 1
    shown = [*settings.warnings, settings.sources[1].place, repr(settings), str(settings), repr(settings.sources[1])]
    assert all(SECRET not in text for text in [*shown, settings.model_dump_json(), repr(settings.model_dump())])
    with pytest.raises(ConfigError) as caught:
        load((URL, url), ('"database"', '"file"'))
    assert SECRET not in str(caught.value)


def test_a_password_in_a_url_without_its_dialect_is_masked(problems_of: Callable[..., list[str]]) -> None:
    assert problems_of((URL, f"reader:{SECRET}@db/crm")) == [
        (
            "[[source]] \"crm\" (2nd): url: not a database URL; found 'reader:***@db/crm'; "
            'allowed: dialect://..., such as "sqlite:///data/crm.sqlite"'
        )
    ]


def test_a_secret_is_not_shown_by_the_settings(load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_URL", f"postgresql://reader:{SECRET}@db/crm")
    monkeypatch.setenv("TOKEN", SECRET)
    settings = load((URL, "${CRM_URL}"), ('table = "deal_stage_history"', "query = \"SELECT '${TOKEN}'\""))
    assert settings.sources[1].query == f"SELECT '{SECRET}'"
    assert settings.sources[1].place == "${CRM_URL}"
    assert SECRET not in f"{settings!r} {settings} {settings.sources!r} {settings.sources[1]}"


def test_a_key_under_a_misspelt_name_shows_no_value(problems_of: Callable[..., list[str]]) -> None:
    problems = problems_of((f'url = "{URL}"', f'ulr = "{SECRET}"'))
    assert any("ulr: unknown key" in problem and "did you mean 'url'?" in problem for problem in problems)
    assert all(SECRET not in problem for problem in problems)


# Fingerprint --------------------------------------------------------------------------------------
