"""`[privacy]`: what is pseudonymised, scrubbed or left out before a row is kept, and whose rows may be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from journeys.config.fields import LineText, Part, fault
from journeys.config.match import Match

DEFAULT_KEY_ENV = "JOURNEYS_PRIVACY_KEY"


def _read_list(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(value)
    raise fault("must be a list", 'a list of texts, such as ["a", "b"]')


_Texts = Annotated[tuple[LineText, ...], BeforeValidator(_read_list)]


def _read_match(given: Any) -> Any:
    if given is None or isinstance(given, Match):
        return given
    if not isinstance(given, Mapping):
        raise fault("not a condition", "{ column = value }, by the source's own column names")
    return Match.parse(given)


class Consent(Part):
    """`[privacy.consent]`: on which rows somebody agreed, and what becomes of the others."""

    match: Annotated[Match | None, BeforeValidator(_read_match)] = Field(
        default=None,
        description="conditions on the source's own columns, of every source that has none of its own; "
        "none = such a source needs no consent",
    )
    sources: dict[str, Match | None] = Field(
        default_factory=dict,
        description="source = its conditions; an empty table = its rows need no consent",
    )
    without: Literal["reject", "anonymise"] = Field(
        default="reject",
        description="reject: the row is kept as a reject without its content; anonymise: its identifiers are taken "
        "away, and the events of one device and day stay together",
    )

    @field_validator("sources", mode="before")
    @classmethod
    def _read_sources(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise fault("must be a table", "source = { column = value }")
        return {name: None if match == {} else _read_match(match) for name, match in given.items()}

    def find_match(self, source: str) -> Match | None:
        """Return the conditions of a source; None when its rows need no consent."""
        return self.sources.get(source, self.match)


class Privacy(Part):
    """`[privacy]`: what of a row is kept only as a keyed token, or not at all."""

    key_env: LineText = Field(
        default=DEFAULT_KEY_ENV, description="name of the environment variable that holds the key of the tokens"
    )
    personal: _Texts = Field(
        default=(), description="kinds of identifiers kept as tokens, such as email, phone, user_id; none = as given"
    )
    personal_columns: _Texts = Field(
        default=(), description="further columns of the sources, by their own names, kept as tokens"
    )
    drop_columns: _Texts = Field(default=(), description="columns of the sources, by their own names, never kept")
    scrub: bool = Field(
        default=False, description="e-mail addresses, telephone and card numbers in texts become tokens"
    )
    consent: Consent | None = Field(default=None, description="[privacy.consent]")

    @property
    def is_used(self) -> bool:
        """Whether any row is changed before it is kept."""
        return self.needs_key or bool(self.drop_columns) or self.consent is not None

    @property
    def needs_key(self) -> bool:
        """Whether anything becomes a token."""
        is_anonymised = self.consent is not None and self.consent.without == "anonymise"
        return bool(self.personal or self.personal_columns) or self.scrub or is_anonymised
