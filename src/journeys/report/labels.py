"""Texts from data made safe to show: cleaned of characters that disturb a page, shortened, escaped for Plotly."""

from __future__ import annotations

import unicodedata

LABEL_WIDTH = 24
HOVER_WIDTH = 160
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_CHARACTERS_PER_COLUMN = 4
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

# Embeddings, overrides and isolates change the direction of everything that follows them.
_DIRECTION_CONTROLS = frozenset(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_LINE_BREAKS = frozenset("\t\n\v\f\r\x85\u2028\u2029")
# Plotly reads `<tag>` and `&name;` everywhere, `%{name}` in templates and `$..$` as TeX where MathJax is loaded.
# It decodes entities last, in every one of these places, so that an entity is always shown and never acted upon.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "%": "&#37;", "$": "&#36;"})


def clean_text(text: object) -> str:
    r"""Make one line of any value: line breaks become blanks, control and direction-changing characters a visible mark.

    The result can always be encoded as UTF-8; letters of every script, marks and emoji stay as they are.

    >>> clean_text("pay\nment")
    'pay ment'
    """
    return " ".join("".join(_clean_character(character) for character in str(text)).split())


def shorten(text: str, width: int) -> str:
    """Cut a text to at most `width` columns (3 at least), an ellipsis included.

    Wide (East Asian) characters take two columns. Marks and joiners take none, but only a few per column are kept.
    """
    longest = width * _CHARACTERS_PER_COLUMN
    if text_width(text) <= width and len(text) <= longest:
        return text
    used, end = 1 + _columns(text[0]), 1
    while end < min(len(text), longest) and used + _columns(text[end]) <= width:
        used += _columns(text[end])
        end += 1
    # Zero-width joiners glue emoji together: a cut behind one would leave half a picture.
    return text[:end].rstrip().rstrip("\N{ZERO WIDTH JOINER}") + _ELLIPSIS


def text_width(text: str) -> int:
    """Count the columns a text takes up: two for a wide character, none for a mark or joiner."""
    return sum(map(_columns, text))


def plain_label(text: object, width: int | None = None) -> str:
    """Write a text from data so that Plotly shows it literally wherever it stands: label, tick, title, hover, template.

    Args:
        text: any value; None and missing values are shown as they print.
        width: longest label in columns before it is shortened; None keeps it whole.

    >>> plain_label("<b>50 %{x}</b>")
    '&lt;b&gt;50 &#37;{x}&lt;/b&gt;'
    """
    cleaned = clean_text(text)
    return (cleaned if width is None else shorten(cleaned, width)).translate(_ENTITIES)


def _clean_character(character: str) -> str:
    if character in _LINE_BREAKS:
        return " "
    if character in _DIRECTION_CONTROLS or unicodedata.category(character) in ("Cc", "Cs"):
        return REPLACEMENT
    return character


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
