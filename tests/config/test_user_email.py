"""A user id that is an address is an e-mail address too, unless somebody says otherwise."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from journeys.config import Settings, is_user_email
from journeys.config.user_email import add_user_email

WEB = '[project]\nname = "Acme"\n[[source]]\nname = "web"\npreset = "ga4"\npath = "export/*.json"\n'


def email_sql(settings: Settings) -> str:
    mapped = settings.sources[0].identifiers["email"].sql
    assert mapped is not None
    return mapped


@pytest.mark.parametrize(
    ("user", "email"),
    [
        ("ann@acme.example", "ann@acme.example"),
        (" Ann+web@Mail.acme.example ", " Ann+web@Mail.acme.example "),
        ("4711", None),
        ("ann@localhost", None),
        ("@acme.example", None),
        ("ann@acme.example, bob@acme.example", None),
        ("https://shop.example/@ann", None),
        ("'; DROP TABLE users; --@x.y z", None),
        ("", None),
        (None, None),
    ],
)
def test_only_what_is_one_address_counts(load: Callable[..., Settings], user: str | None, email: str | None) -> None:
    sql = email_sql(load(text=WEB))
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {sql} FROM (SELECT CAST(? AS VARCHAR) AS user_id)", [user]).fetchone()
    assert found == (email,)


def test_numbers_are_no_addresses(load: Callable[..., Settings]) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {email_sql(load(text=WEB))} FROM (SELECT 7 AS user_id)").fetchone() == (
            None,
        )


def test_the_users_of_another_column_are_looked_at(load: Callable[..., Settings]) -> None:
    sql = email_sql(load(text=f"{WEB}[source.columns]\nuser_id = 'the \"login\"'\n"))
    with duckdb.connect() as connection:
        found = connection.execute(f'SELECT {sql} FROM (SELECT \'a@b.example\' AS "the ""login""")').fetchone()
    assert found == ("a@b.example",)
    sql = email_sql(load(text=f'{WEB}[source.columns]\nuser_id = {{ sql = "lower(login) -- theirs" }}\n'))
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {sql} FROM (SELECT 'A@b.example' AS login)").fetchone() == ("a@b.example",)


def test_what_is_written_wins(load: Callable[..., Settings]) -> None:
    identifiers = load(text=f'{WEB}[source.identifiers]\nemail = "mail"\n').sources[0].identifiers
    assert identifiers["email"].column == "mail"


@pytest.mark.parametrize(
    ("personal", "is_added"), [('"user_id"', False), ('"user_id", "email"', True), ('"email"', True)]
)
def test_a_personal_user_id_is_not_laid_open(load: Callable[..., Settings], personal: str, is_added: bool) -> None:
    settings = load(text=f"{WEB}[privacy]\npersonal = [{personal}]\n")
    assert ("email" in settings.sources[0].identifiers) is is_added


def test_what_the_preset_maps_comes_first() -> None:
    part = {"columns": {"user_id": "user"}, "identifiers": {"email": "traits_email"}}
    sql = add_user_email(part, given={}, privacy=None)["identifiers"]["email"]["sql"]
    with duckdb.connect() as connection:
        rows = "(VALUES ('a@b.example', 'c@d.example'), ('a@b.example', NULL), ('7', NULL)) AS t (user, traits_email)"
        found = connection.execute(f"SELECT {sql} FROM {rows}").fetchall()
    assert found == [("c@d.example",), ("a@b.example",), (None,)]


@pytest.mark.parametrize(
    "columns", [None, "user_id", {}, {"user_id": 4}, {"user_id": {"value": "a@b.example"}}, {"user_id": ["a"]}]
)
def test_what_is_no_column_is_left_to_the_checks(columns: object) -> None:
    part = {"columns": columns}
    assert add_user_email(part, given={}, privacy="x") == part


def test_it_is_known_from_an_address_that_was_mapped(load: Callable[..., Settings]) -> None:
    own = '[source.identifiers]\nemail = "mail"\n'
    by_hand = '[project]\nname = "Acme"\n[[source]]\nname = "web"\nkind = "file"\npath = "*.csv"\n'
    columns = '[source.columns]\noccurred_at = "at"\nevent = "what"\nuser_id = "login"\n'
    goal = '[[goal]]\nname = "sold"\nmatch = { event = "buy" }\n'
    assert is_user_email(load(text=WEB).sources[0])
    assert not is_user_email(load(text=WEB + own).sources[0])
    assert not is_user_email(load(text=by_hand + columns + own + goal).sources[0])
    assert not is_user_email(load(text=by_hand + columns + goal).sources[0])
