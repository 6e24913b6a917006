"""The text columns of landed rows: which of their values have to change, each different one looked at once."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

import pyarrow as pa

from journeys.privacy.names import Names
from journeys.privacy.scrub import HARMLESS, Scrubber
from journeys.privacy.token import TEXT, Tokens
from journeys.warehouse import Engine, quote_text

TEXT_COLUMNS = ("event_id", "source_session_id", "event", "traffic_source", "medium", "campaign", "url", "referrer",
                "user_agent", "currency", "occurred_at_text", "unreadable", "raw")  # fmt: skip
# Two different keys must stay different: they change as a whole.
_KEYS = ("event_id", "source_session_id")
_BATCH = 10_000
# Digits with at most three other signs between two of them.
_DIGITS = "[0-9](?:[^0-9A-Za-z_]{{0,3}}[0-9]){{{more}}}"
# Arabic, Persian, Devanagari, Bengali, Thai and wide digits.
_OTHER_DIGITS = "[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\uff10-\uff19]"


def mail_sql(value: str, *, but: str = "") -> str:
    """Write the test whether a text could hold an e-mail address, also an encoded one.

    Args:
        value: SQL of the text.
        but: a sign that is looked for in another way.
    """
    signs = [sign for sign in ("@", "%40", "%25", "\uff20", "\ufe6b", "\\u00") if sign != but]
    return "(" + " OR ".join(f"contains({value}, {quote_text(sign)})" for sign in signs) + ")"


def number_sql(value: str, *, has_region: bool) -> str:
    """Write the test whether a text could hold a telephone or card number.

    Args:
        value: SQL of the text.
        has_region: numbers without their country are known, too; else a telephone number begins with a plus.
    """
    sign = (
        "TRUE" if has_region else f"(contains({value}, '+') OR contains({value}, '%') OR contains({value}, '\uff0b'))"
    )
    found = f"{sign} AND regexp_matches({value}, {quote_text(_DIGITS.format(more=6))})"
    card = f"regexp_matches({value}, {quote_text(_DIGITS.format(more=12))})"
    other = f"regexp_matches({value}, {quote_text(_OTHER_DIGITS)})"
    encoded = f"regexp_matches({value}, '%[23][0-9A-Fa-f]')"
    return f"(({found} OR {card} OR {other} OR {encoded}) AND NOT regexp_full_match({value}, {quote_text(HARMLESS)}))"


class Texts:
    """Finds the values of text columns that are not kept as they are.

    Args:
        names: columns of the source, which may also be parameters of an address.
        tokens: write personal values; None when nothing is personal.
        scrubber: cleans texts; None = only parameters change.
    """

    def __init__(self, names: Names, tokens: Tokens | None, scrubber: Scrubber | None) -> None:
        self._names = names
        self._tokens = tokens
        self._scrubber = scrubber
        self._pattern = names.parameter_pattern()
        keys = "|".join(re.escape(name) for name in sorted({*names.kinds, *names.dropped}))
        self._parameter = re.compile(rf"(?i)([?&;#])({keys})=([^&;#\s]*)") if keys else None

    def find_changes(self, engine: Engine, rows: str) -> list[str]:
        """Write `changed_texts` (column_name, given_value, kept_value); return the columns that are in it.

        Args:
            engine: takes the table.
            rows: name of the view of landed rows.
        """
        empty = {name: pa.array([], pa.string()) for name in ("column_name", "given_value", "kept_value")}
        engine.load("changed_texts", pa.table(empty))
        return [column for column in TEXT_COLUMNS if self._find_in(engine, rows, column)]

    def _find_in(self, engine: Engine, rows: str, column: str) -> bool:
        tests = [f"regexp_matches({column}, {quote_text(self._pattern)})"] if self._pattern else []
        if self._scrubber is not None:
            tests += (
                ["TRUE"]
                if column == "raw"
                else [mail_sql(column), number_sql(column, has_region=self._scrubber.has_region)]
            )
        if not tests:
            return False
        is_changed = False
        select = f"SELECT DISTINCT {column} FROM {rows} WHERE {column} IS NOT NULL AND ({' OR '.join(tests)})"
        with engine.cursor() as reader:
            for given in reader.batches(select, _BATCH):
                kept = [self._protect(column, value) for value in given]
                changes = [(one, other) for one, other in zip(given, kept, strict=True) if one != other]
                is_changed |= bool(changes)
                _append(engine, column, changes)
        return is_changed

    def _protect(self, column: str, given: str) -> str:
        text = given
        if self._parameter is not None:
            text = self._parameter.sub(self._replace_parameter, text)
        if self._scrubber is not None:
            text = self._scrubber.scrub_raw(text) if column == "raw" else self._scrubber.scrub(text)
        if text == given or column not in _KEYS or self._tokens is None:
            return text
        return self._tokens.write(given, TEXT.format)

    def _replace_parameter(self, match: re.Match[str]) -> str:
        name, value = match[2].casefold(), unquote_plus(match[3])
        if name in self._names.dropped or self._tokens is None:
            return f"{match[1]}{match[2]}="
        kind = self._names.kinds.get(name) or (self._tokens.email if "@" in value else TEXT)
        return f"{match[1]}{match[2]}={self._tokens.protect(kind, value)}" if value else match[0]


def _append(engine: Engine, column: str, changes: list[tuple[str, str]]) -> None:
    if not changes:
        return
    given, kept = zip(*changes, strict=True)
    names = pa.array([column] * len(changes), pa.string())
    found = {
        "column_name": names,
        "given_value": pa.array(given, pa.string()),
        "kept_value": pa.array(kept, pa.string()),
    }
    engine.load("more_texts", pa.table(found))
    engine.run("INSERT INTO changed_texts SELECT * FROM more_texts")
    engine.run("DROP TABLE more_texts")
