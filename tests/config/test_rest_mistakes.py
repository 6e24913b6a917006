"""Keys of REST sources: their defaults, each mistake by its name, and no secret in any text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Settings

SECRET = "s3cr3t-Hush-77"
OLD = 'kind = "database"\nurl = "sqlite:///data/crm.sqlite"\ntable = "deal_stage_history"\ncursor = "updated_at"\n'
HEAD = 'kind = "rest"\nurl = "https://api.acme.example/v1"\n'
REQUEST = '[source.request]\npath = "deals"\nrecords = "data"\n'
COLUMNS = '"event_id" = "history_id"\n'
CRM = '[[source]] "crm" (2nd)'


def rest(head: str = "", tables: str = REQUEST) -> list[tuple[str, str]]:
    """The changes that make the second source of the valid file one of kind rest."""
    identity = "\n[identity]\n"
    return [(OLD, HEAD + head), (identity, "\n" + tables + identity)]


# (lines of the source, its tables, key as shown, words that the problem must hold)
MISTAKES = [
    ('path = "x"\n', REQUEST, "path", ['only for kind = "file"', "url, cursor"]),
    ('table = "x"\n', REQUEST, "table", ['only for kind = "database"']),
    ('deleted_event = "x"\n', REQUEST, "deleted_event", ['only for kind = "database"']),
    ('cursor = "at"\n', REQUEST, "cursor needs request.cursor_param", ["both"]),
    ("", REQUEST + 'cursor_param = "since"\n', "cursor_param needs cursor", ["both"]),
    ("", REQUEST + 'cursor_format = "s"\n', "request.cursor_format", ["needs cursor_param"]),
    ("", REQUEST + 'pathh = "x"\n', "request.pathh", ["unknown key", "did you mean 'path'?"]),
    ("", REQUEST + 'label = "x"\n', "request.label", ["unknown key"]),
    ("", REQUEST + "retries = -1\n", "request.retries", ["from 0 to 20"]),
    ("", REQUEST + "retries = true\n", "request.retries", ["whole number"]),
    ("", REQUEST + 'requests_per_second = "5"\n', "request.requests_per_second", ["must be a number"]),
    ("", REQUEST + "requests_per_second = 0\n", "request.requests_per_second", ["too small"]),
    ("", REQUEST + 'largest_response = "5 apples"\n', "request.largest_response", ["not a size", "50MB"]),
    ("", REQUEST + 'longest_wait = "5"\n', "request.longest_wait", ["not a duration", "'30m'"]),
    ("", REQUEST + 'params = { "a" = [1] }\n', "request.params", ["not parameters"]),
    ("", REQUEST + 'headers = { Host = "x" }\n', "request.headers", ["not a header that can be set"]),
    ("", REQUEST + f'headers = {{ "X-Key" = "{SECRET} ā" }}\n', "request.headers", ["not fit for a header"]),
    ('request = "x"\n', "", "request", ["must be a table"]),
    ('paging = [1]\n', "", "paging", ["must be a table"]),
    ("", "[source.auth]\n", "auth.kind", ["missing", "'bearer'"]),
    ("", '[source.auth]\nkind = "baerer"\n', "auth.kind", ["did you mean 'bearer'?"]),
    ("", '[source.auth]\nkind = "bearer"\n', "auth.token", ["missing", 'kind = "bearer" needs it']),
    ("", '[source.auth]\nkind = "bearer"\ntoken = "a"\nname = "x"\n', "auth.name",
     ['only for kind = "header" or "query"']),
    ("", f'[source.auth]\nkind = "bearer"\ntokn = "{SECRET}"\ntoken = "a"\n', "auth.tokn", ["did you mean 'token'?"]),
    ("", f'[source.auth]\nkind = "bearer"\ntoken = "{SECRET}\\n"\n', "auth.token", ["not fit for a header"]),
    ("", '[source.auth]\nkind = "client_credentials"\ntoken_url = "ftp://x"\nclient_id = "a"\nclient_secret = "b"\n',
     "auth.token_url", ["not a web address"]),
    ("", REQUEST + 'headers = { "x-key" = "a" }\n[source.auth]\nkind = "header"\nname = "X-Key"\ntoken = "a"\n',
     "auth.name", ["request.headers, too"]),
    ("", '[source.paging]\nkind = "pages"\n', "paging.kind", ["did you mean 'page'?"]),
    ("", '[source.paging]\nkind = "page"\n', "paging.param", ["missing"]),
    ("", '[source.paging]\nkind = "cursor"\nparam = "c"\n', "paging", ["neither next nor last_record"]),
    ("", '[source.paging]\nkind = "cursor"\nparam = "c"\nnext = "n"\nlast_record = "id"\n', "paging", ["both"]),
    ("", '[source.paging]\nkind = "next_link"\nnext = "n"\nverify = true\n', "paging.verify",
     ['only for kind = "page" or "offset"']),
    ("", '[source.paging]\nkind = "since"\nsize = 100\n', "paging.kind", ["needs a cursor"]),
    ("", '[source.paging]\nkind = "none"\nmost_pages = 0\n', "paging.most_pages", ["only for kind"]),
    ("", '[source.paging]\nkind = "link_header"\nmost_pages = 0\n', "paging.most_pages", ["from 1"]),
]  # fmt: skip


@pytest.mark.parametrize(("head", "tables", "key", "words"), MISTAKES)
def test_a_mistake_in_a_rest_source_is_the_only_problem(
    problems_of: Callable[..., list[str]], head: str, tables: str, key: str, words: list[str]
) -> None:
    (problem,) = problems_of(*rest(head, tables))
    assert problem.startswith(f"{CRM}: {key}")
    for word in words:
        assert word in problem
    assert SECRET not in problem


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://api.example", ["not a web address"]),
        (f"api.example/{SECRET}", ["not a web address"]),
        (f"https://anna:{SECRET}@api.example", ["user and password in the address", "basic"]),
    ],
)
def test_an_address_that_cannot_be_used_is_not_shown(
    problems_of: Callable[..., list[str]], url: str, words: list[str]
) -> None:
    changes = rest()
    changes[0] = (OLD, f'kind = "rest"\nurl = "{url}"\n')
    (problem,) = problems_of(*changes)
    assert problem.startswith(f"{CRM}: url: ")
    for word in words:
        assert word in problem
    assert SECRET not in problem


def test_an_address_is_needed(problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of((OLD, 'kind = "rest"\n'))
    assert problem.startswith(f"{CRM}: url: missing")


@pytest.mark.parametrize("table", ["[source.request]\n", '[source.auth]\nkind = "bearer"\ntoken = "a"\n'])
def test_a_database_has_no_tables_of_rest(problems_of: Callable[..., list[str]], table: str) -> None:
    (problem,) = problems_of(("\n[identity]\n", f"\n{table}\n[identity]\n"))
    assert 'only for kind = "rest"' in problem


def test_what_is_not_given_has_its_default(load: Callable[..., Settings]) -> None:
    source = load((OLD, HEAD)).sources[1]
    assert (source.read_timeout, source.connect_timeout, source.auth, source.paging) == ("1m", "15s", None, None)
    assert source.request is not None
    assert (source.request.path, source.request.records, source.request.retries) == ("", "", 4)
    assert source.request.largest_bytes == 50_000_000
    assert not source.is_interaction
    assert load(*rest('read_timeout = "5m"\ninteraction = true\n')).sources[1].read_timeout == "5m"


FULL = (
    '[source.request]\npath = "${TENANT}/deals"\nparams = { limit = 100, key = "${KEY}" }\n'
    'headers = { "X-Key" = "${KEY}" }\n[source.auth]\nkind = "basic"\nuser = "anna"\npassword = "${KEY}"\n'
)


def test_secrets_are_in_no_text_and_in_no_fingerprint(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for secret in (SECRET, "another-one"):
        monkeypatch.setenv("KEY", secret)
        monkeypatch.setenv("TENANT", f"t-{secret}")
        settings = load(*rest("", FULL))
        source = settings.sources[1]
        assert source.auth is not None
        assert source.request is not None
        assert (source.auth.password, source.request.headers["X-Key"]) == (secret, secret)
        assert (source.request.path, source.request.label) == (f"t-{secret}/deals", "${TENANT}/deals")
        shown = [repr(settings), repr(source), repr(source.auth), repr(source.request), settings.model_dump_json()]
        assert all(secret not in text for text in [*shown, str(settings.content()), source.place])
        assert settings.warnings == ()
        found.append(settings.fingerprint())
    assert found[0] == found[1]
    assert load(*rest("", FULL.replace("limit = 100", "limit = 50"))).fingerprint() != found[0]
    assert (
        load(*rest("", FULL.replace('limit = 100, key = "${KEY}"', 'key = "${KEY}", limit = 100'))).fingerprint()
        == found[0]
    )


def test_a_secret_written_out_is_warned_of(load: Callable[..., Settings]) -> None:
    settings = load(*rest("", FULL.replace("${KEY}", SECRET).replace("${TENANT}", "t")))
    assert settings.warnings == tuple(
        f'[[source]] "crm": {key} is a secret; keep it out of the file: {key} = "${{NAME}}"'
        for key in ("auth.password", "request.params.key", "request.headers.X-Key")
    )
    assert all(SECRET not in text for text in [*settings.warnings, str(settings.content()), repr(settings)])


@pytest.mark.parametrize(
    ("address", "is_warned"),
    [
        ("http://api.acme.example", True),
        ("HTTP://10.0.0.1/x", True),
        ("http://127.0.0.1:80", False),
        ("http://localhost", False),
    ],
)
def test_a_login_sent_in_clear_is_warned_of(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, address: str, is_warned: bool
) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    changes = rest("", '[source.auth]\nkind = "bearer"\ntoken = "${TOKEN}"\n')
    changes[0] = (OLD, f'kind = "rest"\nurl = "{address}"\n')
    told = ('[[source]] "crm": [source.auth] is sent in clear; use https://',)
    assert load(*changes).warnings == (told if is_warned else ())
