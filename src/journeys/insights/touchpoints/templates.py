"""Addresses made alike: what changes from case to case in a path becomes `*`, and the query is dropped.

That is ids, hashes, numbers, dates and e-mail addresses; and the last part of a path that has many siblings.
"""

from __future__ import annotations

import re

from journeys.warehouse import quote_text

# What follows is read by RE2, DuckDB's library of regular expressions.
_ORIGIN = "[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*"
_PARTS = f"^({_ORIGIN})?([^?#]*)"
_EXTENSION = r"\.[A-Za-z][A-Za-z0-9]{0,4}"
_ANY_PART = "[^/?#]+"
_DATE_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9A-Fa-f:.%]+(?:Z|[+-][0-9:]+)?"
_ID_FORMS = (
    "[0-9]+(?:[-_.:,][0-9]+)*",  # numbers, dates, versions
    _DATE_TIME,
    "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",  # UUIDs
    "[0-9A-Fa-f]{8,}",  # hashes
    "[A-Za-z]{1,3}[-_.:]?[0-9]{2,}",  # p12, sku-99
    "[A-Za-z]{1,8}[-_.:]?[0-9]{3,}",  # order-1001
    "[A-Za-z]*(?:[0-9]+[A-Za-z]+){2,}[0-9]*",  # dQw4w9WgXcQ
    "[^/]*[-_.][0-9]{5,}",  # red-shoes-104711
    "[0-9]+[-_][^/]+",  # 17-red-shoes
    "[^/@]+(?:@|%40)[^/]+",  # e-mail addresses
)
_ID = f"(?:{'|'.join(_ID_FORMS)})"


def template_sql(column: str) -> str:
    """Write the address in a column with `*` for what changes from case to case, as SQL; null stays null.

    Scheme and host stay, and so does an ending such as `.html`. A part of the path is replaced as a whole.
    """
    path = f"regexp_extract({column}, {quote_text(_PARTS)}, 2)"
    # Between two slashes of its own each part is found whole, for RE2 cannot look ahead.
    parted = f"'/' || replace({path}, '/', '//') || '/'"
    replaced = (
        f"regexp_replace({parted}, {quote_text(f'/{_ID}({_EXTENSION})?/')}, {quote_text('/*' + chr(92) + '1/')}, 'g')"
    )
    joined = f"replace(substr({replaced}, 2, length({replaced}) - 2), '//', '/')"
    return f"(regexp_extract({column}, {quote_text(_PARTS)}, 1) || {joined})"


def open_template_sql(template: str, column: str) -> str:
    """Write a template with `*` for the last part of its path, as SQL; parts at the top of a site stay.

    Args:
        template: SQL of the template.
        column: SQL of the address it is of.
    """
    origin = f"regexp_extract({column}, {quote_text(_PARTS)}, 1)"
    path = f"substr({template}, length({origin}) + 1)"
    return f"({origin} || regexp_replace({path}, '^((?s:.+))/[^/]+(/?)$', '\\1/*\\2'))"


def split_template(template: str) -> tuple[str, str]:
    """Return the scheme and host of a template, '' without, and its path.

    >>> split_template("https://shop.example/product/*")
    ('https://shop.example', '/product/*')
    """
    found = re.match(_ORIGIN, template)
    origin = found[0] if found else ""
    return origin, template[len(origin) :]


def template_pattern(template: str, *, any_part: bool = False, is_open: bool = False) -> str:
    """Write the regular expression that addresses of a template match as a whole, with any query or fragment.

    Args:
        template: the template.
        any_part: `*` is any part of a path; else only what is made `*`.
        is_open: the last part may be anything in any case.
    """
    origin, path = split_template(template)
    parts = [_part_pattern(part, any_part=any_part) for part in path.split("/")]
    if is_open:
        parts[-1 if path.split("/")[-1] else -2] = _ANY_PART
    return f"{_quoted(origin)}{'/'.join(parts)}(?:[?#](?s:.)*)?"


def _part_pattern(part: str, *, any_part: bool) -> str:
    if part == "*" or (part.startswith("*") and re.fullmatch(_EXTENSION, part[1:])):
        return (_ANY_PART if any_part else rf"(?:{_ID}|\*)") + _quoted(part[1:])
    return _quoted(part)


def _quoted(text: str) -> str:
    """Quote a text for RE2, which knows fewer escapes than Python."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)
