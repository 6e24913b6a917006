"""What [identity], [bots] and sources of identifiers say, read into settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Bots, Identity, KindSettings, Override, Settings, merge_kinds
from journeys.schema import IDENTIFIER_KINDS, IdentifierKind

RULE = 'rule = "device_split"\n'
EVERYTHING = """\
rule = "last_known"
blocked = ["qa-robot", "email:*@test.acme.com", "account_id:0815"]
phone_region = "LV"
hub_degree = 7
alarm_size = 50
account_domains = false
free_mail = ["Mail.Example", "pošta.example"]
[identity.kinds.loyalty_card]
person_limit = 9
[identity.kinds.badge]
strength = "weak"
[[identity.override]]
link = "must"
a = "user_id:u-1"
b = "email:x:y@acme.com"
author = "Anna"
reason = "called her"
[[identity.override]]
link = "cannot"
a = " badge : 12 "
b = "phone:20 000 000"
author = "Jānis"
reason = "two brothers"
[bots]
user_agents = false
most_events = 0
within = "90s"
steady_pages = 3
"""
ADDRESS_BOOK = """\
[[source]]
name = "book"
kind = "database"
holds = "contacts"
url = "sqlite:///data/crm.sqlite"
table = "contacts"
required = true
[source.columns]
occurred_at = "updated_at"
account_id = "company"
[source.identifiers]
badge = "badge"
contact_id = "id"
email = { sql = "lower(mail)" }
phone = { value = "+371 20000000" }
"""


def test_without_a_section_everything_has_its_default(load: Callable[..., Settings]) -> None:
    settings = load((f"[identity]\n{RULE}", ""))
    assert settings.identity == Identity()
    assert (settings.identity.rule, settings.identity.hub_degree, settings.identity.alarm_size) == (
        "device_split",
        5,
        100,
    )
    assert (settings.identity.account_domains, settings.identity.phone_region) == (True, "")
    assert (settings.identity.blocked, settings.identity.free_mail, settings.identity.overrides) == ((), (), ())
    assert settings.bots == Bots()
    assert settings.bots.within_us == 300_000_000
    assert [source.holds for source in settings.sources] == ["events", "events"]
    assert settings.warnings == ()


@pytest.mark.parametrize("rule", ["device_split", "last_known", "first_known", "none"])
def test_every_rule_is_allowed_and_none_is_warned_of(load: Callable[..., Settings], rule: str) -> None:
    settings = load(("device_split", rule))
    assert settings.identity.rule == rule
    assert settings.warnings == ()


def test_everything_that_may_be_said_is_read(load: Callable[..., Settings]) -> None:
    settings = load((RULE, EVERYTHING))
    identity = settings.identity
    assert identity.blocked == ("qa-robot", "email:*@test.acme.com", "account_id:0815")
    assert (identity.rule, identity.phone_region) == ("last_known", "LV")
    assert (identity.hub_degree, identity.alarm_size, identity.account_domains) == (7, 50, False)
    assert identity.free_mail == ("mail.example", "pošta.example")
    assert settings.bots == Bots(user_agents=False, most_events=0, within="90s", steady_pages=3)
    assert settings.bots.within_us == 90_000_000


def test_an_override_knows_its_place_kinds_and_values(load: Callable[..., Settings]) -> None:
    first, second = load((RULE, EVERYTHING)).identity.overrides
    assert (first.index, first.link, first.author, first.reason) == (1, "must", "Anna", "called her")
    assert (first.a_kind, first.a_value, first.b_kind, first.b_value) == ("user_id", "u-1", "email", "x:y@acme.com")
    assert (second.index, second.link) == (2, "cannot")
    assert (second.a_kind, second.a_value.strip(), second.b_value) == ("badge", "12", "20 000 000")


def test_kinds_are_ours_with_what_the_file_changes_the_strongest_first(load: Callable[..., Settings]) -> None:
    kinds = load((RULE, EVERYTHING)).identity.kinds
    assert [(kind.name, kind.strength, kind.person_limit, kind.format) for kind in kinds] == [
        ("contact_id", 3, 3, "text"),
        ("user_id", 3, 1, "text"),
        ("email", 2, 5, "email"),
        ("lead_id", 2, 20, "text"),
        ("loyalty_card", 2, 9, "text"),
        ("phone", 2, 5, "phone"),
        ("badge", 1, 50, "text"),
        ("cookie", 1, 50, "text"),
        ("device_id", 1, 50, "text"),
    ]


def test_a_kind_keeps_what_is_not_said_of_it() -> None:
    changed = {kind.name: kind for kind in merge_kinds({"email": KindSettings(strength="strong")})}
    known = {kind.name: kind for kind in IDENTIFIER_KINDS}
    assert (changed["email"].strength, changed["email"].person_limit, changed["email"].format) == (3, 5, "email")
    assert {name: kind for name, kind in changed.items() if name != "email"} == {
        name: kind for name, kind in known.items() if name != "email"
    }


@pytest.mark.parametrize(("strength", "limit"), [("strong", 3), ("medium", 5), ("weak", 50)])
def test_the_limit_of_a_new_kind_goes_with_its_strength(strength: str, limit: int) -> None:
    change = KindSettings.model_validate({"strength": strength, "format": "phone"})
    (badge,) = (kind for kind in merge_kinds({"badge": change}) if kind.name == "badge")
    assert (badge.person_limit, badge.format) == (limit, "phone")


def test_a_kind_is_looked_up_by_name_and_an_account_is_text() -> None:
    assert Identity().kind("email").format == "email"
    assert Identity().kind("account_id") == IdentifierKind("account_id", 0, 0, "text", "an account")
    with pytest.raises(KeyError):
        Identity().kind("badge")


def test_settings_can_be_made_in_python() -> None:
    link = Override(link="must", a="user_id:1", b="user_id:2", author="Anna", reason="same")
    assert Identity(overrides=(link,), blocked=("x",)).overrides[0].index == 1


def test_an_address_book_has_identifiers_and_no_sessions(load: Callable[..., Settings]) -> None:
    settings = load((RULE, EVERYTHING), ("[identity]", f"{ADDRESS_BOOK}[identity]"))
    book = settings.sources[2]
    assert (book.holds, book.required, book.is_interaction) == ("contacts", True, False)
    assert {kind: column.column or column.sql or column.value for kind, column in book.identifiers.items()} == {
        "badge": "badge",
        "contact_id": "id",
        "email": "lower(mail)",
        "phone": "+371 20000000",
    }


def test_a_file_of_contacts_belongs_to_no_session_even_with_devices(load: Callable[..., Settings]) -> None:
    contacts = [
        ('name = "web"', 'name = "web"\nholds = "contacts"'),
        ('event = "name"\n', 'user_id = "user"\n'),
        ('event_id = "event_id"\n', ""),
    ]
    assert load(*contacts).sources[0].is_interaction is False


def test_an_identifier_alone_is_enough_for_events(load: Callable[..., Settings]) -> None:
    changed = load(
        ('device_id = "anonymous_id"\nevent = "name"\n', 'event = "name"\n[source.identifiers]\nemail = "m"\n')
    )
    assert set(changed.sources[0].identifiers) == {"email"}
