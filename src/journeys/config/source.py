"""`[[source]]`: where events come from and how its columns map to the event schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from journeys.config.fields import (
    Columns,
    Delimiter,
    Duration,
    LineOrNone,
    LineText,
    Moment,
    Name,
    Overlap,
    Part,
    SqlText,
    ZoneOrNone,
    fault,
    find_nearest,
    loaded,
)
from journeys.config.rest import Auth, Paging, Request
from journeys.units import time_us

FORMAT_OF_ENDING = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".log": "combined",
}
# What happened, where a source of answers maps no event.
ANSWER_EVENTS = {"surveys": "survey answer", "tickets": "ticket"}
EVENT_KINDS = ("events", *ANSWER_EVENTS)
_FORMS = 'a column name, { value = "constant" } or { sql = "expression" }; for device_id also a list of columns'


class ColumnMap(Part):
    """Where one canonical column takes its values from; exactly one of the four is set."""

    column: SqlText | None = Field(default=None, description="the source's column of that name")
    columns: tuple[str, ...] | None = Field(
        default=None, description="several columns read as one key (device_id only)"
    )
    value: str | None = Field(default=None, description="the same text for every row")
    sql: SqlText | None = Field(default=None, description="a SQL expression over the source's columns")

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, given: Any) -> Any:
        if isinstance(given, ColumnMap):
            return given
        if isinstance(given, str):
            given = {"column": given}
        elif isinstance(given, list | tuple):
            given = {"columns": tuple(given)}
        elif not isinstance(given, dict):
            raise fault("cannot be mapped", _FORMS)
        for key in given:
            if key not in cls.model_fields:
                raise fault(f"unknown key '{key}'", _FORMS, find_nearest(str(key), cls.model_fields))
        if sum(value is not None for value in given.values()) != 1:
            raise fault("exactly one of column, columns, value and sql is needed", _FORMS)
        if isinstance(given.get("columns"), list):
            given = {"columns": tuple(given["columns"])}
        names = given.get("columns")
        if isinstance(names, tuple) and not (
            names and len(set(map(repr, names))) == len(names) and all(isinstance(n, str) and n.strip() for n in names)
        ):
            raise fault("not a list of columns", "a list of different column names, at least one")
        return given


class Source(Part):
    """One place that events are pulled from, and how to read it."""

    name: Name = Field(description="letters, digits, _ and -; names the landed file, so unique whatever the case")
    kind: Literal["file", "database", "rest"] = Field(description="file, database, or rest: an HTTP API with JSON")
    holds: Literal["events", "contacts", "surveys", "tickets"] = Field(
        default="events",
        description="events; surveys or tickets: events that carry an answer, see [source.answer]; or contacts: an "
        "address book, whose rows say who is who and are no events",
    )
    path: LineText | None = Field(default=None, description="file: path or glob, relative to the configuration")
    url: LineText | None = Field(
        default=None,
        repr=False,
        exclude=True,
        description="database: SQLAlchemy URL; a relative sqlite file is made absolute. rest: its address. A secret",
    )
    table: LineText | None = Field(default=None, description="database: table to read; or `query`")
    query: SqlText | None = Field(default=None, description="database: SELECT to read; or `table`")
    cursor: LineText | None = Field(
        default=None, description="database, rest: column that only grows, for incremental pulls; none = read all"
    )
    overlap: Overlap = Field(
        default=None,
        description="database, rest: how far before the last cursor each pull reads again; none = 1h, "
        "for integers 0 (rest: 1)",
    )
    key: Columns = Field(default=(), description="database, rest: columns that name a row which is updated in place")
    tracks: Columns = Field(default=(), description="database, rest: columns whose change makes such a row an event")
    deleted_event: LineText | None = Field(
        default=None, description="database: event of a row that is gone; none = deletions are ignored"
    )
    connect_timeout: Duration = Field(default="15s", description="database, rest: longest wait for a connection")
    read_timeout: Duration = Field(
        default="10m", description="database: longest wait for the next rows; rest: for a whole page, 1m when not given"
    )
    request: Request | None = Field(default=None, repr=False, exclude=True, description="rest: what is asked")
    auth: Auth | None = Field(default=None, repr=False, exclude=True, description="rest: as whom; none = as nobody")
    paging: Paging | None = Field(default=None, description="rest: how the next page is found; none = one page is all")
    on_drift: Literal["report", "refuse"] = Field(
        default="report", description="what new, gone and retyped columns do: report them, or refuse the pull"
    )
    format: Literal["auto", "jsonl", "csv", "parquet", "combined", "common", "w3c", "regex"] = Field(
        default="auto",
        description="file: auto takes it from the ending (.gz may follow); combined, common, w3c are web server logs",
    )
    pattern: SqlText | None = Field(
        default=None, description="file, format regex: expression with a named group per column"
    )
    delimiter: Delimiter = Field(default=",", description="file, format csv: the one character between values")
    header: Columns = Field(default=(), description="file, format csv: names of the columns; none = the first record")
    quotes: bool = Field(
        default=True, description="file, format csv: values may stand in double quotes; false = a quote is plain text"
    )
    records: LineOrNone = Field(
        default="",
        description="file of JSON, rest: path of the list inside each row whose items are the rows instead, such as "
        "'order.items'; an item then stands in the place of its list, so that 'id' and 'order.items.sku' are columns",
    )
    time_format: LineText | None = Field(default=None, description="strptime format of text times; none = ISO 8601")
    unit: Literal["s", "ms", "us", ""] = Field(
        default="", description="unit of integer times since 1970; '' = integers are an error"
    )
    timezone: ZoneOrNone = Field(default="", description="zone of times without one; '' = the project's")
    earliest: Moment = Field(default="2000-01-01", description="earlier times are impossible and rejected")
    required: bool = Field(default=True, description="the nightly as_of waits for this source; false = it may lag")
    interaction: bool | None = Field(
        default=None,
        description="its events belong to sessions; none = files with device_id or session_id do, all else not",
    )
    drop_repeats: bool = Field(default=False, description="exact repeats without an event_id are duplicates")
    optional_columns: Columns = Field(
        default=(), description="columns of the source that may be missing, and are null then"
    )
    columns: dict[str, ColumnMap] = Field(default_factory=dict, description="canonical name = the source's column")
    identifiers: dict[str, ColumnMap] = Field(
        default_factory=dict, description="further identifiers of the row's person: kind = the source's column"
    )
    answer: dict[str, ColumnMap] = Field(
        default_factory=dict, description="of surveys and tickets: score, scale, text ... = the source's column"
    )
    index: int = loaded(1, "place of the source in the file, from 1")
    written: tuple[tuple[str, str], ...] = loaded((), "texts with ${NAME} as written and the URL without its password")

    @model_validator(mode="before")
    @classmethod
    def _name_answers(cls, given: Any) -> Any:
        """Give the rows of surveys and tickets an event where none is mapped."""
        event = ANSWER_EVENTS.get(str(given.get("holds"))) if isinstance(given, dict) else None
        if event is None or not isinstance(given.get("columns"), dict) or "event" in given["columns"]:
            return given
        return {**given, "columns": {**given["columns"], "event": {"value": event}}}

    @model_validator(mode="before")
    @classmethod
    def _bound_pages(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("kind") == "rest":
            return {"read_timeout": "1m", "request": Request(), **given}
        return given

    @property
    def has_events(self) -> bool:
        """Whether its rows are events; those of an address book are not."""
        return self.holds != "contacts"

    @property
    def is_interaction(self) -> bool:
        """Whether its events belong to sessions, after the default."""
        if self.holds != "events":
            return bool(self.interaction) and self.has_events
        if self.interaction is not None:
            return self.interaction
        return self.kind == "file" and bool({"device_id", "session_id"} & set(self.columns))

    @property
    def earliest_us(self) -> int:
        """`earliest` in the source's zone, as microseconds since 1970 UTC."""
        return time_us(self.earliest, name="earliest", timezone=self.timezone or "UTC")

    @property
    def place(self) -> str:
        """Where the source lies, safe to print: `${NAME}` as written, no password."""
        return dict(self.written).get("url") or dict(self.written).get("path") or self.path or ""

    def __repr_args__(self) -> Any:
        """Print only what can hold no secret."""
        return [("name", self.name), ("kind", self.kind), ("index", self.index)]
