"""Every mistake in a [[source]] is named by its key, with what is allowed and the nearest valid name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

WEB = '[[source]] "web" (1st)'
CRM = '[[source]] "crm" (2nd)'
# (old text, new text, key as shown, words the problem must hold)
MISTAKES = [
    ('name = "web"', 'name = "web log"', '[[source]] "web log" (1st): name', ["file name", "did you mean 'web_log'?"]),
    ('name = "crm"', 'name = "Web"', '[[source]] "Web" (2nd): name', ["the 1st has this name already"]),
    ('name = "crm"\n', "", "[[source]] (2nd): name", ["missing"]),
    ('kind = "file"\n', "", WEB + ": kind", ["missing", "file, database"]),
    ('"database"', '"databse"', CRM + ": kind", ["'databse'", "did you mean 'database'?"]),
    (
        'kind = "file"',
        'kind = "file"\npreset = "ga3"',
        WEB + ": preset",
        ["no preset of that name", "found 'ga3'", "did you mean 'ga4'?"],
    ),
    ("required =", "requird =", WEB + ": requird", ["did you mean 'required'?"]),
    ("required = true", 'required = "true"', WEB + ": required", ["must be true or false"]),
    ('path = "data/web/*.jsonl"\n', "", WEB + ": path", ["missing", "glob"]),
    ("*.jsonl", "*.xlsx", WEB + ": path", ["does not tell the format", ".parquet", "or set format"]),
    ("required = true", "index = 7", WEB + ": index", ["unknown key"]),
    ("required = true", 'url = "sqlite:///a"', WEB + ": url", ['only for kind = "database"']),
    (
        "required = true",
        'format = "json"',
        WEB + ": format",
        ["'jsonl', 'csv'", "did you mean 'jsonl'?"],
    ),
    ("required = true", "records = 7", WEB + ": records", ["must be a text", "found 7"]),
    ("required = true", 'format = "csv"\nrecords = "items"', WEB + ": records", ['only for format = "jsonl"']),
    ('cursor = "updated_at"', 'records = "items"', CRM + ": records", ['only for kind = "file" or "rest"']),
    ("required = true", 'format = "regex"', WEB + ": pattern", ["missing", "named group"]),
    ("required = true", "pattern = '(?P<a>.)'", WEB + ": pattern", ['only for format = "regex"']),
    (
        "required = true",
        'format = "regex"\npattern = "(a"',
        WEB + ": pattern",
        ["not a regular expression"],
    ),
    ("required = true", 'format = "regex"\npattern = "a"', WEB + ": pattern", ["no named group"]),
    ("required = true", 'delimiter = ";"', WEB + ": delimiter", ['only for format = "csv"']),
    ("required = true", 'header = ["a"]', WEB + ": header", ['only for format = "csv"']),
    ("required = true", "quotes = false", WEB + ": quotes", ['only for format = "csv"']),
    ('"data/web/*.jsonl"', '"web.csv"\nheader = ["a", "a"]', WEB + ": header", ["a list of different ones"]),
    ('"data/web/*.jsonl"', '"web.csv"\nquotes = "no"', WEB + ": quotes", ["must be true or false"]),
    ("*.jsonl", '*.csv"\ndelimiter = ";;', WEB + ": delimiter", ["one character", "found ';;'"]),
    ("required = true", 'unit = "min"', WEB + ": unit", ["found 'min'", "'s', 'ms', 'us'"]),
    (
        "required = true",
        'timezone = "Rga"',
        WEB + ": timezone",
        ["IANA", "did you mean 'Europe/Riga'?"],
    ),
    ("required = true", 'earliest = "yesterday"', WEB + ": earliest", ["not a time", "'2000-01-01'"]),
    (
        "required = true",
        "earliest = 0001-01-01",
        WEB + ": earliest",
        ["out of range", "1900", "0001-01-01"],
    ),
    (
        '"sqlite:///data/crm.sqlite"',
        '"data/crm.sqlite"',
        CRM + ": url",
        ["not a database URL", "sqlite:///"],
    ),
    ('url = "sqlite:///data/crm.sqlite"\n', "", CRM + ": url", ["missing", "SQLAlchemy"]),
    ('table = "deal_stage_history"\n', "", CRM, ["neither table nor query", "exactly one"]),
    ('cursor = "updated_at"', 'query = "SELECT 1"', CRM, ["both table and query", "exactly one"]),
    ("cursor = ", "path = ", CRM + ": path", ['only for kind = "file"']),
    (
        "event_id =",
        "event_idd =",
        WEB + ": columns.event_idd",
        ["unknown key", "did you mean 'event_id'?"],
    ),
    (
        "event_id =",
        "url = 5 #",
        WEB + ": columns.url",
        ["cannot be mapped", "found 5", "a column name"],
    ),
    ("event_id =", "required = true #", WEB + ": columns.required", ["belongs to [[source]]", "above"]),
    ('occurred_at = "occurred_at"\n', "", WEB + ": columns.occurred_at", ["missing"]),
    ('event = "name"\n', "", WEB + ": columns.event", ["missing"]),
    (
        'device_id = "anonymous_id"\n',
        "",
        WEB + ": columns",
        ["no identifier", "device_id, user_id, account_id"],
    ),
    ('"anonymous_id"', "[]", WEB + ": columns.device_id", ["not a list of columns", "found []"]),
    ('"anonymous_id"', '["ip", "ip"]', WEB + ": columns.device_id", ["different column names"]),
    ('"contact_id"', '["a", "b"]', CRM + ": columns.user_id", ["only for device_id"]),
    (
        "{ sql = \"'deal ' || stage\" }",
        '{ vale = "x" }',
        CRM + ": columns.event",
        ["'vale'", "did you mean 'value'?"],
    ),
    (
        "{ sql = \"'deal ' || stage\" }",
        '{ sql = "a", value = "b" }',
        CRM + ": columns.event",
        ["exactly one of"],
    ),
    (
        "{ sql = \"'deal ' || stage\" }",
        "{ value = 5 }",
        CRM + ": columns.event.value",
        ["text in quotes", "found 5"],
    ),
]


EVENT = "event = { sql = \"'deal ' || stage\" }\n"
IDENTIFIERS = f"{EVENT}[source.identifiers]\n"
# (lines below [source.identifiers] of the CRM, key below it as shown, words the problem must hold)
IDENTIFIER_MISTAKES = [
    ('emial = "mail"', "emial", ["unknown kind", "contact_id, lead_id, loyalty_card, email", "did you mean 'email'?"]),
    ('badge = "badge"', "badge", ["unknown kind", "[identity.kinds.badge]"]),
    ("'e\"}$.' = 'mail'", 'e"}$.', ["unknown kind"]),
    ('user_id = "login"', "user_id", ["has a place of its own", "user_id in [source.columns]"]),
    ('device_id = "cookie"', "device_id", ["device_id in [source.columns]"]),
    ('account_id = "company"', "account_id", ["account_id in [source.columns]"]),
    ('url = "page"', "url", ["it belongs to [source.columns]"]),
    ("required = true", "required", ["belongs to [[source]]", "above [source.identifiers]"]),
    ('email = ["a", "b"]', "email", ["only for device_id"]),
    ('email = { columns = ["a", "b"] }', "email", ["only for device_id"]),
    ("email = 5", "email", ["cannot be mapped", "found 5"]),
    ('email = ""', "email.column", ["empty text"]),
    ('email = { vale = "x" }', "email", ["'vale'", "did you mean 'value'?"]),
    ('email = { sql = "a b c" }', "email.sql", ["not SQL", "one SQL expression"]),
    ('email = { sql = "a) FROM b; DROP TABLE c; --" }', "email.sql", ["one SQL expression"]),
    ('email = { sql = "random()" }', "email.sql", ["gives another value each time"]),
]
CONTACTS = ('name = "crm"', 'name = "crm"\nholds = "contacts"')
NO_ID = ('"event_id" = "history_id"\n', "")
NO_EVENT = (EVENT, "")
EMAIL = (EVENT, '[source.identifiers]\nemail = "mail"\n')
# (changes that make the CRM an address book, key as shown, words the problem must hold)
CONTACT_MISTAKES = [
    ([(CONTACTS[0], 'name = "crm"\nholds = "contact"')], ": holds", ["'contact'", "did you mean 'contacts'?"]),
    ([CONTACTS, NO_EVENT], "", ["links nothing", "at least two of device_id, user_id, account_id"]),
    (
        [CONTACTS, NO_EVENT, ('"contact_id"', '"contact_id"\ndevice_id = ["ip", "agent"]')],
        "",
        ["links nothing", "of one column"],
    ),
    (
        [CONTACTS, (EVENT, EVENT + '[source.identifiers]\nemail = "mail"\n')],
        ": columns.event",
        ["rows of an address book are no events", 'holds = "events"'],
    ),
    (
        [CONTACTS, EMAIL, ('occurred_at = "changed_at"\n', 'occurred_at = "changed_at"\nevent_id = "id"\n')],
        ": columns.event_id",
        ["rows of an address book are no events", "no event_id"],
    ),
    (
        [CONTACTS, EMAIL, ('occurred_at = "changed_at"\n', 'occurred_at = "changed_at"\nis_interaction = "acts"\n')],
        ": columns.is_interaction",
        ["rows of an address book are no events", "no is_interaction"],
    ),
    ([CONTACTS, EMAIL, ('occurred_at = "changed_at"\n', "")], ": columns.occurred_at", ["missing", "updated_at"]),
    ([(CONTACTS[0], CONTACTS[1] + "\ninteraction = true"), EMAIL], ": interaction", ["belong to no session"]),
]


@pytest.mark.parametrize(("text", "key", "words"), IDENTIFIER_MISTAKES)
def test_a_mistake_in_identifiers_is_the_only_problem(
    problems_of: Callable[..., list[str]], text: str, key: str, words: list[str]
) -> None:
    (problem,) = problems_of((EVENT, f"{IDENTIFIERS}{text}\n"))
    assert problem.startswith(f"{CRM}: identifiers.{key}: ")
    for word in words:
        assert word in problem


def test_identifiers_that_are_no_table_are_told(problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of((CONTACTS[0], f'{CONTACTS[0]}\nidentifiers = "email"'))
    assert problem.startswith(f"{CRM}: identifiers: must be a table")


def test_an_identifier_that_is_no_group_of_the_pattern_is_told(problems_of: Callable[..., list[str]]) -> None:
    pattern = (
        'format = "regex"\npattern = "(?P<occurred_at>.) (?P<anonymous_id>.) (?P<name>.) (?P<event_id>.) (?P<mail>.)"'
    )
    web = 'event = "name"\n'
    (problem,) = problems_of(("required = true", pattern), (web, f'{web}[source.identifiers]\nemail = "mial"\n'))
    assert problem.startswith(f"{WEB}: identifiers.email: no group of the pattern")
    assert "did you mean 'mail'?" in problem


@pytest.mark.parametrize(("changes", "key", "words"), CONTACT_MISTAKES)
def test_a_mistake_in_an_address_book_is_the_only_problem(
    problems_of: Callable[..., list[str]], changes: list[tuple[str, str]], key: str, words: list[str]
) -> None:
    (problem,) = problems_of(NO_ID, *changes)
    assert problem.startswith(f"{CRM}{key}: ")
    for word in words:
        assert word in problem


def test_address_books_alone_are_no_log(problems_of: Callable[..., list[str]]) -> None:
    web = [
        ('name = "web"', 'name = "web"\nholds = "contacts"'),
        ('event = "name"\n', 'user_id = "user"\n'),
        ('event_id = "event_id"\n', ""),
    ]
    (problem,) = problems_of(*web, NO_ID, CONTACTS, EMAIL)
    assert problem.startswith("[[source]]: no source of events")


@pytest.mark.parametrize(("old", "new", "key", "words"), MISTAKES)
def test_a_mistake_is_named_by_its_key(
    problems_of: Callable[..., list[str]], old: str, new: str, key: str, words: list[str]
) -> None:
    problems = problems_of((old, new))
    own = [problem for problem in problems if problem.startswith(f"{key}: ")]
    assert len(own) == 1, problems
    for word in words:
        assert word in own[0]
