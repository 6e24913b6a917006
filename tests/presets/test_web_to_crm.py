"""From the first visit to the won deal: a web log and a CRM, each by naming its preset, are one person, one journey."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from crm_nights import Crm, start_crm
from crm_tables import fill_sqlite
from web_logs import WEB_LOGS

HEAD = '[project]\nname = "Acme"\n[[source]]\nname = "web"\n'
CRM = '[[source]]\nname = "crm"\npreset = "{preset}"\nurl = "sqlite:///crm.sqlite"\n'


@dataclass(frozen=True)
class Known:
    """What a CRM's fixture knows of Ann."""

    contact: str
    others: tuple[str, ...]
    touchpoints: tuple[str, ...]
    amount: float


CRMS = {
    "hubspot": Known("101", ("phone:+37120000001",), ("Email", "Deal", "Meeting", "Call", "Offer", "deal won"), 1200.5),
    "salesforce": Known(
        "003000000000001AAA",
        ("lead_id:00Q000000000001AAA", "phone:+37120000001"),
        ("Lead", "Deal", "Call", "Meeting", "Offer", "deal won"),
        5000.0,
    ),
}


def publish(folder: Path, web: str, crm: str, *, user: str, beside: str = "", sources: str = "") -> Crm:
    """Refresh five lines for each of the two; `beside` follows those of the web log."""
    config = HEAD + WEB_LOGS[web](folder, user) + beside + (sources or CRM.format(preset=crm))
    made = start_crm(folder, crm, config)
    made.night()
    return made


def assert_one_journey(made: Crm, known: Known, web_ids: list[str]) -> None:
    """Ann is one person with both browsers, and her one journey leads from the advertisement to the deal."""
    expected = sorted([f"contact_id:{known.contact}", "email:ann@acme.example", *known.others, *web_ids])
    assert [person for person in made.persons() if f"contact_id:{known.contact}" in person] == [expected]
    ann = (
        "(SELECT person_id FROM person_identifiers WHERE identifier_kind = 'contact_id' "
        f"AND identifier_value = '{known.contact}')"
    )
    journeys = made.script.rows(
        "SELECT strftime(started_at, '%m-%d %H:%M'), strftime(converted_at, '%m-%d %H:%M'), value_amount "
        f"FROM journeys WHERE person_id = {ann}"
    )
    assert journeys == [("02-25 10:00", "03-09 16:00", known.amount)]
    steps = made.script.rows(
        f"SELECT touchpoint, count(*) FROM touchpoints WHERE person_id = {ann} GROUP BY touchpoint ORDER BY touchpoint"
    )
    assert dict(steps)["Page"] == 5
    assert set(known.touchpoints) < {str(name) for name, _ in steps}
    assert made.script.rows("SELECT count(*) FROM journeys WHERE converted_at IS NOT NULL") == [(1,)]
    channels = made.script.rows(f"SELECT channel FROM sessions WHERE person_id = {ann} ORDER BY started_at LIMIT 1")
    assert channels == [("Paid Search",)]


BROWSERS = ["device_id:desk", "device_id:phone"]


# Each web log and each CRM in `make test`, all pairs in `make prove`.
EACH = {("ga4", "hubspot"), ("segment", "salesforce"), ("snowplow", "hubspot")}
PAIRS = [
    pytest.param(web, crm, marks=() if (web, crm) in EACH else pytest.mark.prove)
    for web in sorted(WEB_LOGS)
    for crm in sorted(CRMS)
]


@pytest.mark.parametrize(("web", "crm"), PAIRS)
def test_who_logs_in_by_e_mail_is_the_crm_s_contact(web: str, crm: str, tmp_path: Path) -> None:
    made = publish(tmp_path, web, crm, user="Ann@Acme.example")
    assert_one_journey(made, CRMS[crm], [*BROWSERS, "user_id:Ann@Acme.example"])


@pytest.mark.parametrize("crm", sorted(CRMS))
def test_user_ids_of_the_crm_are_its_contacts_once_that_is_said(crm: str, tmp_path: Path) -> None:
    known = CRMS[crm]
    beside = '[source.identifiers]\ncontact_id = "user_id"\n'
    made = publish(tmp_path, "ga4", crm, user=known.contact, beside=beside)
    assert_one_journey(made, known, [*BROWSERS, f"user_id:{known.contact}"])


def test_hashed_addresses_meet_their_hash(tmp_path: Path) -> None:
    # SHA-256 of 'ann@acme.example', as advertising systems take it.
    user = "b759382850d65342f8994576b7d68f610381856dc6f89887b4474a2dbfbe8bd7"
    sources = (
        CRM.format(preset="hubspot") + 'parts = ["deals", "meetings", "calls", "emails"]\n'
        '[[source]]\nname = "crm_contacts"\npreset = "hubspot/contacts"\nurl = "sqlite:///crm.sqlite"\n'
        '[source.columns]\nuser_id = { sql = "sha256(lower(trim(property_email)))" }\n'
    )
    made = publish(tmp_path, "ga4", "hubspot", user=user, sources=sources)
    assert_one_journey(made, CRMS["hubspot"], [*BROWSERS, f"user_id:{user}"])


def test_a_mailbox_of_many_joins_nobody(tmp_path: Path) -> None:
    made = publish(tmp_path, "ga4", "hubspot", user="info@acme.example")
    assert ["contact_id:105"] in made.persons()
    assert [*BROWSERS, "user_id:info@acme.example"] in made.persons()


def test_the_help_desk_s_customers_are_those_of_the_crm(tmp_path: Path) -> None:
    fill_sqlite(tmp_path / "desk.sqlite", "zendesk")
    desk = CRM.format(preset="zendesk").replace("crm", "desk")
    made = publish(tmp_path, "ga4", "hubspot", user="Ann@Acme.example", sources=CRM.format(preset="hubspot") + desk)
    # Ann in all three, by her address; the telephone is one more link. The desk's account is the CRM's.
    ann = ["contact_id:101", "contact_id:zendesk:1", *BROWSERS, "email:ann@acme.example", "phone:+37120000001"]
    assert [*ann, "user_id:Ann@Acme.example"] in made.persons()
    accounts = made.script.rows(
        "SELECT DISTINCT event_accounts.account_id FROM event_accounts INNER JOIN events USING (event_id) "
        "WHERE event_accounts.account_id = '501' OR events.known_value IN ('101', 'zendesk:1')"
    )
    assert accounts == [("501",)]


def test_tokens_join_as_addresses_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", "0123456789abcdef" * 4)
    privacy = '[privacy]\npersonal = ["email", "phone", "user_id", "contact_id"]\n'
    made = publish(tmp_path, "ga4", "hubspot", user="Ann@Acme.example", sources=CRM.format(preset="hubspot") + privacy)
    found = made.script.rows("SELECT started_at, converted_at FROM journeys WHERE converted_at IS NOT NULL")
    assert [f"{start:%m-%d} {end:%m-%d}" for start, end in found] == ["02-25 03-09"]
    assert "Ann" not in str(made.persons())
