"""The one SELECT that protects landed rows, and what it needs to know of their source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeys.privacy.consent import anonymous_sql
from journeys.privacy.names import IDENTIFIER_COLUMNS, Names, find_names, list_read
from journeys.privacy.scrub import Scrubber
from journeys.privacy.texts import TEXT_COLUMNS, Texts, mail_sql, number_sql
from journeys.privacy.token import IS_TOKEN, Tokens, token_sql
from journeys.schema import LANDED_COLUMNS
from journeys.warehouse import quote_text

if TYPE_CHECKING:
    from journeys.config import Identity, Settings, Source

WITHHELD = "(withheld: [privacy] names columns, and an unreadable row has none)"
_NEVER_WHOLE = ("occurred_at_text", "unreadable", "raw")


@dataclass(frozen=True)
class RowPlan:
    """What is done to the rows of one source.

    Attributes:
        source: whose rows.
        settings: what is personal.
        tokens: write personal values; None when nothing is.
        scrubber: cleans texts; None = they stay.
        names: personal and dropped columns.
        anonymous_names: those of rows without consent.
        texts: finds the values of text columns that change.
        kinds: kinds of identifiers whose values are looked at.
    """

    source: Source
    settings: Settings
    tokens: Tokens | None
    scrubber: Scrubber | None
    names: Names
    anonymous_names: Names
    texts: Texts
    kinds: tuple[str, ...]

    @property
    def is_anonymising(self) -> bool:
        """Whether rows of this source may have to be anonymised."""
        consent = self.settings.privacy.consent
        is_asked = consent is not None and consent.find_match(self.source.name) is not None
        return is_asked and consent is not None and consent.without == "anonymise"

    @property
    def identity(self) -> Identity:
        """The settings of identity with only the kinds that are looked at."""
        identity = self.settings.identity
        kinds = tuple(kind for kind in identity.kinds if kind.name in self.kinds)
        return identity.model_copy(update={"kinds": kinds})

    @property
    def is_raw_withheld(self) -> bool:
        """Whether the text of unreadable rows may hold what only a column's name tells."""
        privacy = self.settings.privacy
        named = privacy.personal_columns or privacy.drop_columns or privacy.personal
        formats = {self.settings.identity.kind(kind).format for kind in privacy.personal}
        is_found = privacy.scrub and not (privacy.personal_columns or privacy.drop_columns or "text" in formats)
        return bool(named) and not is_found

    def given_sql(self, rows: str) -> str:
        """Write the SELECT of further identifiers (identifier_kind, given_value), as repairs are found from."""
        kinds = [kind for kind in self.kinds if kind not in IDENTIFIER_COLUMNS]
        if not kinds:
            return "SELECT '' AS identifier_kind, '' AS given_value LIMIT 0"
        names = ", ".join(map(quote_text, kinds))
        values = ", ".join(given_value(kind) for kind in kinds)
        listed = f"SELECT unnest([{names}]) AS identifier_kind, unnest([{values}]) AS given_value FROM {rows}"
        return f"SELECT * FROM ({listed}) WHERE given_value IS NOT NULL"


def plan_rows(source: Source, settings: Settings, tokens: Tokens | None) -> RowPlan:
    """Work out what has to be done to the rows of a source."""
    scrubber = Scrubber(tokens) if tokens is not None and settings.privacy.scrub else None
    names = find_names(source, settings)
    mapped = [name for name in (*IDENTIFIER_COLUMNS, *(kind.name for kind in settings.identity.kinds))
              if name in source.columns or name in source.identifiers]  # fmt: skip
    plan = RowPlan(
        source,
        settings,
        tokens,
        scrubber,
        names,
        find_names(source, settings, is_anonymised=True),
        Texts(names, tokens, scrubber),
        tuple(dict.fromkeys(mapped)),
    )
    if plan.is_anonymising:
        return plan
    personal = tuple(kind for kind in plan.kinds if kind in settings.privacy.personal)
    return RowPlan(**{**vars(plan), "kinds": personal})


def given_value(kind: str) -> str:
    """Write the SQL of a landed row's value of a kind, as given."""
    if kind in IDENTIFIER_COLUMNS:
        return kind
    return f"json_extract_string(identifiers, {quote_text('$.' + json.dumps(kind))})"


def protect_sql(plan: RowPlan, rows: str, *, function: str, changed: list[str]) -> str:
    """Write the SELECT of protected rows.

    Args:
        plan: what is done.
        rows: view of landed rows with `_is_anonymised`; `identifier_repairs` and `changed_texts` stand beside it.
        function: SQL name of `RowRewriter.rewrite`.
        changed: text columns with values in `changed_texts`.
    """
    personal = [kind for kind in plan.kinds if kind in plan.settings.privacy.personal]
    tokens = ["*", *(f"{_token(plan, kind)} AS token_{place}" for place, kind in enumerate(plan.kinds)
                     if kind in personal)]  # fmt: skip
    columns = {column.name: column.name for column in LANDED_COLUMNS}
    columns |= _identifier_columns(plan, personal)
    columns |= {name: f"CASE WHEN text_{name}.given_value IS NULL THEN {name} ELSE text_{name}.kept_value END"
                for name in changed}  # fmt: skip
    columns |= _whole_columns(plan)
    if plan.is_raw_withheld:
        columns["raw"] = f"CASE WHEN raw IS NOT NULL THEN {quote_text(WITHHELD)} END"
    visitor = "NULL"
    if plan.is_anonymising:
        usable = {kind: f"usable_{place}" for place, kind in enumerate(plan.kinds) if kind != "account_id"}
        anonymous = anonymous_sql(usable, columns, f"({token_sql('{value}', 'text')})")
        visitor = f"CASE WHEN _is_anonymised THEN COALESCE({anonymous['device_id']}, '') END"
        columns |= {name: f"CASE WHEN _is_anonymised THEN {sql} ELSE {columns[name]} END"
                    for name, sql in anonymous.items()}  # fmt: skip
    has_token = " OR ".join(f"token_{place} IS DISTINCT FROM given_{place}" for place, kind in enumerate(plan.kinds)
                            if kind in personal)  # fmt: skip
    has_change = " OR ".join(f"text_{name}.given_value IS NOT NULL" for name in changed)
    has_texts = _has_texts(plan)
    flags = f"({has_token or 'FALSE'}), ({has_change or 'FALSE'}), {has_texts}"
    tests = [*filter(None, (has_token, has_change)), has_texts, "_is_anonymised"]
    if pattern := plan.names.pattern():
        tests.append(f"COALESCE(regexp_matches(properties, {quote_text(pattern)}), FALSE)")
    columns["properties"] = (
        f"CASE WHEN {' OR '.join(tests)} THEN {function}(properties, {flags}, {visitor}) ELSE properties END"
    )
    final = ", ".join(f"CAST({columns[column.name]} AS {column.type}) AS {column.name}" for column in LANDED_COLUMNS)
    joins = " ".join(
        f"LEFT JOIN changed_texts AS text_{name} ON text_{name}.column_name = '{name}' "
        f"AND text_{name}.given_value = landed.{name}"
        for name in changed
    )
    inner = f"SELECT {', '.join(tokens)} FROM ({_usable(plan, rows)})"
    return f"SELECT {final} FROM ({inner}) AS landed {joins}"


def _usable(plan: RowPlan, rows: str) -> str:
    """Select the rows with `given_*` and `usable_*`, null where a value never identifies, of each kind looked at."""
    given = ["*", *(f"{given_value(kind)} AS given_{place}" for place, kind in enumerate(plan.kinds))]
    usable, joins = ["landed.*"], []
    for place, kind in enumerate(plan.kinds):
        repair = f"repair_{place}"
        usable.append(
            f"CASE WHEN {repair}.given_value IS NULL THEN given_{place} ELSE {repair}.identifier_value END "
            f"AS usable_{place}"
        )
        is_one = " AND NOT device_is_composite" if kind == "device_id" else ""
        joins.append(
            f"LEFT JOIN identifier_repairs AS {repair} ON {repair}.identifier_kind = {quote_text(kind)} "
            f"AND {repair}.given_value = given_{place}{is_one}"
        )
    return f"SELECT {', '.join(usable)} FROM (SELECT {', '.join(given)} FROM {rows}) AS landed {' '.join(joins)}"


def _token(plan: RowPlan, kind: str) -> str:
    place = plan.kinds.index(kind)
    value = f"usable_{place}"
    is_kept = f"{value} IS NULL OR {IS_TOKEN.format(value=value)}"
    token = token_sql(value, plan.settings.identity.kind(kind).format)
    return f"CASE WHEN {is_kept} THEN given_{place} ELSE {token} END"


def _identifier_columns(plan: RowPlan, personal: list[str]) -> dict[str, str]:
    tokens = {kind: f"token_{plan.kinds.index(kind)}" for kind in personal}
    columns = {kind: token for kind, token in tokens.items() if kind in IDENTIFIER_COLUMNS}
    if set(tokens) & set(plan.source.identifiers):
        members = ", ".join(
            f"{quote_text(json.dumps(kind) + ':')} || to_json({tokens.get(kind, given_value(kind))})"
            for kind in sorted(plan.source.identifiers)
        )
        columns["identifiers"] = f"'{{' || nullif(concat_ws(',', {members}), '') || '}}'"
    return columns


def _whole_columns(plan: RowPlan) -> dict[str, str]:
    """Text columns that read a personal column: their values are personal as a whole."""
    columns = {}
    for name in TEXT_COLUMNS:
        canonical = {"source_session_id": "session_id"}.get(name, name)
        read = {column.casefold() for column in list_read(plan.source, canonical)}
        if name not in _NEVER_WHOLE and read & set(plan.names.kinds):
            columns[name] = f"CASE WHEN {name} IS NOT NULL THEN {token_sql(f'landed.{name}', 'text')} END"
    return columns


def _has_texts(plan: RowPlan) -> str:
    """Write the test whether the JSON of a row could hold something to scrub."""
    if plan.scrubber is None:
        return "FALSE"
    number = number_sql("v", has_region=plan.scrubber.has_region)
    values = f"list_filter(json_extract_string(properties, '$.*'), lambda v: {number})"
    keys = r"""regexp_matches(properties, '"[+(]?[0-9][^"]*"\s*:')"""
    # What stands in a personal column goes by its name, and is no reason to look at the texts.
    signs = " + ".join(["0", *(_count_signs(f"given_{place}") for place in _list_plain(plan))])
    mails = f"({mail_sql('properties', but='@')} OR {_count_signs('properties')} > {signs})"
    return f"COALESCE({mails} OR len({values}) > 0 OR {keys}, FALSE)"


def _list_plain(plan: RowPlan) -> list[int]:
    """Places of the personal kinds whose values stand in a column of their own, each column once."""
    columns: dict[str, int] = {}
    for place, kind in enumerate(plan.kinds):
        mapped = plan.source.columns.get(kind) or plan.source.identifiers.get(kind)
        if kind in plan.settings.privacy.personal and mapped is not None and mapped.column is not None:
            columns.setdefault(mapped.column.casefold(), place)
    return list(columns.values())


def _count_signs(value: str) -> str:
    return f"COALESCE(length({value}) - length(replace({value}, '@', '')), 0)"
