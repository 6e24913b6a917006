"""`[[stage]]`, `[[touchpoint]]`, `[[goal]]`, `[[funnel]]` and `[channels]`: what the events mean to the company."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from journeys.config.fields import (
    Duration,
    LineText,
    Name,
    OpenName,
    Part,
    SqlText,
    fault,
    loaded,
)
from journeys.config.funnel_limits import FunnelShape, find_shape_fault
from journeys.config.match import Match
from journeys.units import LONGEST_DAYS, duration_us

_MOST_TOUCHES = 1_000_000
STEP_FORMS = 'a name, a list of names (any of them) or conditions such as { event = "page_view" }'


class Stage(Part):
    """A phase of the journey; the order of stages is their order in the file."""

    name: OpenName = Field(description="unique name of the stage")
    absent_days: int | None = Field(
        default=None,
        ge=1,
        le=LONGEST_DAYS,
        description="days without activity that put a person here; none = touchpoints do",
    )
    expected: tuple[int, int] | None = Field(
        default=None,
        description="[fewest, most] touches that the journey is designed for here; none = what converters needed",
    )

    @field_validator("expected", mode="before")
    @classmethod
    def _read_expected(cls, given: Any) -> Any:
        if given is None:
            return given
        is_pair = isinstance(given, list | tuple) and len(given) == 2
        if not is_pair or not all(type(each) is int and 0 <= each <= _MOST_TOUCHES for each in given):
            raise fault("not a range of touches", "two whole numbers, [fewest, most], such as [2, 5]")
        if given[0] > given[1]:
            raise fault("the first number is larger than the second", "[fewest, most], such as [2, 5]")
        return tuple(given)


class _EventRule(Part):
    name: OpenName = Field(description="unique name")
    match: Match | None = Field(
        default=None, description="conditions on columns; a text is read as `sql`; exactly one of match and sql"
    )
    sql: SqlText | None = Field(default=None, description="SQL predicate over the events; exactly one of match and sql")

    @model_validator(mode="before")
    @classmethod
    def _read_text_as_sql(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(match := given.get("match"), str) and match.strip():
            return {"sql": match, **{key: value for key, value in given.items() if key != "match"}}
        return given

    @field_validator("match", mode="before")
    @classmethod
    def _read_conditions(cls, given: Any) -> Any:
        if given is None or isinstance(given, Match):
            return given
        if not isinstance(given, dict):
            raise fault("not a condition", "{ column = value } or a SQL predicate in quotes")
        return Match.parse(given)

    @model_validator(mode="after")
    def _need_one_condition(self) -> Self:
        if (self.match is None) == (self.sql is None):
            raise fault("not exactly one condition", "exactly one of match and sql")
        return self


class TouchpointRule(_EventRule):
    """Which events are contacts of one name; of several rules the first that matches counts."""

    channel: LineText | None = Field(
        default=None, description="channel of the contact; none = the channel rules decide"
    )
    stage: LineText | None = Field(default=None, description="name of a [[stage]]; none = the contact is in no stage")
    index: int = loaded(1, "place of the rule in the file, from 1")
    is_suggested: bool = loaded(False, "a preset suggests it; it may match nothing")


class Goal(_EventRule):
    """Which events are a conversion."""

    stage: LineText | None = Field(
        default=None, description="name of a [[stage]] of goals that no touchpoint rule names; none = in no stage"
    )
    value: LineText = Field(default="value_amount", description="column whose number is the goal's money")


class ChannelRule(Part):
    """A channel of the company's own; all given patterns must hold, `*` is a wildcard."""

    name: Name = Field(description="name of the channel")
    source: LineText | None = Field(default=None, description="pattern of the traffic source (utm_source); none = any")
    medium: LineText | None = Field(default=None, description="pattern of the medium (utm_medium); none = any")
    campaign: LineText | None = Field(default=None, description="pattern of the campaign (utm_campaign); none = any")
    referrer: LineText | None = Field(default=None, description="pattern of the referring address; none = any")


class ChannelSettings(Part):
    """How contacts get a channel when their touchpoint rule names none."""

    model_config = ConfigDict(populate_by_name=True)

    preset: Literal["ga4"] = Field(default="ga4", description="rules tried last: GA4's default channel grouping")
    sites: dict[str, Literal["search", "social", "video", "shopping", "none"]] = Field(
        default_factory=dict, description="what sites are that our list does not know, or knows wrong"
    )
    rules: tuple[ChannelRule, ...] = Field(
        default=(), validation_alias="rule", description="own rules, tried first, in order"
    )

    @field_validator("sites", mode="before")
    @classmethod
    def _read_sites(cls, given: Any) -> Any:
        return {site.strip().lower(): kind for site, kind in given.items()} if isinstance(given, dict) else given


class Exclude(Part):
    """An event that must not stand between two steps of a funnel."""

    match: str | Match | tuple[str, ...] = Field(description=STEP_FORMS)
    after: int = Field(ge=1, description="step_index before it")
    before: int = Field(ge=2, description="step_index after it")

    @field_validator("match", mode="before")
    @classmethod
    def _read_excluded(cls, given: Any) -> Any:
        return read_step(given)


class FunnelSettings(Part):
    """A named funnel that every refresh computes."""

    name: Name = Field(description="unique name of the funnel")
    steps: tuple[str | Match | tuple[str, ...], ...] = Field(description=f"at least one step, each {STEP_FORMS}")
    window: Duration | None = Field(
        default=None, description="longest time from step 1 to the last, end included; none = no limit"
    )
    order: Literal["ordered", "strict", "any"] = Field(
        default="ordered",
        description="ordered: other events may stand between the steps; strict: directly next; any: whatever order",
    )
    entry: Literal["best", "first", "each"] = Field(
        default="best",
        description="best: the deepest chain over all entries; first: only the first entry; each: attempts are counted",
    )
    ties: Literal["together", "increasing"] = Field(
        default="together",
        description="together: events of one time may satisfy steps in funnel order; increasing: strictly later only",
    )
    unit: Literal["person", "session", "account"] = Field(default="person", description="what is counted")
    hold: str | None = Field(default=None, min_length=1, description="column with the same value at every step")
    optional: tuple[str, ...] = Field(default=(), description="names of steps that the funnel goes on without")
    within: dict[str, Duration] = Field(
        default={}, description="longest time since the step before, end included, by the step's name"
    )
    exclude: tuple[Exclude, ...] = Field(
        default=(), description="events that must not stand between two steps: { match, after, before }"
    )

    @field_validator("steps", mode="before")
    @classmethod
    def _read_steps(cls, given: Any) -> Any:
        if not isinstance(given, list | tuple) or not given:
            raise fault("not a list of steps", f"at least one step, each {STEP_FORMS}")
        return tuple(read_step(step) for step in given)

    @field_validator("optional", "exclude", mode="before")
    @classmethod
    def _read_lists(cls, given: Any) -> Any:
        return tuple(given) if isinstance(given, list) else given

    @model_validator(mode="after")
    def _check_step_names(self) -> Self:
        named = [" or ".join(each) if isinstance(each, tuple) else each for each in self.steps]
        known = [each for each in named if isinstance(each, str)]
        for name in (*self.optional, *self.within):
            if name not in known:
                raise fault(f"{name!r} is no step of the funnel", ", ".join(known))
        for each in self.exclude:
            if not each.after < each.before <= len(self.steps):
                raise fault("an exclusion does not stand between two steps", "after < before <= number of steps")
        is_optional = tuple(name in self.optional for name in named)
        shape = FunnelShape(self.order, self.entry, is_optional, bool(self.within), bool(self.exclude))
        if found := find_shape_fault(shape):
            raise fault(found.what, found.allowed)
        return self

    @property
    def window_us(self) -> int | None:
        """`window` in microseconds; None is no limit."""
        return None if self.window is None else duration_us(self.window, name="window")


def read_step(step: object) -> str | Match | tuple[str, ...]:
    """Read what a step matches: a name, a list of names or a table of conditions.

    Raises:
        PydanticCustomError: it is none of these.
    """
    if isinstance(step, Match):
        return step
    if isinstance(step, str) and step.strip():
        return step
    if isinstance(step, dict):
        return Match.parse(step)
    if isinstance(step, list | tuple) and step and all(isinstance(name, str) and name.strip() for name in step):
        return tuple(step)
    raise fault("not a step", STEP_FORMS)
