"""Texts without addresses, telephone numbers and cards; everything else in them stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.config import Identity
from journeys.privacy import Key
from journeys.privacy.scrub import Scrubber, is_card
from journeys.privacy.token import Tokens

KEY = b"the key of these tests, long enough to be one"
ANNA = "<anna@x.example>"
PHONE = "<+37129123456>"
CARD = "<4111111111111111>"


def scrub(text: str, region: str = "") -> str:
    """Scrub a text, and write the tokens that are expected in it as the values they stand for."""
    tokens = Tokens(Key(KEY), Identity(phone_region=region))
    kept = Scrubber(tokens).scrub(text)
    known = {tokens.write("anna@x.example", "email"): ANNA, tokens.write("+37129123456", "text"): PHONE}
    known[tokens.write("4111111111111111", "text")] = CARD
    for token, name in known.items():
        kept = kept.replace(token, name)
    return kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to Anna@X.example, please.", f"write to {ANNA}, please."),
        ("<anna@x.example>", f"<{ANNA}>"),
        ("'anna@x.example'", f"'{ANNA}'"),
        ("mailto:anna@x.example?subject=hi", f"mailto:{ANNA}?subject=hi"),
        ("anna＠x.example", ANNA),
        ("a@b, info@acme.example, @anna", "a@b, info@acme.example, @anna"),
        ("https://x.example/?mail=anna@x.example&q=1", f"https://x.example/?mail={ANNA}&q=1"),
        ("https://x.example/?mail=anna%40x.example#a", f"https://x.example/?mail={ANNA}#a"),
        ("https://x.example/?mail=anna%2540x.example", f"https://x.example/?mail={ANNA}"),
        ("/u/anna%40x.example/orders?q=50%25", f"/u/{ANNA}/orders?q=50%25"),
    ],
)
def test_addresses_are_found_in_any_dress(text: str, kept: str) -> None:
    assert scrub(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("call +371 29 123 456 now", f"call {PHONE} now"),
        ("+37129123456", PHONE),
        ("tel:+371-29123456", f"tel:{PHONE}"),
        ("https://x.example/?p=%2B371%2029%20123%20456", f"https://x.example/?p={PHONE}"),
        ("https://x.example/?p=%2B371+29+123+456&q=a+b", f"https://x.example/?p={PHONE}&q=a+b"),
        ("call 29 123 456", "call 29 123 456"),
        ("order 29123456, 2026-03-01 10:00:00", "order 29123456, 2026-03-01 10:00:00"),
    ],
)
def test_full_telephone_numbers_are_found_without_a_region(text: str, kept: str) -> None:
    assert scrub(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("call 29 123 456", f"call {PHONE}"),
        ("zvaniet 29123456!", f"zvaniet {PHONE}!"),
        ("0037129123456 or so", f"{PHONE} or so"),
        ("29123456", "29123456"),
        ("https://x.example/product/29123456", "https://x.example/product/29123456"),
        ("id-29123456", "id-29123456"),
        ("12345678-1234-1234-1234-123456789012", "12345678-1234-1234-1234-123456789012"),
    ],
)
def test_national_numbers_are_found_in_sentences_and_ids_are_left(text: str, kept: str) -> None:
    assert scrub(text, "LV") == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("VISA 4111 1111 1111 1111 12/27", f"VISA {CARD} 12/27"),
        ("4111-1111-1111-1111", CARD),
        ("4111111111111111", CARD),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("paid 1111 4111 1111 1111 1111", f"paid 1111 {CARD}"),
        ("https://x.example/?c=4111+1111+1111+1111", f"https://x.example/?c={CARD}"),
        ("75fa42f1-5260-46ab-ad61-38813374800d", "75fa42f1-5260-46ab-ad61-38813374800d"),
        ("1772359200000", "1772359200000"),
    ],
)
def test_cards_are_found_by_their_check_digit(text: str, kept: str) -> None:
    assert scrub(text) == kept


@pytest.mark.parametrize(
    "number",
    # The numbers that the card companies publish for tests.
    ["4111111111111111", "4222222222222", "5555555555554444", "2223003122003222", "378282246310005", "30569309025904",
     "38520000023237", "6011111111111117", "3530111333300000", "6759649826438453", "6200000000000005"],
)  # fmt: skip
def test_test_numbers_of_the_card_companies_are_cards(number: str) -> None:
    assert is_card(number)
    assert not is_card(number[:-1] + str((int(number[-1]) + 1) % 10))


def test_addresses_without_anything_between_them_leave_nothing_behind() -> None:
    kept = scrub("to anna@x.exampleberta@y.example!")
    assert kept.startswith("to p-")
    assert kept.endswith("@y.example!")
    assert "anna" not in kept
    assert "berta" not in kept


def test_scrubbing_twice_is_scrubbing_once() -> None:
    scrubber = Scrubber(Tokens(Key(KEY), Identity(phone_region="LV")))
    once = scrubber.scrub("anna@x.example +371 29 123 456 / 4111 1111 1111 1111, 29123457")
    assert scrubber.scrub(once) == once
    assert once.count("p-") == 4


@given(st.text(max_size=200) | st.text("0123456789 +-.@%a=/&(), p", max_size=60))
def test_any_text_is_scrubbed_without_an_error_and_the_same_each_time(text: str) -> None:
    scrubber = Scrubber(Tokens(Key(KEY), Identity(phone_region="LV")))
    once = scrubber.scrub(text)
    assert scrubber.scrub(text) == once
    scrubber.scrub_raw(text)


@pytest.mark.parametrize("text", ["a" * 300_000, "a." * 100_000 + "@", "@" * 100_000, "a@" * 50_000, "%41" * 50_000,
                                  "1 " * 20_000, "a@a" + ".a" * 100_000])  # fmt: skip
def test_a_long_hostile_text_takes_no_time_without_end(text: str) -> None:
    started = time.process_time()
    Scrubber(Tokens(Key(KEY), Identity())).scrub(text)
    assert time.process_time() - started < 5


def test_an_unreadable_line_is_read_through_its_escapes() -> None:
    tokens = Tokens(Key(KEY), Identity())
    anna = tokens.write("anna@x.example", "email")
    assert Scrubber(tokens).scrub_raw(r'{"mail": "anna\u0040x.example"') == f'{{"mail": "{anna}"'
    assert Scrubber(tokens).scrub_raw("\0".join("mail anna@x.example")) == f"mail {anna}"
