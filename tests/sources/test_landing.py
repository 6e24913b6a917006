"""Landed values: trimmed, keys joined, campaign from the URL, days in the project's zone."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.schema import BLOCKED_IDENTIFIERS, LANDED_COLUMNS


def write(**values):
    return json.dumps({"time": "2024-01-01T10:00:00Z", "name": "view", "user": "u1"} | values)


def test_the_landed_columns_are_those_of_the_schema(puller):
    puller.write("a.jsonl", write())
    described = puller.query("SELECT column_name, column_type FROM (DESCRIBE landed)", path="a.jsonl")
    assert described == [(column.name, column.type) for column in LANDED_COLUMNS]


@pytest.mark.parametrize("word", [*BLOCKED_IDENTIFIERS[1:], "UNDEFINED", " Null ", "NaN", "ＮＵＬＬ"])
def test_identifiers_are_not_judged_yet(land, word):
    row = land(write(user=word, device=word, company=word), {"device_id": "device", "account_id": "company"})
    assert (row["user_id"], row["device_id"], row["account_id"]) == (word.strip(), word.strip(), word.strip())
    assert row["note"] is None


@pytest.mark.parametrize("empty", ["", "  ", "\t", "\u00a0", "\ufeff", None])
def test_empty_identifiers_are_null_without_a_note(land, empty):
    row = land(write(user=empty))
    assert (row["user_id"], row["note"]) == (None, None)


@pytest.mark.parametrize(("given", "kept"), [(" u1 ", "u1"), ("\u00a0u 1\u200b", "u 1"), ("Ā\t", "Ā"), ("u1", "u1")])
def test_identifiers_are_trimmed(land, given, kept):
    assert land(write(user=given))["user_id"] == kept


def test_keys_of_rows_and_visits_may_be_numbers_but_no_word_for_nothing(land):
    columns = {"event_id": "id", "session_id": "visit"}
    row = land(write(id="0", visit="-1"), columns)
    assert (row["event_id"], row["source_session_id"], row["note"]) == ("0", "-1", None)
    row = land(write(id="undefined", visit="null"), columns)
    assert (row["event_id"], row["source_session_id"]) == (None, None)
    assert row["note"] == "blocked event_id; blocked session_id"


def test_a_composite_device_is_null_only_when_all_its_parts_are(land):
    columns = {"device_id": ["ip", "agent"]}
    row = land(write(ip="1.2.3.4", agent="Firefox"), columns)
    assert (row["device_id"], row["device_is_composite"], row["note"]) == ("1.2.3.4|Firefox", True, None)
    assert land(write(ip="1.2.3.4"), columns)["device_id"] == "1.2.3.4|"
    row = land(write(ip=None, agent=""), columns)
    assert (row["device_id"], row["device_is_composite"], row["note"]) == (None, True, None)
    row = land(write(ip="unknown", agent=""), columns)
    assert (row["device_id"], row["note"]) == (None, "blocked device_id")
    assert land(write())["device_is_composite"] is False


@given(
    first=st.tuples(st.text(r"ab\|", max_size=4), st.text(r"ab\|", max_size=4)),
    second=st.tuples(st.text(r"ab\|", max_size=4), st.text(r"ab\|", max_size=4)),
)
def test_different_parts_never_give_the_same_device(new_puller, first, second):
    puller = new_puller()
    puller.write("a.jsonl", "\n".join(write(ip=ip, agent=agent) for ip, agent in (first, second)))
    columns = {"occurred_at": "time", "event": "name", "device_id": ["ip", "agent"]}
    one, two = (row["device_id"] for row in puller.pull(path="a.jsonl", columns=columns))
    assert (one == two) == (first == second)


@pytest.mark.parametrize(
    ("text", "amount", "note"),
    [
        ("12.50", 12.5, None),
        (12.5, 12.5, None),
        ("-3", -3.0, None),
        ("1e3", 1000.0, None),
        (" 7 ", 7.0, None),
        ("", None, None),
        (None, None, None),
        ("12,50", None, "unreadable value_amount"),
        ("€12", None, "unreadable value_amount"),
        ("NaN", None, "unreadable value_amount"),
        ("inf", None, "unreadable value_amount"),
        ("1e999", None, "unreadable value_amount"),
    ],
)
def test_money(land, text, amount, note):
    row = land(write(value=text), {"value_amount": "value"})
    assert (row["value_amount"], row["note"]) == (amount, note)


def test_notes_are_joined(land):
    columns = {"event_id": "id", "device_id": ["ip", "agent"], "value_amount": "value"}
    row = land(write(id="null", ip="null", value="x"), columns)
    assert row["note"] == "blocked device_id; blocked event_id; unreadable value_amount"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/?utm_source=google&utm_medium=cpc&utm_campaign=x", ("google", "cpc", "x")),
        ("https://a.example/?a=1&utm_source=a%20b%2Bc+d", ("a b+c d", None, None)),
        ("https://a.example/?utm_campaign=%C4%81%E4%BD%A0", (None, None, "ā你")),
        ("https://a.example/?utm_source=100%&utm_medium=%zz&utm_campaign=%ff", ("100%", "%zz", "%ff")),
        ("https://a.example/?utm_source=&utm_medium=+", (None, None, None)),
        ("https://a.example/?xutm_source=no", (None, None, None)),
        ("https://a.example/#?utm_source=no", (None, None, None)),
        ("https://a.example/?utm_source=yes#utm_medium=no", ("yes", None, None)),
        ("/path?utm_source=first&utm_source=second", ("first", None, None)),
        ("", (None, None, None)),
    ],
)
def test_campaign_values_of_the_url(land, url, expected):
    row = land(write(page=url), {"url": "page"})
    assert (row["traffic_source"], row["medium"], row["campaign"]) == expected


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/?gclid=x", ("google", "cpc", None)),
        ("https://a.example/?a=1&wbraid=x#top", ("google", "cpc", None)),
        ("https://a.example/?dclid=x", ("dfa", "cpm", None)),
        ("https://a.example/?msclkid=x", ("bing", "cpc", None)),
        ("https://a.example/?MSCLKID=x", (None, None, None)),
        ("https://a.example/?li_fat_id=x", ("linkedin", "cpc", None)),
        ("https://a.example/?fbclid=x", ("facebook", "referral", None)),
        ("https://a.example/?utm_source=news&gclid=x", ("news", None, None)),
        ("https://a.example/?utm_source=&gclid=x", ("google", "cpc", None)),
        ("https://a.example/?gclid=&x=1", (None, None, None)),
        ("https://a.example/#gclid=x", (None, None, None)),
        ("https://a.example/?xgclid=x&id=gclid=x", (None, None, None)),
    ],
)
def test_click_ids_speak_where_no_tag_does(land, url, found):
    row = land(write(page=url), {"url": "page"})
    assert (row["traffic_source"], row["medium"], row["campaign"]) == found


@pytest.mark.parametrize(
    ("source", "medium", "found"),
    [
        ("own", None, ("own", None)),
        (None, "own", (None, "own")),
        (None, None, ("url", "cpc")),
        ("", " ", ("url", "cpc")),
    ],
)
def test_mapped_campaign_values_are_not_mixed_with_those_of_the_url(land, source, medium, found):
    columns = {"url": "page", "traffic_source": "from", "medium": "by"}
    page = "https://a.example/?utm_source=url&utm_medium=cpc"
    row = land(write(page=page, **{"from": source, "by": medium}), columns)
    assert (row["traffic_source"], row["medium"]) == found


@pytest.mark.parametrize(
    ("zone", "time", "day"),
    [
        ("UTC", "2024-01-01T23:30:00Z", date(2024, 1, 1)),
        ("Europe/Riga", "2024-01-01T23:30:00Z", date(2024, 1, 2)),
        ("America/New_York", "2024-01-01T03:30:00Z", date(2023, 12, 31)),
        ("Europe/Riga", "2024-01-01T00:30:00", date(2024, 1, 1)),
        ("UTC", "no time", None),
    ],
)
def test_days_are_those_of_the_projects_zone_as_are_times_without_one(puller, land, zone, time, day):
    puller.timezone = zone
    assert land(write(time=time))["local_date"] == day


def test_the_zone_of_the_source_goes_before_the_projects(puller, land):
    puller.timezone = "America/New_York"
    row = land(
        write(time="2024-01-01T12:00:00", seen="2024-01-01T12:00:01"), {"received_at": "seen"}, timezone="Europe/Riga"
    )
    assert (row["occurred_at_us"], row["received_at_us"]) == (1_704_103_200_000_000, 1_704_103_201_000_000)


def test_what_all_rows_of_a_source_share(land):
    row = land(write())
    assert (row["is_interaction"], row["drop_repeats"], row["earliest_us"]) == (False, False, 946_684_800_000_000)
    row = land(write(), {"session_id": "visit"}, drop_repeats=True, earliest="2024-01-01")
    assert (row["is_interaction"], row["drop_repeats"], row["earliest_us"]) == (True, True, 1_704_067_200_000_000)
    assert land(write(), interaction=True)["is_interaction"] is True


@pytest.mark.parametrize(
    ("keys", "told", "found"),
    [
        ({"interaction": True}, "true", True),
        ({"interaction": True}, "false", False),
        ({"interaction": True}, 0, False),
        ({"interaction": True}, None, True),
        ({"interaction": True}, "often", True),
        ({}, "true", True),
        ({}, None, False),
        ({"interaction": False}, "true", False),
    ],
)
def test_each_row_may_tell_whether_it_belongs_to_sessions(land, keys, told, found):
    row = land(write(acts=told), {"is_interaction": "acts"}, **keys)
    assert row["is_interaction"] is found


def test_sequence_is_a_number(land):
    assert land(write(n="10"), {"sequence": "n"})["sequence"] == 10.0
    row = land(write(n="x"), {"sequence": "n"})
    assert (row["sequence"], row["note"]) == (None, "unreadable sequence")


def test_constants_land_as_they_are(land):
    row = land(write(), {"event": {"value": "it's"}, "currency": {"value": "EUR"}})
    assert (row["event"], row["currency"]) == ("it's", "EUR")


def test_names_of_the_source_may_be_any_text(land):
    row = land(json.dumps({"time": "2024-01-01", 'it\'s "x"/~y': "v", "name": "n"}), {"user_id": 'it\'s "x"/~y'})
    assert row["user_id"] == "v"


def test_further_identifiers_are_one_object_of_what_the_row_has(land):
    columns = {"email": "mail", "phone": {"sql": "phone || '0'"}, "badge": {"value": "b"}, "contact_id": "id"}
    row = land(write(mail=" Anna@A.example\u00a0", phone="2", id=None), identifiers=columns)
    assert json.loads(row["identifiers"]) == {"badge": "b", "email": "Anna@A.example", "phone": "20"}
    assert row["identifiers"].startswith('{"badge":')
    assert row["note"] is None


@pytest.mark.parametrize("empty", ["", "  ", "\u200b", None])
def test_without_further_identifiers_there_is_no_object(land, empty):
    assert land(write(mail=empty), identifiers={"email": "mail"})["identifiers"] is None
    assert land(write(mail="x"))["identifiers"] is None


@pytest.mark.parametrize(
    "value",
    ["a'b", 'a"b', "a\\b", "a\x00b", "{}", '{"email": "x"}', "$.email", "a\nb", "😀", "%_*", "x" * 100_000, "null"],
)
def test_identifiers_of_any_text_land_as_they_are(land, value):
    row = land(write(mail=value, id=value), identifiers={"email": "mail", "contact_id": "id"})
    assert json.loads(row["identifiers"]) == {"email": value, "contact_id": value}


def test_an_expression_that_fails_on_a_row_gives_no_identifier(land):
    row = land(write(id="x"), identifiers={"contact_id": {"sql": "CAST(id AS INTEGER)"}})
    assert (row["identifiers"], row["unreadable"]) == (None, None)


def test_an_unreadable_row_has_no_identifiers_not_even_constant_ones(puller):
    puller.write("a.jsonl", "nonsense\n")
    (row,) = puller.pull(path="a.jsonl", identifiers={"email": {"value": "a@a.example"}})
    assert (row["unreadable"], row["identifiers"]) == ("not JSON", None)


def test_a_column_may_be_both_user_and_identifier(land):
    row = land(write(), identifiers={"email": "user"})
    assert (row["user_id"], json.loads(row["identifiers"])) == ("u1", {"email": "u1"})


def test_rows_of_an_address_book_are_no_events(land):
    assert land(write())["is_event"] is True
    columns = {"occurred_at": "time", "device_id": "device", "user_id": "user"}
    row = land(write(device="d1"), {"device_id": "device"}, holds="contacts")
    assert (row["is_event"], row["is_interaction"]) == (False, False)
    row = land(write(device="d1"), columns, holds="contacts", interaction=True)
    assert (row["is_event"], row["is_interaction"], row["user_id"]) == (False, False, "u1")
