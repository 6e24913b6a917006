"""Mapped columns -> landed rows: nothing is judged here, values are only read, trimmed and set to null with a note."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeys.errors import SourceError
from journeys.schema import BLOCKED_IDENTIFIERS, LANDED_COLUMNS
from journeys.sources.mapping import Cells, join_key, list_maps, read_text
from journeys.sources.times import INTEGER_TYPES, time_us_sql
from journeys.warehouse import quote_text

if TYPE_CHECKING:
    from journeys.config import Project, Source

_UTM_OF = {"traffic_source": "utm_source", "medium": "utm_medium", "campaign": "utm_campaign"}
# Parameters that platforms add by themselves to the address of an advertisement, with what a tag would have said.
# Facebook adds its own to every link, so that it tells no advertisement.
CLICK_IDS = {
    "gclid": ("google", "cpc"),
    "gbraid": ("google", "cpc"),
    "wbraid": ("google", "cpc"),
    "dclid": ("dfa", "cpm"),
    "msclkid": ("bing", "cpc"),
    "yclid": ("yandex", "cpc"),
    "ttclid": ("tiktok", "cpc"),
    "twclid": ("twitter", "cpc"),
    "li_fat_id": ("linkedin", "cpc"),
    "fbclid": ("facebook", "referral"),
}
# The part of the address that holds them, each parameter after a '&'.
_HAS_CLICK_ID = "contains(v_url, 'id=') AND regexp_matches(v_url, '(clk?id|braid|fat_id)=')"
_HAS_QUERY = f"contains(v_url, 'utm_') OR {_HAS_CLICK_ID}"
_QUERY = f"CASE WHEN {_HAS_QUERY} THEN replace(split_part(v_url, '#', 1), '?', '&') END"
_CLICK_ID = f"regexp_extract(_query, '&({'|'.join(CLICK_IDS)})=[^&]', 1)"
# Keys of rows and visits: '0' and '-1' are fair numbers there, words that mean 'nothing' are not.
_KEYS = ("event_id", "session_id")
_NUMBER_WORDS = ("0", "-1")


@dataclass(frozen=True)
class Landing:
    """What every landed row of one pull has in common."""

    source: Source
    project: Project
    loaded_at_us: int

    @property
    def timezone(self) -> str:
        """The zone of the source's times without one."""
        return self.source.timezone or self.project.timezone


def land_sql(landing: Landing, cells: Cells) -> str:
    """Write the SELECT that turns `cells` into rows of schema.LANDED_COLUMNS, in that order."""
    named = _name_sql_inputs(landing.source, cells)
    values = (
        f"SELECT _file, _line, _unreadable, _raw, _properties, {', '.join(_read_values(landing, cells))} FROM ({named})"
    )
    queried = f"SELECT *, {', '.join(_find_campaign())} FROM (SELECT *, {_QUERY} AS _query FROM ({values}))"
    numbered = f"SELECT *, {', '.join(_read_numbers())} FROM ({queried})"
    checked = f"SELECT *, {', '.join(_check_values(landing))} FROM ({numbered})"
    final = ", ".join(f"{sql} AS {name}" for name, sql in _final_columns(landing).items())
    return f"SELECT {final} FROM ({checked})"


def _name_sql_inputs(source: Source, cells: Cells) -> str:
    """Evaluate `sql` mappings over the source's own names; a value that makes one fail is null."""
    expressions = {name: column.sql for name, column in list_maps(source).items() if column.sql is not None}
    if not expressions:
        return cells.sql
    inputs = ", ".join(
        f"_c{place} AS " + '"' + name.replace('"', '""') + '"' for place, name in enumerate(cells.columns)
    )
    named = f"SELECT * , {inputs} FROM ({cells.sql})" if inputs else cells.sql
    results = ", ".join(
        f"CASE WHEN _unreadable IS NULL THEN TRY(({sql}\n)) END AS _sql_{name}" for name, sql in expressions.items()
    )
    return f"SELECT *, {results} FROM ({named})"


def _read_values(landing: Landing, cells: Cells) -> list[str]:
    """One `v_<name>` text per canonical column and identifier, and the times and numbers that are read by type."""
    source = landing.source
    maps = list_maps(source)
    columns = []
    for name in dict.fromkeys((*_mapped_names(), *maps)):
        column = maps.get(name)
        if column is None:
            columns.append(f"CAST(NULL AS VARCHAR) AS v_{name}")
            continue
        if column.columns is not None:
            parts = [cells.columns.index(part) for part in column.columns]
            texts = [read_text(f"_c{part}", cells.types[part]) for part in parts]
            columns.append(f"{join_key([_drop_blocked(text) for text in texts])} AS v_{name}")
            columns.append(f"coalesce({', '.join(texts)}) AS v_device_part")
            continue
        if column.sql is not None:
            sql, kind = f"CAST(_sql_{name} AS VARCHAR)", "VARCHAR"
        elif column.value is not None:
            # An unreadable row has no values, not even constant ones.
            sql, kind = f"CASE WHEN _unreadable IS NULL THEN {quote_text(column.value)} END", "VARCHAR"
        else:
            place = cells.columns.index(column.column)
            sql, kind = f"_c{place}", cells.types[place]
        columns.append(f"{read_text(sql, kind)} AS v_{name}")
        if name in ("occurred_at", "received_at"):
            columns.append(f"{_read_time(landing, sql, kind)} AS {name}_us")
    if "received_at" not in source.columns:
        columns.append("CAST(NULL AS BIGINT) AS received_at_us")
    if "occurred_at" not in source.columns:
        columns.append("CAST(NULL AS BIGINT) AS occurred_at_us")
    return columns


def _mapped_names() -> list[str]:
    named = {"occurred_at_text": "occurred_at", "received_at_us": "received_at", "source_session_id": "session_id"}
    names = [named.get(column.name, column.name) for column in LANDED_COLUMNS]
    start, end = names.index("event_id"), names.index("currency")
    unmapped = ("occurred_at_us", "device_is_composite", "identifiers")
    return [name for name in names[start : end + 1] if name not in unmapped]


def _read_time(landing: Landing, sql: str, kind: str) -> str:
    source = landing.source
    numeric = kind in INTEGER_TYPES or kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL")
    if numeric and not source.unit:
        raise SourceError(
            "time-unit",
            f"source {source.name!r}: the time column holds numbers",
            found=f"column type {kind}",
            allowed='a time, or numbers with unit = "s", "ms" or "us"',
            do="write `unit` in the [[source]]",
        )
    time_format = "" if numeric else source.time_format or ""
    return time_us_sql(sql, timezone=landing.timezone, unit=source.unit, time_format=time_format, column_type=kind)


def _drop_blocked(text: str) -> str:
    return f"CASE WHEN lower({text}) IN {_write_list(BLOCKED_IDENTIFIERS)} THEN NULL ELSE {text} END"


def _write_list(texts: tuple[str, ...]) -> str:
    return "(" + ", ".join(quote_text(text) for text in texts) + ")"


def _read_numbers() -> list[str]:
    return [
        "TRY_CAST(v_value_amount AS DOUBLE) AS read_amount",
        "TRY_CAST(v_sequence AS DECIMAL(38,6)) AS n_sequence",
    ]


def _check_values(landing: Landing) -> list[str]:
    """Truth values for what is set to null (`b_<name>`), the amount, and the URL's campaign values."""
    words = tuple(word for word in BLOCKED_IDENTIFIERS if word not in _NUMBER_WORDS)
    columns = [f"lower(v_{name}) IN {_write_list(words)} AS b_{name}" for name in _KEYS]
    columns.append("CASE WHEN isfinite(read_amount) THEN read_amount END AS n_value_amount")
    return columns + [f"{_fall_back(landing.source, name)} AS u_{name}" for name in _UTM_OF]


def _fall_back(source: Source, name: str) -> str:
    """A campaign value as mapped; where nothing mapped has a value the URL's, and without any its click id's."""
    mapped = [f"v_{each}" for each in _UTM_OF if each in source.columns]
    own, tag = f"v_{name}", _decode(f"q_{name}")
    is_tagged = " OR ".join(f"q_{each} <> ''" for each in _UTM_OF)
    found = f"WHEN {is_tagged} THEN {tag} ELSE {_read_click_id(name)} END"
    if not mapped:
        return f"CASE {found}"
    return f"CASE WHEN coalesce({', '.join(mapped)}) IS NOT NULL THEN {own if own in mapped else tag} {found}"


def _read_click_id(name: str) -> str:
    """What a click id says of a campaign value: source and medium, never the campaign."""
    if name == "campaign":
        return "NULL"
    place = list(_UTM_OF).index(name)
    cases = [f"WHEN {quote_text(click_id)} THEN {quote_text(said[place])}" for click_id, said in CLICK_IDS.items()]
    return f"CASE click_id {' '.join(cases)} END"


def _find_campaign() -> list[str]:
    """The campaign values of the URL's query as they stand there."""
    columns = []
    for name, parameter in _UTM_OF.items():
        found = f"split_part(split_part(_query, '&{parameter}=', 2), '&', 1)"
        sought = f"CASE WHEN contains(_query, '&{parameter}=') THEN {found} END"
        columns.append(f"{sought} AS q_{name}")
    return [*columns, f"{_CLICK_ID} AS click_id"]


def _decode(sql: str) -> str:
    """Percent-decode; '+' is a blank, and what cannot be decoded stays as it is."""
    decoded = f"list_transform([replace({sql}, '+', ' ')], lambda q: trim(coalesce(TRY(url_decode(q)), q)))[1]"
    return (
        f"CASE WHEN contains({sql}, '%') OR contains({sql}, '+') THEN nullif({decoded}, '') ELSE nullif({sql}, '') END"
    )


def _is_composite(source: Source) -> bool:
    device = source.columns.get("device_id")
    return device is not None and device.columns is not None


def _final_columns(landing: Landing) -> dict[str, str]:
    source = landing.source
    constants = {
        "source": quote_text(source.name),
        "source_index": str(source.index),
        "device_is_composite": "true" if _is_composite(source) else "false",
        "is_event": "true" if source.has_events else "false",
        "is_interaction": _tell_interaction(source),
        "drop_repeats": "true" if source.drop_repeats else "false",
        "earliest_us": str(source.earliest_us),
        "loaded_at_us": str(landing.loaded_at_us),
    }
    rows = {
        "file": "CAST(_file AS VARCHAR)",
        "reading": "1",
        "line": "_line",
        "unreadable": "_unreadable",
        "raw": "_raw",
        "properties": "CASE WHEN _unreadable IS NULL THEN _properties END",
    }
    values = {column.name: f"v_{column.name}" for column in LANDED_COLUMNS if column.name not in constants | rows}
    values |= {name: f"u_{name}" for name in _UTM_OF} | {name: f"n_{name}" for name in ("value_amount", "sequence")}
    values |= {
        "event_id": "CASE WHEN b_event_id THEN NULL ELSE v_event_id END",
        "identifiers": _write_identifiers(source),
        "occurred_at_text": "v_occurred_at",
        "occurred_at_us": "occurred_at_us",
        "received_at_us": "received_at_us",
        "source_session_id": "CASE WHEN b_session_id THEN NULL ELSE v_session_id END",
        "note": _write_note(source),
        "local_date": _read_date(landing.project.timezone),
    }
    ready = constants | rows | values
    return {column.name: f"CAST({ready[column.name]} AS {column.type})" for column in LANDED_COLUMNS}


def _tell_interaction(source: Source) -> str:
    """Each row's own truth value where one is mapped; `interaction = false` holds for all rows."""
    default = "true" if source.is_interaction else "false"
    is_told = "is_interaction" in source.columns and source.interaction is not False
    return f"coalesce(TRY_CAST(v_is_interaction AS BOOLEAN), {default})" if is_told else default


def _write_identifiers(source: Source) -> str:
    """A JSON object of the further identifiers that the row has."""
    members = [
        f"{quote_text(json.dumps(kind) + ':')} || to_json(v_identifier_{place})"
        for place, kind in enumerate(sorted(source.identifiers), 1)
    ]
    return f"'{{' || nullif(concat_ws(',', {', '.join(members)}), '') || '}}'" if members else "NULL"


def _write_note(source: Source) -> str:
    found = {f"blocked {name}": f"b_{name}" for name in _KEYS}
    if _is_composite(source):
        # Only here are the parts known of which none was of use; other identifiers are judged later.
        found = {"blocked device_id": "v_device_id IS NULL AND v_device_part IS NOT NULL", **found}
    for name in ("value_amount", "sequence"):
        found[f"unreadable {name}"] = f"n_{name} IS NULL AND v_{name} IS NOT NULL"
    texts = [f"CASE WHEN {sql} THEN {quote_text(text)} END" for text, sql in found.items()]
    # Asked first, for nearly no row has a note.
    is_any = " OR ".join(f"({sql})" for sql in found.values())
    return f"CASE WHEN {is_any} THEN concat_ws('; ', {', '.join(texts)}) END"


def _read_date(timezone: str) -> str:
    if timezone == "UTC":
        return "CAST(TRY(make_timestamp(occurred_at_us)) AS DATE)"
    return f"CAST(timezone({quote_text(timezone)}, TRY(make_timestamptz(occurred_at_us))) AS DATE)"
