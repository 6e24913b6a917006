"""Personal values stand nowhere in a kept row: by their column's name at any depth, by their looks in every text."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from journeys.config import Identity
from journeys.privacy import Key
from journeys.privacy.documents import Documents
from journeys.privacy.names import Names
from journeys.privacy.scrub import Scrubber
from journeys.privacy.token import Tokens

EMAIL = {"personal": ["email"]}
SCRUB = {"personal": ["email", "phone"], "scrub": True}
COLUMNS = {"occurred_at": "time", "event": "name", "device_id": "device"}


def test_a_column_is_found_by_its_name_at_any_depth_and_in_any_case(protector, token) -> None:
    anna, bert = token("anna@x.example", "x.example"), token("bert@x.example", "x.example")
    row = {
        "user": {"Email": "Anna@x.example", "n": 1},
        "list": [{"EMAIL": "bert@x.example"}, 2],
        "flat.email": "anna@x.example",
        "payload": '{"email": "anna@x.example", "n": 1.50}',
        "email": {"work": "anna@x.example", "home": [None, "bert@x.example", True, ""]},
    }
    kept = json.loads(protector.one(row, EMAIL)["properties"])
    assert kept["user"] == {"Email": anna, "n": 1}
    assert kept["list"] == [{"EMAIL": bert}, 2]
    assert kept["flat.email"] == anna
    assert kept["payload"] == f'{{"email":"{anna}","n":1.50}}'
    assert kept["email"] == {"work": anna, "home": [None, bert, True, ""]}


def test_a_name_of_several_steps_is_known_by_its_end(protector, token) -> None:
    source = {"columns": {**COLUMNS, "user_id": "user.id"}, "identifiers": {}}
    row = protector.one({"user": {"id": "u-1"}, "product": {"id": "p"}, "x": {"user": {"id": "u-2"}}},
                        {"personal": ["user_id"]}, source=source)  # fmt: skip
    assert row["user_id"] == token("u-1")
    kept = json.loads(row["properties"])
    assert (kept["user"]["id"], kept["product"]["id"], kept["x"]["user"]["id"]) == (token("u-1"), "p", token("u-2"))


def test_a_name_written_with_escapes_is_the_same_name(protector, token) -> None:
    line = r'{"time":"2026-03-01","name":"v","device":"d","\u0065mail":"anna\u0040x.example"}'
    row = protector.one(line, EMAIL)
    assert json.loads(row["properties"])["email"] == token("anna@x.example", "x.example")
    assert json.loads(row["identifiers"])["email"] == token("anna@x.example", "x.example")


def test_all_columns_of_an_expression_are_personal(protector, token) -> None:
    source = {"columns": COLUMNS, "identifiers": {"phone": {"sql": "coalesce(mobile, landline)"}}}
    row = protector.one({"mobile": "+371 29 123 456", "landline": "+371 67 123 456"}, {"personal": ["phone"]},
                        source=source)  # fmt: skip
    kept = json.loads(row["properties"])
    assert (kept["mobile"], kept["landline"]) == (token("+37129123456"), token("+37167123456"))


def test_further_columns_become_tokens_and_dropped_ones_are_gone(protector, token) -> None:
    privacy = {"personal_columns": ["full_name", "second_mail"], "drop_columns": ["ip", "geo"]}
    row = {"full_name": " Anna B ", "second_mail": "Anna@X.example", "ip": "10.0.0.1", "geo": {"lat": 1, "ip": 2},
           "deep": {"ip": "10.0.0.1", "a": 1}, "n": 3}  # fmt: skip
    kept = json.loads(protector.one(row, privacy)["properties"])
    assert kept["full_name"] == token("Anna B")
    assert kept["second_mail"] == token("anna@x.example", "x.example")
    assert kept["deep"] == {"a": 1}
    assert not {"ip", "geo"} & set(kept)
    assert kept["n"] == 3
    assert protector.protection == "1 pseudonymised"


def test_texts_of_a_row_are_scrubbed_wherever_they_are(protector, token) -> None:
    anna, phone, card = token("anna@x.example", "x.example"), token("+37129123456"), token("4111111111111111")
    source = {"columns": {**COLUMNS, "url": "url", "referrer": "ref", "event_id": "id", "session_id": "sid"}}
    row = protector.one(
        {
            "name": "mail anna@x.example",
            "url": "https://x.example/?utm_source=anna%40x.example&email=Anna@X.example&p=%2B371%2029123456",
            "ref": "https://y.example/?phone=29123456",
            "id": "anna@x.example/7",
            "sid": "s anna@x.example",
            "note": "call +371 29 123 456, card 4111 1111 1111 1111",
            "card": 4111111111111111,
            "deep": [{"anna@x.example": ["+37129123456"]}],
        },
        SCRUB,
        source=source,
        identity={"phone_region": "LV"},
    )
    assert row["event"] == f"mail {anna}"
    assert row["url"] == f"https://x.example/?utm_source={anna}&email={anna}&p={phone}"
    assert row["traffic_source"] == anna
    assert row["referrer"] == f"https://y.example/?phone={phone}"
    assert row["event_id"] == token("anna@x.example/7")
    assert row["source_session_id"] == token("s anna@x.example")
    kept = json.loads(row["properties"])
    assert kept["note"] == f"call {phone}, card {card}"
    assert kept["card"] == card
    assert kept["deep"] == [{anna: [phone]}]
    assert protector.protection == "1 pseudonymised, 1 scrubbed" or protector.protection == "1 scrubbed"


def test_a_text_beside_a_personal_column_is_scrubbed_too(protector, token) -> None:
    row = protector.one({"email": "anna@x.example", "note": "or bert@x.example"}, SCRUB)
    assert json.loads(row["properties"])["note"] == f"or {token('bert@x.example', 'x.example')}"
    assert protector.protection == "1 pseudonymised, 1 scrubbed"


@pytest.mark.parametrize("privacy", [EMAIL, {"personal": ["user_id"], "scrub": True}, {"drop_columns": ["ip"]}])
def test_an_unreadable_row_is_withheld_where_only_names_could_tell(protector, privacy) -> None:
    protector.write('{"user": "anna", "email": "anna@x.example"', {})
    unreadable, readable = protector.protect(privacy, source={"columns": {**COLUMNS, "user_id": "user"}})
    assert unreadable["raw"].startswith("(withheld")
    assert unreadable["unreadable"] == "not JSON"
    assert readable["raw"] is None


def test_an_unreadable_row_is_scrubbed_where_looks_can_tell(protector, token) -> None:
    protector.write(r'{"mail": "anna\u0040x.example", "card": "4111 1111 1111 1111"', '"+371 29 123 456"')
    first, second = protector.protect(SCRUB)
    assert first["raw"] == (
        f'{{"mail": "{token("anna@x.example", "x.example")}", "card": "{token("4111111111111111")}"'
    )
    assert second["raw"] == f'"{token("+37129123456")}"'
    assert protector.protection == "2 scrubbed"


def test_rows_of_a_database_are_protected_alike(protector, token) -> None:
    with closing(sqlite3.connect(protector.folder / "crm.db")) as connection, connection:
        connection.execute("CREATE TABLE people (time TEXT, name TEXT, email TEXT, doc TEXT, blob BLOB)")
        row = ("2026-03-01", "v", "Anna@x.example", '{"email":"anna@x.example"}', b"+371 29 123 456")
        connection.execute("INSERT INTO people VALUES (?, ?, ?, ?, ?)", row)
    source = {"kind": "database", "url": f"sqlite:///{protector.folder}/crm.db", "table": "people",
              "columns": {"occurred_at": "time", "event": "name"}, "identifiers": {"email": "email"}}  # fmt: skip
    (row,) = protector.protect(SCRUB, source=source)
    kept = json.loads(row["properties"])
    anna = token("anna@x.example", "x.example")
    assert (kept["email"], kept["doc"], kept["blob"]) == (anna, f'{{"email":"{anna}"}}', token("+37129123456"))


def test_a_column_that_reads_a_personal_one_is_personal_as_a_whole(protector, token) -> None:
    columns = {**COLUMNS, "event_id": {"sql": "email || '/' || n"}, "campaign": "email"}
    row = protector.one({"email": "anna@x.example", "n": 1}, EMAIL, source={"columns": columns})
    assert row["event_id"] == token("anna@x.example/1")
    assert row["campaign"] == token("anna@x.example")


HOSTILE = [
    '{"email":"a@x.example","email":"b@x.example"}',
    '{"email":{"email":{"email":["a@x.example"]}}}',
    '{"a":"\\"email\\":\\"a@x.example\\""}',
    '{"a":"{\\"email\\":\\"a@x.example\\"","b":"}"}',
    '{"email":"\\ud800a@x.example"}',
    '{"":"a@x.example"," email ":"a@x.example"}',
    '{"a":[[[[["a@x.example"]]]]]}',
    '{"email":1e5,"b":-0.0,"c":null}',
    '{"a@x.example":{"a@x.example":"a@x.example"}}',
    "{" + '"a":{' * 500 + '"email":"a@x.example"' + "}" * 501,
    '{"p":"' + '{\\"email\\":\\"a@x.example\\"}' + '"}',
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("has_scrubber", [True, False])
def test_a_hostile_row_stays_json_and_gives_nothing_away(text: str, has_scrubber: bool) -> None:
    tokens = Tokens(Key(b"k" * 32), Identity())
    names = Names({"email": tokens.email})
    documents = Documents(names, tokens, Scrubber(tokens) if has_scrubber else None)
    kept = documents.rewrite(text, has_texts=has_scrubber)
    json.loads(kept)
    if has_scrubber:
        assert "a@x.example" not in json.dumps(json.loads(kept), ensure_ascii=False).replace("\\", "")
    assert documents.rewrite(text, has_texts=has_scrubber) == kept
    assert documents.rewrite(kept, has_texts=has_scrubber) == kept


def test_both_ways_to_read_a_row_agree() -> None:
    tokens = Tokens(Key(b"k" * 32), Identity())
    documents = Documents(Names({"email": tokens.email, "user": None}), tokens, None)
    for text in ('{"email":"A@x.example","n":1,"user":5,"c":"d"}', '{"user":"u","o":{"email":"b@x.example"},"l":[1]}'):
        quick = documents.rewrite(text, has_texts=False)
        assert json.loads(quick) == json.loads(documents.rewrite(text, has_texts=True))
        assert documents.is_pseudonymised
