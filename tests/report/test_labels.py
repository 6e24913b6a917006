from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.report.labels import clean_text, hover_label, plain_label, shorten, text_width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Cart", "Cart"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("a<br>b", "a&lt;br&gt;b"),
        ("&amp;", "&amp;amp;"),
        ("%{customdata[0]}", "&#37;{customdata[0]}"),
        ("$x$", "&#36;x&#36;"),
        ("two\r\nlines\u2028three", "two lines three"),
        (7, "7"),
        (None, "None"),
    ],
)
def test_plotly_markup_is_escaped(text: object, shown: str) -> None:
    assert plain_label(text) == shown


def test_characters_that_disturb_a_page_become_a_visible_mark() -> None:
    assert clean_text("a\u202egpj.exe\x00\x1b[0m\ud800") == "a\ufffdgpj.exe\ufffd\ufffd[0m\ufffd"


def test_letters_of_every_script_stay() -> None:
    for name in ("Оплата", "結帳", "ราคาสินค้า", "قائمة", "נתיב", "Ķekava", "👩\u200d💻 desk"):
        assert clean_text(name) == name


def test_a_label_is_cut_before_it_is_escaped() -> None:
    assert plain_label("<<<<<", 4) == "&lt;&lt;&lt;…"


def test_wide_characters_take_two_columns() -> None:
    assert shorten("ギフトカード", 7) == "ギフト…"
    assert shorten("ギフトカード", 12) == "ギフトカード"


def test_a_cut_keeps_marks_with_their_letter() -> None:
    assert shorten("e\u0301e\u0301e\u0301", 2) == "e\u0301…"


def test_hovers_are_broken_into_lines_by_us_only() -> None:
    assert hover_label("a<br>" * 10) == "a&lt;br&gt;" * 8 + "a&lt;br<br>&gt;a&lt;br&gt;"
    assert hover_label("x" * 10_000).count("<br>") == 3


def test_a_tower_of_marks_is_cut() -> None:
    assert len(shorten("e" + "\u0301" * 10_000, 24)) < 100


@given(st.text(max_size=60), st.integers(3, 30))
def test_labels_hold_nothing_that_plotly_acts_upon_and_fit(text: str, width: int) -> None:
    label = plain_label(text, width)
    assert not set(label) & set("<>$%\n\r\x00\u202e")
    assert text_width(html.unescape(label)) <= width
    label.encode("utf-8")
    # Entities bring back what was written: nothing is lost but the tail.
    assert clean_text(text).startswith(html.unescape(label).removesuffix("…").rstrip())
