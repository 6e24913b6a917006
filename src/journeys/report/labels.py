"""Texts from data made safe to show: cleaned of characters that disturb a page, shortened, escaped for Plotly."""

from __future__ import annotations

import re
import textwrap
import unicodedata

LABEL_WIDTH = 24
_HOVER_WIDTH = 160
_HOVER_LINE = 44
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_CHARACTERS_PER_COLUMN = 4
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

# Control characters but line breaks and tabs, lone surrogates, and the embeddings, overrides and isolates that change
# the direction of everything that follows them.
_DISTURBING = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\N{LEFT-TO-RIGHT EMBEDDING}-\N{RIGHT-TO-LEFT OVERRIDE}"
    "\N{LEFT-TO-RIGHT ISOLATE}-\N{POP DIRECTIONAL ISOLATE}]"
)
# No-break blanks stay: they hold the digits of a number together.
_BLANKS = re.compile("[^\\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
# Plotly reads `<tag>` and `&name;` everywhere, `%{name}` in templates and `$..$` as TeX where MathJax is loaded.
# It decodes entities last, in every one of these places, so that an entity is always shown and never acted upon.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "%": "&#37;", "$": "&#36;"})


def clean_text(text: object) -> str:
    r"""Make one line of any value: line breaks become blanks, control and direction-changing characters a visible mark.

    The result can always be encoded as UTF-8; letters of every script, marks and emoji stay as they are.

    >>> clean_text("pay\nment")
    'pay ment'
    """
    return _BLANKS.sub(" ", _DISTURBING.sub(REPLACEMENT, str(text))).strip()


def shorten(text: str, width: int) -> str:
    """Cut a text to at most `width` columns (3 at least), an ellipsis included.

    Wide (East Asian) characters take two columns. Marks and joiners take none, but only a few per column are kept.
    """
    longest = width * _CHARACTERS_PER_COLUMN
    if len(text) <= longest and text_width(text) <= width:
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


def hover_label(text: object) -> str:
    """Write a text from data for a hover box: as `plain_label`, in lines that fit a phone, cut when very long."""
    lines = textwrap.wrap(shorten(clean_text(text), _HOVER_WIDTH), _HOVER_LINE)
    return "<br>".join(map(plain_label, lines))


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
