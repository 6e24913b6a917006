"""Personal values become tokens: HMAC-SHA256 of the value made alike, equal wherever the value stands."""

from __future__ import annotations

import hashlib
import hmac
import json
import pickle

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.config import Identity, build_settings, normalise
from journeys.config.identifiers import is_token
from journeys.errors import JourneysError
from journeys.privacy import Key, protect_reference, protect_value
from journeys.privacy.token import PADS, Tokens, token_sql
from journeys.warehouse import Engine, quote_text

SPELLINGS = ["anna@x.example", " Anna@X.example ", "ANNA@X.EXAMPLE", "anna@x.example\u200b", "ａｎｎａ@x.example"]


@given(secret=st.binary(min_size=1, max_size=200), values=st.lists(st.text(max_size=80), min_size=1, max_size=5))
def test_tokens_in_sql_are_those_of_pythons_hmac(secret: bytes, values: list[str]) -> None:
    values = [value.replace("\0", "").encode("utf-8", "ignore").decode() for value in values]
    inner, outer = Key(secret).pads()
    with Engine() as engine:
        engine.load(PADS, pa.table({"ipad": pa.array([inner], pa.binary()), "opad": pa.array([outer], pa.binary())}))
        for value in values:
            expected = "p-" + hmac.new(secret, value.encode(), hashlib.sha256).hexdigest()[:32]
            assert engine.value(f"SELECT {token_sql(quote_text(value), 'text')}") == expected
            assert Tokens(Key(secret), Identity()).write(value, "text") == expected


@given(st.text("ab@. \n", max_size=12))
def test_sql_and_python_keep_the_same_domain(value: str) -> None:
    inner, outer = Key(b"k" * 32).pads()
    with Engine() as engine:
        engine.load(PADS, pa.table({"ipad": pa.array([inner], pa.binary()), "opad": pa.array([outer], pa.binary())}))
        found = engine.value(f"SELECT {token_sql(quote_text(value), 'email')}")
    assert found == Tokens(Key(b"k" * 32), Identity()).write(value, "email")


def test_five_spellings_of_an_address_are_one_token(protector, token) -> None:
    protector.write(*({"email": spelling} for spelling in SPELLINGS))
    rows = protector.protect({"personal": ["email"]})
    expected = token("anna@x.example", "x.example")
    assert [json.loads(row["identifiers"]) for row in rows] == [{"email": expected}] * 5
    assert [json.loads(row["properties"])["email"] for row in rows] == [expected] * 5
    assert protector.protection == "5 pseudonymised"


def test_numbers_are_made_alike_before_they_become_tokens(protector, token) -> None:
    protector.write({"phone": "+371 29 123 456"}, {"phone": "29123456"}, {"phone": 29123456})
    rows = protector.protect({"personal": ["phone"]}, identity={"phone_region": "LV"})
    assert {json.loads(row["identifiers"])["phone"] for row in rows} == {token("+37129123456")}
    assert {json.loads(row["properties"])["phone"] for row in rows} == {token("+37129123456")}


def test_users_devices_and_accounts_may_be_personal(protector, token) -> None:
    columns = {"occurred_at": "time", "event": "name", "device_id": "device", "user_id": "u", "account_id": "a"}
    row = protector.one(
        {"u": 42.0, "a": "ACME", "device": "d-7"},
        {"personal": ["user_id", "device_id", "account_id"]},
        source={"columns": columns, "identifiers": {}},
    )
    assert (row["user_id"], row["account_id"], row["device_id"]) == (token("42"), token("ACME"), token("d-7"))
    kept = json.loads(row["properties"])
    assert (kept["u"], kept["a"], kept["device"]) == (token("42"), token("ACME"), token("d-7"))


def test_a_device_of_several_columns_becomes_one_token(protector, token) -> None:
    columns = {"occurred_at": "time", "event": "name", "device_id": ["ip", "agent"]}
    row = protector.one({"ip": "10.0.0.1", "agent": "Firefox"}, {"personal": ["device_id"]},
                        source={"columns": columns, "identifiers": {}})  # fmt: skip
    assert row["device_id"] == token("10.0.0.1|Firefox")
    assert json.loads(row["properties"])["ip"] == token("10.0.0.1")


@pytest.mark.parametrize("value", ["info@acme.example", "undefined", "00000000-0000-0000-0000-000000000000", "a@"])
def test_values_that_never_identify_stay_so_that_they_are_reported(protector, value: str) -> None:
    row = protector.one({"email": value}, {"personal": ["email"]})
    assert json.loads(row["identifiers"]) == {"email": value}
    assert json.loads(row["properties"])["email"] == value
    assert protector.protection == ""


def test_what_is_not_personal_stays_byte_for_byte(protector) -> None:
    line = '{"time":"2026-03-01T10:00:00Z", "name":"view","device" : "d-1","price":1.10,"big":1e400,"user":"Anna"}'
    columns = {"occurred_at": "time", "event": "name", "device_id": "device", "event_id": "id"}
    row = protector.one(line, {"personal": ["email"], "scrub": True}, source={"columns": columns})
    assert row["properties"] == line


@pytest.mark.parametrize(("kind", "given"), [("email", "anna@x.example"), ("phone", "+37129123456"), ("user_id", "u")])
def test_a_token_is_an_ordinary_value_for_later_stages(protector, kind: str, given: str) -> None:
    settings = protector.settings({"personal": [kind]}, identity={"phone_region": "LV"})
    kept = protect_value(kind, given, settings)
    assert is_token(kept)
    assert normalise(settings.identity.kind(kind), kept, settings.identity) == (kept, "")
    assert protect_value(kind, kept, settings) == kept


def test_overrides_and_questions_may_name_the_clear_value(protector, token) -> None:
    settings = protector.settings({"personal": ["email"]})
    assert protect_reference("Email: Anna@X.example", settings) == f"email:{token('anna@x.example', 'x.example')}"
    assert protect_reference("phone:+37129123456", settings) == "phone:+37129123456"
    for odd in ("email", "email:", "", "email:\udc80"):
        assert protect_reference(odd, settings) == odd


def test_nobody_is_asked_for_a_key_when_nothing_is_personal(protector, monkeypatch) -> None:
    monkeypatch.delenv("JOURNEYS_PRIVACY_KEY")
    assert protect_value("email", "Anna@x.example", protector.settings({})) == "Anna@x.example"
    row = protector.one({"email": "Anna@x.example", "ip": "10.0.0.1"}, {"drop_columns": ["ip"]})
    assert json.loads(row["properties"])["email"] == "Anna@x.example"
    assert "ip" not in json.loads(row["properties"])


@pytest.mark.parametrize("text", ["", "   ", "S3cr3t", "x" * 31])
def test_a_missing_or_short_key_is_refused_by_its_name(protector, monkeypatch, text: str) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", text)
    protector.write({"email": "anna@x.example"})
    with pytest.raises(JourneysError) as caught:
        protector.protect({"personal": ["email"]})
    assert caught.value.code == ("privacy-key-short" if text.strip() else "privacy-key-missing")
    assert caught.value.exit_code == 2
    assert "JOURNEYS_PRIVACY_KEY" in str(caught.value)
    assert not text.strip() or text not in str(caught.value)
    assert not (protector.folder / "landed").exists() or not list((protector.folder / "landed").iterdir())


def test_a_key_is_never_shown(key) -> None:
    secret = Key(key.encode())
    assert repr(secret) == str(secret) == "Key(***)"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_the_same_rows_give_the_same_rows(protector) -> None:
    privacy = {"personal": ["email", "phone"], "scrub": True, "personal_columns": ["full"], "drop_columns": ["ip"]}
    protector.write(
        {"email": "Anna@x.example", "full": "Anna Bērziņa", "ip": "1.1.1.1", "text": "call +371 29 123 456"},
        {"deep": [{"email": "b@x.example"}], "text": "4111 1111 1111 1111"},
    )
    assert protector.protect(privacy) == protector.protect(privacy)


def test_settings_hold_no_key(key, tmp_path) -> None:
    document = {"project": {"name": "A"}, "goal": [{"name": "g", "match": {"event": "g"}}], "source": [
        {"name": "w", "kind": "file", "path": "a.jsonl", "columns": {"occurred_at": "t", "event": "e", "user_id": "u"}}
    ], "privacy": {"personal": ["user_id"]}}  # fmt: skip
    settings = build_settings(document, tmp_path / "j.toml", environment={"JOURNEYS_PRIVACY_KEY": key})
    assert key not in settings.model_dump_json() + repr(settings)
