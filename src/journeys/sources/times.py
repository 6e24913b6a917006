"""Times of any usual shape as microseconds since 1970 UTC, written as one DuckDB expression."""

from __future__ import annotations

from journeys.sources.trim import trim_text
from journeys.warehouse import quote_text

US_OF_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}
INTEGER_TYPES = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
)
_FIRST_US = -62_135_596_800_000_000
_LAST_US = 253_402_300_799_999_999
_DAY_US = 86_400_000_000
_CLOCK = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d*)?)?"
_OFFSET = r"[+-](?:0\d|1[0-5])(?::?[0-5]\d)?"
_LOCAL_SHAPE = rf"(?:{_CLOCK}|\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}})"
_ZONED_SHAPE = rf"{_CLOCK}(?:Z|{_OFFSET}| ?UTC| ?GMT| [A-Za-z_]+/[A-Za-z_/+\-0-9]+)"
_ODD_SHAPE = (
    r"^(\d{4})-?(\d{2})-?(\d{2})[Tt ](\d{2})(?::?(\d{2}))?(?::?(\d{2}))?(?:[.,](\d+))?"
    rf" *([Zz]|UTC|GMT|utc|gmt|{_OFFSET})?$"
)
_NUMBER_SHAPE = r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?"


def time_us_sql(
    column_sql: str, *, timezone: str, unit: str = "", time_format: str = "", column_type: str = "VARCHAR"
) -> str:
    """Write the DuckDB expression that reads a column as BIGINT microseconds since 1970 UTC.

    Read are ISO 8601 times with or without zone, 'T' or blank between date and time, dates alone (midnight), access
    log times ('17/May/2015:10:05:03 +0000'), and numbers when `unit` is given. What is finer than a microsecond is cut
    off. Without a zone the time is in `timezone`; a local time that a clock change makes happen twice is the earlier of
    the two, one that it skips is read with the offset in force before the change (zoneinfo's `fold=0`). Everything
    else, and years outside 0001 to 9999, is null; no value makes the expression fail.

    Args:
        column_sql: the column, of any type; it is repeated in the expression, so a plain column reference is best.
        timezone: IANA name, for times without a zone.
        unit: 's', 'ms' or 'us' for numbers (also as text); '' makes numbers null.
        time_format: strptime format; when given, text is read by it alone.
        column_type: the column's DuckDB type; known time types are read without going through text.
    """
    kind = column_type.upper()
    # A cast from nanoseconds rounds; the difference to the next lower microsecond is taken off instead.
    cut = f"(epoch_ns({column_sql}) - ((epoch_ns({column_sql}) % 1000) + 1000) % 1000) // 1000"
    if kind == "TIMESTAMPTZ_NS":
        parsed = cut
    elif kind.startswith(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")):
        parsed = f"epoch_us({column_sql})"
    elif kind == "TIMESTAMP_NS":
        parsed = _local_us(f"make_timestamp({cut})", timezone)
    elif kind.startswith("TIMESTAMP") or kind == "DATE":
        parsed = _local_us(f"TRY_CAST({column_sql} AS TIMESTAMP)", timezone)
    else:
        parsed = _text_us(trim_text(f"CAST({column_sql} AS VARCHAR)"), timezone, unit, time_format)
    return f"list_filter([TRY({parsed})], lambda us: us BETWEEN {_FIRST_US} AND {_LAST_US})[1]"


def _text_us(text: str, timezone: str, unit: str, time_format: str) -> str:
    branches = []
    if unit:
        number = f"CAST(floor(TRY_CAST({text} AS DECIMAL(28, 9)) * {US_OF_UNIT[unit]}::DECIMAL(7, 0)) AS BIGINT)"
        branches.append(f"WHEN regexp_full_match({text}, {quote_text(_NUMBER_SHAPE)}) THEN {number}")
    if time_format:
        own = _format_us(text, timezone, time_format)
        return f"CASE {branches[0]} ELSE {own} END" if branches else own
    local = _local_us(f"TRY_CAST({text} AS TIMESTAMP)", timezone)
    # The two commonest shapes first, told by LIKE, which is much faster than an expression; the cast checks the digits.
    branches += [
        f"WHEN {text} LIKE '____-__-__T__:__:__%Z' THEN epoch_us(TRY_CAST({text} AS TIMESTAMPTZ))",
        f"WHEN {text} LIKE '____-__-__ __:__:__' THEN {local}",
        f"WHEN regexp_full_match({text}, {quote_text(_LOCAL_SHAPE)}) THEN {local}",
        f"WHEN regexp_full_match({text}, {quote_text(_ZONED_SHAPE)}) THEN epoch_us(TRY_CAST({text} AS TIMESTAMPTZ))",
        f"WHEN {text} LIKE '__/___/____:%' THEN epoch_us(try_strptime({text}, '%d/%b/%Y:%H:%M:%S %z'))",
    ]
    return f"CASE {' '.join(branches)} ELSE {_odd_us(text, timezone)} END"


def _format_us(text: str, timezone: str, time_format: str) -> str:
    parsed = f"try_strptime({text}, {quote_text(time_format)})"
    if "%z" in time_format or "%Z" in time_format:
        return f"epoch_us({parsed})"
    return _local_us(f"CAST({parsed} AS TIMESTAMP)", timezone)


def _odd_us(text: str, timezone: str) -> str:
    """Less usual ISO shapes: compact, decimal comma, hours only, small 'z', a blank before the zone."""
    parts = f"regexp_extract({text}, {quote_text(_ODD_SHAPE)}, ['y', 'm', 'd', 'h', 'i', 's', 'f', 'z'])"
    clock = (
        "p.y || '-' || p.m || '-' || p.d || ' ' || p.h || ':' || if(p.i = '', '00', p.i) || ':' || "
        "if(p.s = '', '00', p.s) || if(p.f = '', '', '.' || p.f)"
    )
    zoned = f"TRY_CAST({clock} || if(p.z[1] IN ('+', '-'), p.z, 'Z') AS TIMESTAMPTZ)"
    local = _local_us(f"TRY_CAST({clock} AS TIMESTAMP)", timezone)
    choice = f"CASE WHEN p.y = '' THEN NULL WHEN p.z = '' THEN {local} ELSE epoch_us({zoned}) END"
    return f"list_transform([{parts}], lambda p: {choice})[1]"


def _local_us(timestamp: str, timezone: str) -> str:
    if timezone == "UTC":
        return f"epoch_us({timestamp})"
    zone = quote_text(timezone)
    # ICU takes the later of two possible instants; the offset of the day before gives the earlier one, if it is one.
    later = f"epoch_us(timezone({zone}, t))"
    offset = f"(epoch_us(timezone({zone}, make_timestamptz({later} - {_DAY_US}))) - ({later} - {_DAY_US}))"
    earlier = f"(epoch_us(t) - {offset})"
    is_instant = f"epoch_us(timezone({zone}, make_timestamptz({earlier}))) = epoch_us(t)"
    return f"list_transform([{timestamp}], lambda t: CASE WHEN {is_instant} THEN {earlier} ELSE {later} END)[1]"
