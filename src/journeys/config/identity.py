"""`[identity]` and `[bots]`: how identifiers become persons, and whose visits no person made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from journeys.config.fields import Duration, LineText, Part, fault, find_nearest, loaded
from journeys.schema import IDENTIFIER_KINDS, IdentifierKind
from journeys.units import duration_us

STRENGTHS = {"strong": 3, "medium": 2, "weak": 1}
_PERSON_LIMITS = {3: 3, 2: 5, 1: 50}
_LONGEST_DOMAIN = 253
_DOMAIN = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
REFERENCE_FORM = "KIND:VALUE, such as 'email:anna@acme.example'"
_FEWEST_PAGES = 3


def _refuse_only_user(value: object) -> object:
    if value == "only_user":
        raise fault(
            "removed: device_split does what it did, and shares out a device that several users have",
            "'device_split', 'last_known', 'first_known', 'none'",
            "device_split",
        )
    return value


def _read_list(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(value)
    raise fault("must be a list", 'a list of texts, such as ["a", "b"]')


def _check_region(text: str) -> str:
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    if text and text not in regions:
        near = text.strip().upper()
        nearest = near if near in regions else find_nearest(text, regions, cutoff=0.8)
        raise fault("no known country", "two capital letters, such as 'LV'; '' = none", nearest)
    return text


def _check_domain(text: str) -> str:
    domain = unicodedata.normalize("NFKC", text).casefold()
    if len(domain) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(domain):
        found = _DOMAIN.search(domain.rpartition("@")[2])
        nearest = found[0] if found and len(found[0]) <= _LONGEST_DOMAIN else ""
        raise fault("not a domain", "the part of an address after the @, such as 'mail.example'", nearest)
    return domain


def _check_reference(text: str) -> str:
    kind, colon, value = text.partition(":")
    if not (colon and kind.strip() and value.strip()):
        raise fault("not KIND:VALUE", REFERENCE_FORM)
    return text


def _check_pages(count: int) -> int:
    if 0 < count < _FEWEST_PAGES:
        raise fault("too few to have a pace", f"a whole number from {_FEWEST_PAGES}; 0 = off")
    return count


_Texts = Annotated[tuple[LineText, ...], BeforeValidator(_read_list)]
_Domains = Annotated[tuple[Annotated[LineText, AfterValidator(_check_domain)], ...], BeforeValidator(_read_list)]
_Region = Annotated[str, AfterValidator(_check_region)]
_Reference = Annotated[LineText, AfterValidator(_check_reference)]
_Rule = Annotated[
    Literal["device_split", "last_known", "first_known", "none"],
    BeforeValidator(_refuse_only_user),
]


class KindSettings(Part):
    """`[identity.kinds.NAME]`: what is said of one kind of identifier; what is not said stays as it is."""

    strength: Literal["strong", "medium", "weak"] | None = Field(
        default=None,
        description="strong names one person in a system of the company, medium reaches one, weak is a thing in use",
    )
    person_limit: int | None = Field(
        default=None, ge=1, le=1_000_000, description="most different values of this kind that one person has"
    )
    format: Literal["text", "email", "phone"] | None = Field(
        default=None, description="how its values are made alike; text = as given"
    )


class Override(Part):
    """`[[identity.override]]`: two identifiers that are, or are not, of one person, whatever the logs say."""

    link: Literal["must", "cannot"] = Field(description="must or cannot be one person")
    a: _Reference = Field(description=REFERENCE_FORM)
    b: _Reference = Field(description=REFERENCE_FORM)
    author: LineText = Field(description="who decided")
    reason: LineText = Field(description="why")
    index: int = loaded(1, "place of the override in the file, from 1")

    @property
    def a_kind(self) -> str:
        """Kind of the first identifier."""
        return self.a.partition(":")[0].strip()

    @property
    def a_value(self) -> str:
        """Value of the first identifier, as given."""
        return self.a.partition(":")[2]

    @property
    def b_kind(self) -> str:
        """Kind of the second identifier."""
        return self.b.partition(":")[0].strip()

    @property
    def b_value(self) -> str:
        """Value of the second identifier, as given."""
        return self.b.partition(":")[2]


def merge_kinds(changes: Mapping[str, KindSettings]) -> tuple[IdentifierKind, ...]:
    """Apply what the configuration says of kinds to those of schema.IDENTIFIER_KINDS.

    Returns:
        All kinds, the strongest first, kinds of one strength by name.
    """
    kinds = {kind.name: kind for kind in IDENTIFIER_KINDS}
    for name, change in changes.items():
        known = kinds.get(name)
        strength = STRENGTHS[change.strength] if change.strength else known.strength if known else STRENGTHS["medium"]
        kinds[name] = IdentifierKind(
            name,
            strength,
            change.person_limit or (known.person_limit if known else _PERSON_LIMITS[strength]),
            change.format or (known.format if known else "text"),
            known.meaning if known else "a kind of the configuration's own",
        )
    return tuple(sorted(kinds.values(), key=lambda kind: (-kind.strength, kind.name)))


class Identity(Part):
    """`[identity]`: how identifiers become persons."""

    model_config = ConfigDict(populate_by_name=True)

    rule: _Rule = Field(
        default="device_split",
        description="whose the events of a device are on which nobody is known: device_split = whoever was last known "
        "in the same visit, last_known, first_known = one user of the device, none = nobody's",
    )
    blocked: _Texts = Field(
        default=(),
        description="further values that never identify, in any case; `*` is a wildcard; KIND:VALUE for one kind",
    )
    phone_region: _Region = Field(
        default="", description="country of telephone numbers written without one; '' = they stay digits"
    )
    hub_degree: int = Field(
        default=5, ge=1, le=1_000_000, description="linked to more identifiers of one kind than this: a hub"
    )
    alarm_size: int = Field(
        default=100, ge=2, le=1_000_000_000, description="a person of more identifiers than this is reported"
    )
    account_domains: bool = Field(
        default=True, description="the domain of an e-mail address names an account where no source does"
    )
    free_mail: _Domains = Field(default=(), description="further domains of private mailboxes")
    kinds: tuple[IdentifierKind, ...] = Field(
        default=merge_kinds({}), description="all kinds of identifiers, the strongest first"
    )
    overrides: tuple[Override, ...] = Field(
        default=(), validation_alias="override", description="[[identity.override]], in order of the file"
    )

    def kind(self, name: str) -> IdentifierKind:
        """Look up a kind by its name; `account_id`, which names no person, is text.

        Raises:
            KeyError: no kind has that name.
        """
        if name == "account_id":
            return IdentifierKind(name, 0, 0, "text", "an account")
        return {kind.name: kind for kind in self.kinds}[name]


class Bots(Part):
    """`[bots]`: visits that no person made."""

    user_agents: bool = Field(default=True, description="browsers that call themselves bots are bots")
    most_events: int = Field(
        default=200, ge=0, le=1_000_000_000, description="more events than this inside `within`: a bot; 0 = off"
    )
    within: Duration = Field(default="5m", description="the time of `most_events`, with a unit")
    steady_pages: Annotated[int, AfterValidator(_check_pages)] = Field(
        default=20, ge=0, le=1_000_000, description="so many page changes of one visit at an even pace: a bot; 0 = off"
    )

    @property
    def within_us(self) -> int:
        """`within` in microseconds."""
        return duration_us(self.within, name="within")
