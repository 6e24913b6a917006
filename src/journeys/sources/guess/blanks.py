"""Tables whose columns are divided by blanks, as a pattern with a named group for each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from journeys.sources.guess.headers import name_columns, name_data

_FEWEST = 3
_MOST = 0.95
_NAME = re.compile(r"[A-Za-z_]\w*")
_FORMS = (r"\d+", r"-?\d+(?:[.,]\d+)?", r"\S+")


def find_blank_columns(lines: Sequence[str]) -> tuple[str, str]:
    """Find the columns of lines that hold the same number of values each, one of them a time or a number.

    Returns:
        The pattern, and how the columns came to their names; both '' where the lines are no such table.
    """
    records = [line.split() for line in lines]
    width = len(records[-1])
    are_even = sum(len(each) == width for each in records) >= _MOST * len(records)
    if width < _FEWEST or len(records) < _FEWEST or not are_even or len(records[0]) != width:
        return "", ""
    has_header = not name_data(records)
    data = [each for each in records[has_header:] if len(each) == width]
    columns = [[each[place] for each in data] for place in range(width)]
    forms = [next(form for form in _FORMS if all(re.fullmatch(form, value) for value in column)) for column in columns]
    if set(forms) == {_FORMS[-1]}:
        return "", ""
    names = tuple(records[0]) if has_header else name_columns(data)
    if len(set(names)) < width or not all(map(_NAME.fullmatch, names)):
        return "", ""
    groups = (f"(?P<{name}>{form})" for name, form in zip(names, forms, strict=True))
    note = "columns divided by blanks" + (
        "; the header is kept among the rejected rows"
        if has_header
        else ", no header: the columns' names are made up, correct them in `pattern`"
    )
    between = r"\s+"
    return rf"^\s*{between.join(groups)}\s*$", note
