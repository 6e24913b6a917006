"""One value written in several ways is one identifier, and values that name nobody are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.config import Identity, KindSettings, merge_kinds, normalise
from journeys.config.identifiers import fits
from journeys.schema import BLOCKED_IDENTIFIERS, IDENTIFIER_KINDS, ROLE_MAILBOXES

PLAIN = Identity()
RIGA = Identity(phone_region="LV")


def value_of(kind: str, given: str, settings: Identity = PLAIN) -> str | None:
    """The value of an identifier, null when it never identifies."""
    value, reason = normalise(settings.kind(kind), given, settings)
    assert (value is None) == bool(reason)
    return value


def reason_of(kind: str, given: str, settings: Identity = PLAIN) -> str:
    """Why an identifier never identifies, '' when it does."""
    return normalise(settings.kind(kind), given, settings)[1]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("u-1", "u-1"),
        (" u-1\t\r\n", "u-1"),
        ("\u00a0u-1\u3000", "u-1"),
        ("\u200bu-1\u200b", "u-1"),
        ("\ufeffu-1", "u-1"),
        ("\u2003u-1\u2003", "u-1"),
        ("ｕ－１２３", "u-123"),
        ("１２３", "123"),
        ("U-1", "U-1"),
        ("Ā", "Ā"),
        ("A\u0304", "Ā"),
        ("ﬁx", "fix"),
        ("u 1", "u 1"),
        ("u\u200b1", "u\u200b1"),
        ("0042", "0042"),
        ("10-0", "10-0"),
        ("42.0", "42"),
        ("-42.000", "-42"),
        ("４２.0", "42"),
        ("42.10", "42.10"),
        ("1.0.0", "1.0.0"),
        ("42.", "42."),
        (".0", ".0"),
        ("v42.0", "v42.0"),
        ("a\x00b", "a\x00b"),
        ("'; DROP TABLE events; --", "'; DROP TABLE events; --"),
        ('{"a": [1]}', '{"a": [1]}'),
        ("x" * 1_000_000, "x" * 1_000_000),
    ],
)
@pytest.mark.parametrize("kind", ["user_id", "device_id", "contact_id", "loyalty_card", "cookie", "account_id"])
def test_text_is_composed_and_trimmed_and_keeps_its_case(kind: str, given: str, value: str) -> None:
    assert value_of(kind, given) == value


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("Anna@ACME.example", "anna@acme.example"),
        (" ANNA@acme.example\u200b", "anna@acme.example"),
        ("ａｎｎａ＠acme.example", "anna@acme.example"),
        ("anna+shop@acme.example", "anna+shop@acme.example"),
        ("an.na@acme.example", "an.na@acme.example"),
        ("STRASSE@acme.example", "strasse@acme.example"),
        ("straße@acme.example", "strasse@acme.example"),
        ("İ@acme.example", "i\u0307@acme.example"),
        ("ı@acme.example", "ı@acme.example"),
        ("I@acme.example", "i@acme.example"),
        ("ĀNNA@acme.example", "ānna@acme.example"),
        ("anna@BÜRO.example", "anna@büro.example"),
        ("anna@xn--bro-hoa.example", "anna@xn--bro-hoa.example"),
        ("No Address", "no address"),
        ("A\x00B@acme.example", "a\x00b@acme.example"),
    ],
)
def test_addresses_are_compared_without_case_with_their_dots_and_tags(given: str, value: str) -> None:
    assert value_of("email", given) == value


def test_an_address_with_a_tag_or_a_dot_is_another_one() -> None:
    assert len({value_of("email", text) for text in ("a.b@x.example", "ab@x.example", "ab+1@x.example")}) == 3


@pytest.mark.parametrize("mailbox", ROLE_MAILBOXES)
def test_role_mailboxes_name_nobody(mailbox: str) -> None:
    for text in (f"{mailbox}@acme.example", f" {mailbox.upper()}@ACME.example", f"{mailbox}+x@acme.example"):
        assert reason_of("email", text) == "role mailbox"
    assert value_of("email", f"{mailbox}x@acme.example") is not None
    assert value_of("email", f"anna+{mailbox}@acme.example") is not None


def test_what_is_an_address_is_said_by_the_format_of_the_kind() -> None:
    assert value_of("email", "info") == "info"
    assert value_of("user_id", "Info@acme.example") == "Info@acme.example"
    mails = Identity(kinds=merge_kinds({"user_id": KindSettings(format="email")}))
    assert reason_of("user_id", "Info@acme.example", mails) == "role mailbox"
    assert value_of("user_id", "Anna@acme.example", mails) == "anna@acme.example"


@pytest.mark.parametrize("word", [*BLOCKED_IDENTIFIERS, "NULL", " Undefined ", "ＮＵＬＬ", "N/A", "\u200b", " \u3000 "])
@pytest.mark.parametrize("kind", ["user_id", "device_id", "email", "phone", "contact_id", "account_id"])
def test_words_for_nothing_never_identify_whatever_the_kind(kind: str, word: str) -> None:
    assert reason_of(kind, word) == "blocked value"


@pytest.mark.parametrize(
    "zeros", ["0", "0.0", "-1.0", "00", "0000-0000", "-", "--", "０００", "00000000-0000-0000-0000-000000000000"]
)
@pytest.mark.parametrize("kind", ["user_id", "device_id", "email", "phone", "account_id"])
def test_zeros_and_dashes_never_identify(kind: str, zeros: str) -> None:
    assert reason_of(kind, zeros) == "blocked value"


@pytest.mark.parametrize("given", ["-1-", "0.5", "0x0", "00a", "1", "-2"])
def test_other_numbers_identify(given: str) -> None:
    assert value_of("user_id", given) == given


@pytest.mark.parametrize(
    ("given", "value", "value_in_riga"),
    [
        ("+371 20 000 000", "+37120000000", "+37120000000"),
        ("+371-2000-0000", "+37120000000", "+37120000000"),
        ("＋３７１ ２０００００００", "+37120000000", "+37120000000"),
        ("+٣٧١٢٠٠٠٠٠٠٠", "+37120000000", "+37120000000"),
        ("tel:+37120000000", "+37120000000", "+37120000000"),
        ("+371\u200b20000000", "+37120000000", "+37120000000"),
        ("20 000 000", "20000000", "+37120000000"),
        ("00 371 20000000", "0037120000000", "+37120000000"),
        ("0037120000000", "0037120000000", "+37120000000"),
        ("+44 (0)20 7946 0958", "+442079460958", "+442079460958"),
        ("+39 06 1234 5678", "+390612345678", "+390612345678"),
        ("+1 650-253-0000 ext. 12", "+16502530000;ext=12", "+16502530000;ext=12"),
        ("+37120000000;ext=12", "+37120000000;ext=12", "+37120000000;ext=12"),
        ("37120000000.0", "37120000000", "+37120000000"),
        ("12 345", "12345", "12345"),
        ("+371 23", "37123", "37123"),
        ("room 1234, floor 5", "12345", "12345"),
        ("9" * 300, "9" * 300, "9" * 300),
    ],
)
def test_telephone_numbers_are_e164_where_the_country_is_known_and_digits_where_not(
    given: str, value: str, value_in_riga: str
) -> None:
    assert value_of("phone", given) == value
    assert value_of("phone", given, RIGA) == value_in_riga


def test_a_number_that_is_complete_only_in_its_town_stays_digits() -> None:
    assert value_of("phone", "253-0000", Identity(phone_region="US")) == "2530000"
    assert value_of("phone", "(650) 253-0000", Identity(phone_region="US")) == "+16502530000"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("call me", "no digits"),
        ("+", "no digits"),
        ("ext 1", "too few digits"),
        ("+371 2", "too few digits"),
        ("000 000", "blocked value"),
    ],
)
def test_a_telephone_number_without_digits_or_of_zeros_names_nobody(given: str, reason: str) -> None:
    assert reason_of("phone", given) == reason


BLOCKED = Identity(
    phone_region="LV",
    blocked=(
        "QA-Robot",
        "email:*@test.acme.example",
        "device_id:tmp_*",
        "account_id:acme",
        "phone:20 000 001",
        "phone:+1800*",
        "*[bot]*",
        "user_id:a:b",
        "ｆｕｌｌ",
    ),
)


@pytest.mark.parametrize(
    ("kind", "given", "is_blocked"),
    [
        ("user_id", "qa-robot", True),
        ("user_id", " QA-ROBOT ", True),
        ("user_id", "ｑａ-robot", True),
        ("user_id", "qa-robots", False),
        ("email", "Qa-Robot", True),
        ("email", "Max@TEST.acme.example", True),
        ("email", "max@acme.example", False),
        ("user_id", "max@test.acme.example", False),
        ("device_id", "tmp_1", True),
        ("device_id", "tmp_", True),
        ("device_id", "TMP_1", True),
        ("device_id", "tmpx1", False),
        ("cookie", "tmp_1", False),
        ("account_id", "Acme", True),
        ("user_id", "acme", False),
        ("phone", "+371 20000001", True),
        ("phone", "20000001", True),
        ("phone", "+371 20000002", False),
        ("phone", "+1 800 253 0000", True),
        ("user_id", "the [BOT] of QA", True),
        ("user_id", "b", False),
        ("user_id", "A:B", True),
        ("user_id", "full", True),
    ],
)
def test_configured_values_are_blocked_in_any_case_for_their_kind(kind: str, given: str, is_blocked: bool) -> None:
    assert reason_of(kind, given, BLOCKED) == ("blocked value" if is_blocked else "")


@pytest.mark.parametrize(
    ("pattern", "text", "is_fit"),
    [
        ("a*", "a", True),
        ("*a", "a", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*", "", True),
        ("**", "x", True),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "acb", False),
        ("a*bc*c", "abc", False),
        ("*ab*ab*", "ab", False),
        ("a%", "ab", False),
        ("a_", "ab", False),
        ("a.", "ab", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_a_star_is_any_text_and_nothing_else_is(pattern: str, text: str, is_fit: bool) -> None:
    assert fits(pattern, text) is is_fit


@given(pattern=st.text("ab*", max_size=8), text=st.text("ab", max_size=8))
def test_stars_mean_what_the_shell_means(pattern: str, text: str) -> None:
    from fnmatch import fnmatchcase

    assert fits(pattern, text) is fnmatchcase(text, pattern)


def test_many_stars_on_a_long_text_take_no_time() -> None:
    assert not fits("*a" * 50 + "b", "a" * 200_000)


@given(kind=st.sampled_from(["user_id", "email"]), given=st.text(max_size=12))
def test_making_alike_twice_changes_nothing(kind: str, given: str) -> None:
    value = value_of(kind, given)
    assert value is None or value_of(kind, value) == value


@given(
    number=st.integers(20_000_000, 29_999_999),
    gaps=st.lists(st.sampled_from(["", " ", "-", ".", "\u2011"]), min_size=7, max_size=7),
)
def test_signs_between_digits_never_matter(number: int, gaps: list[str]) -> None:
    written = "".join(digit + gap for digit, gap in zip(str(number), [*gaps, ""], strict=True))
    assert value_of("phone", written, RIGA) == f"+371{number}"


@pytest.mark.parametrize("given", ["@", "anna@", "@acme.example"])
def test_half_an_address_names_nobody(given: str) -> None:
    kind = next(each for each in IDENTIFIER_KINDS if each.name == "email")
    assert normalise(kind, given, Identity()) == (None, "no e-mail address")
