"""Identifiers of landed rows: listed one by one, and repaired only where the way they are written matters."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config import Identity, KindSettings, merge_kinds, normalise
from journeys.config.identifiers import BLANKS
from journeys.schema import BLOCKED_IDENTIFIERS, ROLE_MAILBOXES
from journeys.sources import identifiers
from journeys.sources.identifiers import list_given, repair_identifiers
from journeys.warehouse import Engine

ROWS = pa.schema(
    [("source", pa.string()), ("file", pa.string()), ("reading", pa.int32()), ("line", pa.int64()),
     ("device_id", pa.string()),
     ("device_is_composite", pa.bool_()), ("user_id", pa.string()), ("account_id", pa.string()),
     ("identifiers", pa.string())]
)  # fmt: skip


@pytest.fixture
def repair():
    """Land rows, each a dictionary of its identifiers, and return the table of repairs as (kind, given) -> result."""

    def repair_rows(rows, identity=None):
        with Engine() as engine:
            land(engine, rows)
            list_given(engine, identity or Identity())
            repair_identifiers(engine, identity or Identity())
            found = engine.rows("SELECT * FROM identifier_repairs")
        repairs = {(kind, given): (value, reason) for kind, given, value, reason in found}
        assert len(repairs) == len(found)
        return repairs

    return repair_rows


def land(engine, rows):
    named = [
        {"source": "crm", "file": "f", "reading": 1, "line": line, "device_is_composite": False}
        | {name: value for name, value in row.items() if name in ROWS.names}
        | {"identifiers": json.dumps(further, ensure_ascii=False) if further else None}
        for line, row in enumerate(rows, start=1)
        for further in [{name: value for name, value in row.items() if name not in ROWS.names}]
    ]
    engine.load("landed_rows", pa.Table.from_pylist(named, schema=ROWS))


def test_further_identifiers_are_listed_one_per_row():
    with Engine() as engine:
        land(engine, [{"email": "A@a.example", "phone": "2"}, {"user_id": "u"}, {"badge": "b", "email": "{}"}])
        list_given(engine, Identity(kinds=merge_kinds({"badge": KindSettings(strength="weak")})))
        assert engine.columns("given_identifiers") == [
            "source",
            "file",
            "reading",
            "line",
            "identifier_kind",
            "given_value",
        ]
        assert sorted(engine.rows("SELECT * FROM given_identifiers")) == [
            ("crm", "f", 1, 1, "email", "A@a.example"),
            ("crm", "f", 1, 1, "phone", "2"),
            ("crm", "f", 1, 3, "badge", "b"),
            ("crm", "f", 1, 3, "email", "{}"),
        ]


HOSTILE = [
    "a'b",
    'a"b',
    "a\\b",
    "a\x00b",
    '{"email": 1}',
    "$.phone",
    "a\nb",
    "😀",
    "x" * 100_000,
    "'; DROP TABLE x; --",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_identifiers_of_any_text_come_back_as_they_landed(puller, value):
    puller.write("a.jsonl", json.dumps({"time": "2024-01-01", "name": "view", "mail": value}))
    puller.pull(path="a.jsonl", columns={"occurred_at": "time", "event": "name"}, identifiers={"email": "mail"})
    with Engine() as engine:
        engine.run(f"CREATE VIEW landed_rows AS SELECT * FROM '{puller.landed / 'web.parquet'}'")
        list_given(engine, Identity())
        assert engine.rows("SELECT identifier_kind, given_value FROM given_identifiers") == [("email", value)]
        repair_identifiers(engine, Identity())
        folded = value.casefold()
        expected = [] if folded == value else [("email", value, folded, "")]
        assert engine.rows("SELECT * FROM identifier_repairs") == expected


def test_only_what_changes_or_names_nobody_is_repaired(repair):
    rows = [
        {"device_id": "d1", "user_id": "u1", "account_id": "acme", "email": "anna@a.example", "phone": "+37120000000"},
        {
            "device_id": "UNDEFINED",
            "user_id": "ｕ1",
            "account_id": "n/a",
            "email": "Anna@a.example",
            "phone": "20 000 000",
        },
        {"device_id": "d\u200b", "user_id": "0000", "account_id": "Acme", "email": "info@a.example", "phone": "?"},
        {"user_id": "42.0", "contact_id": "null", "email": "no address", "cookie": "C"},
    ]
    assert repair(rows, Identity(phone_region="LV")) == {
        ("device_id", "UNDEFINED"): (None, "blocked value"),
        ("device_id", "d\u200b"): ("d", ""),
        ("user_id", "ｕ1"): ("u1", ""),
        ("user_id", "0000"): (None, "blocked value"),
        ("user_id", "42.0"): ("42", ""),
        ("account_id", "n/a"): (None, "blocked value"),
        ("contact_id", "null"): (None, "blocked value"),
        ("email", "Anna@a.example"): ("anna@a.example", ""),
        ("email", "info@a.example"): (None, "role mailbox"),
        ("phone", "20 000 000"): ("+37120000000", ""),
        ("phone", "?"): (None, "no digits"),
    }


def test_a_device_built_from_several_columns_is_left_alone(repair):
    parts = {"device_id": "１|null", "device_is_composite": True, "user_id": "１"}
    assert repair([parts]) == {("user_id", "１"): ("1", "")}
    assert repair([parts, {"device_id": "１|null"}]) == {
        ("user_id", "１"): ("1", ""),
        ("device_id", "１|null"): ("1|null", ""),
    }


def test_without_identifiers_the_tables_are_empty(repair):
    assert repair([]) == {}
    assert repair([{"email": None}, {}]) == {}


def test_no_plain_id_leaves_the_database(monkeypatch):
    seen = []
    monkeypatch.setattr(identifiers, "normalise", lambda kind, given, _: (seen.append(given), ("", "x"))[1])
    with Engine() as engine:
        engine.save(
            "landed_rows",
            "SELECT 'web' AS source, 'f' AS file, 1 AS reading, i AS line, md5(CAST(i AS VARCHAR)) AS device_id, "
            "FALSE AS device_is_composite, 'U-' || i AS user_id, 'Acme ' || i AS account_id, "
            "'{\"email\":\"user' || i || '@a.example\"}' AS identifiers FROM range(1, 200001) AS r (i)",
        )
        engine.run("INSERT INTO landed_rows VALUES ('web', 'f', 1, 0, 'd', FALSE, 'null', NULL, NULL)")
        list_given(engine, Identity(blocked=("device_id:tmp*",)))
        repair_identifiers(engine, Identity(blocked=("device_id:tmp*",)))
    assert seen == ["null"]


TEXTS = st.one_of(
    st.text(max_size=6),
    st.text("0-.", min_size=1, max_size=5),
    st.sampled_from([*BLOCKED_IDENTIFIERS, "qa-robot", "TMP_1", "tmpx1", "a%b", "a\\b", "42.00", "4.0.0"]),
    st.builds(str.__add__, st.sampled_from(ROLE_MAILBOXES), st.sampled_from(["@a.example", "+b@A.example", "x@a", ""])),
    st.sampled_from(["@", "anna@", "@acme.example", "anna@@", "@@acme.example"]),
    st.builds(str.upper, st.sampled_from([*BLOCKED_IDENTIFIERS, "anna@test.example", "ß@a.example"])),
    st.from_regex(r"\+?[0-9 ()-]{1,12}", fullmatch=True),
)
KINDS = ("device_id", "user_id", "account_id", "email", "phone", "contact_id")


@given(values=st.lists(st.tuples(st.sampled_from(KINDS), TEXTS), max_size=12))
@settings(max_examples=120, deadline=None)
def test_repairs_are_those_that_looking_at_every_value_would_find(values):
    patterns = ("QA-*", "device_id:tmp_*", "user_id:a\\*", "email:*@test.example", "phone:1*", "a%*", "*ß*")
    identity = Identity(blocked=patterns, phone_region="LV")
    landed = [(kind, value.strip(BLANKS)) for kind, value in values if value.strip(BLANKS)]
    expected = set()
    for kind, value in landed:
        made, reason = normalise(identity.kind(kind), value, identity)
        if made != value:
            expected.add((kind, value, made, reason))
    with Engine() as engine:
        land(engine, [{kind: value} for kind, value in landed])
        list_given(engine, identity)
        repair_identifiers(engine, identity)
        found = engine.rows("SELECT * FROM identifier_repairs")
    assert len(found) == len(expected)
    assert set(found) == expected


def test_a_number_in_one_source_and_text_in_another_are_one_identifier(puller):
    ids = []

    def pull(**source):
        columns = {"occurred_at": "time", "event": "name", "user_id": "user"}
        ids.extend(row["user_id"] for row in puller.pull(columns=columns, **source))

    for name, array in (("i", pa.array([42])), ("f", pa.array([42.0, None])), ("s", pa.array(["42"]))):
        folder = puller.folder / "p"
        folder.mkdir(exist_ok=True)
        table = pa.table({"time": ["2024-01-01"] * len(array), "name": ["view"] * len(array), "user": array})
        pq.write_table(table, folder / f"{name}.parquet")
        pull(path=f"p/{name}.parquet")
    puller.write(
        "a.jsonl", "".join(f'{{"time": "2024-01-01", "name": "v", "user": {u}}}\n' for u in ("42", "42.0", '"42"'))
    )
    pull(path="a.jsonl")
    puller.write("a.csv", 'time,name,user\n2024-01-01,v,42\n2024-01-01,v,42.0\n2024-01-01,v,"42"\n')
    pull(path="a.csv")
    with closing(sqlite3.connect(puller.folder / "crm.db")) as connection, connection:
        connection.execute("CREATE TABLE t (time TEXT, name TEXT, user)")
        connection.executemany("INSERT INTO t VALUES ('2024-01-01', 'v', ?)", [(42,), (42.0,), ("42",)])
    pull(kind="database", url="sqlite:///crm.db", table="t")
    assert ids.count(None) == 1
    assert len(ids) == 13
    found = {normalise(Identity().kind("user_id"), each, Identity()) for each in ids if each is not None}
    assert found == {("42", "")}
