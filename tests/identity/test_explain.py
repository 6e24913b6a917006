"""One identifier explained, in worlds whose truth is known: its person, the chains of evidence, the refusals."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import pairwise

import pyarrow as pa
import pytest

from journeys.cli.explanation_text import explanation_lines
from journeys.errors import CallError
from journeys.identity.aliases import NO_ALIASES, record_aliases
from journeys.identity.explain import explain_identifier
from journeys.identity.explanation import Evidence, Explanation, FormerId

AS_OF = "2026-04-01T00:00:00Z"
ANNA = """
    web 01/10:00 device_id=A user_id=u1
    web 01/10:05 device_id=A user_id=u1
    web 02/10:00 device_id=B user_id=u1
    web 03/10:00 user_id=u1 email=Anna@Acme.com
    book 04/10:00 email=ANNA@acme.com contact_id=7
"""
TABLET = """
    web 01/09:00 device_id=T
    web 01/10:00 device_id=T
    web 01/10:05 device_id=T user_id=anna
    web 01/10:10 device_id=T
    web 01/10:15 device_id=T user_id=bob
    web 01/10:20 device_id=T
    web 01/12:00 device_id=T
"""


def explain(world, asked: str) -> Explanation:
    there = {row[0] for row in world.engine.rows("SELECT table_name FROM information_schema.tables")}
    if "person_aliases" not in there:
        world.engine.save("previous_person_identifiers", "SELECT * FROM person_identifiers LIMIT 0")
        world.engine.save("previous_person_aliases", NO_ALIASES)
        record_aliases(world.engine, snapshot_id="first", changed_at=datetime(2026, 4, 1, tzinfo=UTC))
    return explain_identifier(world.engine, world.settings.identity, asked, as_of=AS_OF)


def chain(explanation: Explanation, identifier: str) -> list[str]:
    """The identifiers of a chain, the one asked for first."""
    links = explanation.chain(identifier)
    for link, following in pairwise(links):
        assert link.to == following.start
    return [explanation.identifier, *(link.to for link in links)]


def text(explanation: Explanation) -> str:
    return "\n".join(explanation_lines(explanation))


def person_id(kind: str, value: str) -> str:
    return hashlib.md5(f"{kind}\x1f{value}".encode()).hexdigest()[:16]


def test_an_address_in_capitals_finds_its_person_and_the_evidence(world):
    found = explain(world(ANNA), "email:ANNA@ACME.COM ")
    assert (found.asked, found.identifier) == ("email:ANNA@ACME.COM ", "email:anna@acme.com")
    assert (found.blocked, found.guarded, found.refused) == (None, None, ())
    person = found.person
    assert person.person_id == person_id("user_id", "u1")
    assert (person.is_known, person.is_bot, person.event_count) == (True, False, 4)
    assert (person.first_seen_at, person.last_seen_at) == ("2026-03-01T10:00:00Z", "2026-03-03T10:00:00Z")
    assert person.known_by == (("user_id", 4),)
    assert [(tie.account_id, tie.origin) for tie in person.accounts] == [("domain:acme.com", "domain")]
    assert [member.identifier for member in found.identifiers] == [
        "email:anna@acme.com", "contact_id:7", "user_id:u1", "device_id:A", "device_id:B"
    ]  # fmt: skip
    assert [member.event_count for member in found.identifiers] == [2, 1, 4, 2, 1]
    assert chain(found, "email:anna@acme.com") == ["email:anna@acme.com"]
    assert chain(found, "contact_id:7") == ["email:anna@acme.com", "contact_id:7"]
    assert chain(found, "device_id:A") == ["email:anna@acme.com", "user_id:u1", "device_id:A"]
    _, last = found.chain("device_id:A")
    assert last.evidence == (Evidence("web", "same_row", "2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z", 2),)
    assert found.chain("contact_id:7")[0].evidence == (
        Evidence("book", "same_row", "2026-03-04T10:00:00Z", "2026-03-04T10:00:00Z", 1),
    )


def test_json_holds_every_chain_whole(world):
    content = explain(world(ANNA), "contact_id:7").to_dict()
    chains = {each["identifier"]: [link["to"] for link in each["chain"]] for each in content["identifiers"]}
    assert chains == {
        "contact_id:7": [],
        "email:anna@acme.com": ["email:anna@acme.com"],
        "user_id:u1": ["email:anna@acme.com", "user_id:u1"],
        "device_id:A": ["email:anna@acme.com", "user_id:u1", "device_id:A"],
        "device_id:B": ["email:anna@acme.com", "user_id:u1", "device_id:B"],
    }
    assert content["person"]["known_by"] == [{"known_by": "user_id", "event_count": 4}]


def test_the_chain_is_the_shortest(world):
    ring = world("""
        web 01/10:00 user_id=u1 email=a@x.com
        web 01/10:01 email=a@x.com card=77
        web 01/10:02 card=77 phone=+37120000001
        book 01/10:03 phone=+37120000001 contact_id=7
        book 01/10:04 contact_id=7 user_id=u1
    """)
    lengths = {name: len(explain(ring, "user_id:u1").chain(name)) for name in ring.ids()}
    assert lengths == {
        "user_id:u1": 0, "email:a@x.com": 1, "contact_id:7": 1, "loyalty_card:77": 2, "phone:+37120000001": 2
    }  # fmt: skip
    assert chain(explain(ring, "phone:+371 (20) 000-001"), "user_id:u1") == [
        "phone:+37120000001", "contact_id:7", "user_id:u1"
    ]  # fmt: skip


def test_evidence_of_several_sources_stands_in_one_link(world):
    both = world("""
        web 01/10:00 user_id=u1 email=a@x.com
        web 02/10:00 user_id=u1 email=a@x.com
        book 03/10:00 user_id=u1 email=A@x.com
    """)
    (link,) = explain(both, "user_id:u1").chain("email:a@x.com")
    assert [(each.source, each.event_count) for each in link.evidence] == [("book", 1), ("web", 2)]


def test_no_chain_leads_over_what_a_limit_refused(world):
    two = world("""
        web 01/10:00 user_id=u1 email=a@x.com
        web 02/10:00 user_id=u2 email=a@x.com
    """)
    newer = explain(two, "email:a@x.com")
    assert [member.identifier for member in newer.identifiers] == ["email:a@x.com", "user_id:u2"]
    (refusal,) = newer.refused
    assert (refusal.guard, {refusal.identifier, refusal.other}) == ("limit", {"email:a@x.com", "user_id:u1"})
    assert "2 of kind user_id, allowed 1" in refusal.reason
    assert "2 of kind user_id, allowed 1" in text(newer)
    older = explain(two, "user_id:u1")
    assert [member.identifier for member in older.identifiers] == ["user_id:u1"]
    assert older.refused == newer.refused


def test_an_override_is_named_with_its_reason(world):
    override = '\n[[identity.override]]\nlink = "{}"\na = "{}"\nb = "{}"\nauthor = "Ilze"\nreason = "asked her"\n'
    linked = world(
        "web 01/10:00 device_id=A user_id=u1\nweb 02/10:00 device_id=B",
        identity=override.format("must", "user_id:u1", "device_id:B"),
    )
    (link,) = explain(linked, "device_id:B").chain("user_id:u1")
    assert [(each.source, each.rule, each.first_seen_at) for each in link.evidence] == [("override", "must_link", None)]
    assert "must be one person" in text(explain(linked, "device_id:A"))
    parted = world(
        "web 01/10:00 device_id=A user_id=u1\nweb 02/10:00 device_id=A user_id=u1",
        identity=override.format("cannot", "user_id:u1", "device_id:A"),
    )
    found = explain(parted, "device_id:A")
    assert [member.identifier for member in found.identifiers] == ["device_id:A"]
    (refusal,) = found.refused
    assert (refusal.guard, refusal.event_count) == ("cannot_link", 2)
    assert "Ilze" in refusal.reason
    assert "asked her" in refusal.reason


def test_a_shared_device_says_how_its_events_were_given(world):
    found = explain(world(TABLET), "device_id:T")
    guarded = found.guarded
    assert (guarded.guard, guarded.linked_kind, guarded.linked_count, guarded.allowed_count) == (
        "shared", "user_id", 2, 1
    )  # fmt: skip
    assert guarded.users == (("user_id:anna", 1), ("user_id:bob", 1))
    assert set(guarded.given) == {
        ("device_id", 1, 2), ("user_id", 2, 2), ("earlier in the visit", 2, 2), ("later in the visit", 1, 1)
    }  # fmt: skip
    assert found.person.event_count == 2
    assert [member.identifier for member in found.identifiers] == ["device_id:T"]
    assert {refusal.other for refusal in found.refused} == {"user_id:anna", "user_id:bob"}
    assert "kept out" in text(found)
    anna = explain(world(TABLET), "user_id:anna")
    assert [(each.guard, each.identifier) for each in anna.refused] == [("shared", "device_id:T")]
    assert set(anna.person.known_by) == {("user_id", 1), ("earlier in the visit", 1), ("later in the visit", 1)}


def test_a_shared_device_that_a_rule_gives_to_one_user_hangs_on_no_link(world):
    found = explain(world(TABLET, rule="last_known"), "user_id:bob")
    tablet = next(each for each in found.identifiers if each.identifier == "device_id:T")
    assert (tablet.guard, tablet.link, found.chain("device_id:T")) == ("shared", None, ())
    assert found.person.known_by == (("last on the device", 7),)
    assert "given to this person by the rule" in text(found)


def test_a_must_link_leads_to_what_is_kept_out(world):
    override = (
        '\n[[identity.override]]\nlink = "must"\na = "device_id:T"\nb = "user_id:bob"\nauthor = "I"\nreason = "r"\n'
    )
    (link,) = explain(world(TABLET, identity=override), "user_id:bob").chain("device_id:T")
    # Alone, the log-ins on the shared device are no evidence; beside the word of somebody they are told too.
    assert [each.rule for each in link.evidence] == ["must_link", "same_row"]


def test_a_hub_of_an_address_finds_its_events(world):
    users = "\n".join(f"web 0{day}/10:00 user_id=u{day} email=desk@x.com" for day in range(1, 8))
    found = explain(world(users), "email:desk@x.com")
    assert (found.guarded.guard, found.guarded.linked_count, found.guarded.allowed_count) == ("hub", 7, 5)
    assert found.guarded.given == (("user_id", 7, 7),)
    assert (found.person.is_known, found.person.event_count) == (None, 0)
    assert "no event is theirs" in text(found)


def test_a_blocked_value_says_why_in_any_case(world):
    blocked = world(
        """
        web 01/10:00 user_id=u1 email=Info@acme.com
        web 01/10:01 user_id=u1 email=INFO@acme.com
        web 01/10:02 user_id=u1 email=INFO@acme.com
        web 01/10:03 user_id=QA-Robot device_id=A
        web 01/10:04 user_id=u1 email=kate@test.acme.com
        """,
        identity='\n[identity]\nblocked = ["qa-robot", "email:*@test.acme.com"]\n',
    )
    found = explain(blocked, "email:info@ACME.com")
    assert found.blocked.reason == "role mailbox"
    assert found.blocked.rows == (("INFO@acme.com", "web", 2), ("Info@acme.com", "web", 1))
    assert (found.person, found.identifiers, found.refused) == (None, (), ())
    for words in ("never identifies anybody: role mailbox", "2 rows of source web", "INFO@acme.com"):
        assert words in text(found)
    for asked in ("user_id:QA-ROBOT", "email:kate@test.acme.com"):
        assert explain(blocked, asked).blocked.reason == "blocked value"
        assert len(explain(blocked, asked).blocked.rows) == 1
    never = explain(blocked, "device_id:undefined")
    assert never.blocked.rows == ()
    assert "no row of this snapshot carries it" in text(never)


def test_a_contact_of_the_address_book_alone_has_no_event(world):
    found = explain(world(ANNA + "book 04/11:00 contact_id=8 email=kate@acme.com"), "contact_id:8")
    assert found.person.person_id == person_id("contact_id", "8")
    assert (found.person.event_count, found.person.first_seen_at, found.person.known_by) == (0, None, ())
    assert [member.identifier for member in found.identifiers] == ["contact_id:8", "email:kate@acme.com"]
    assert "no event is theirs" in text(found)


def test_former_ids_lead_back_to_the_first_night(world):
    anna = world(ANNA)
    now = person_id("user_id", "u1")
    nights = [("n1", 1, "a", "b", "merged", 2), ("n2", 2, "b", now, "renamed", 3), ("n3", 3, now, "b", "split", 1),
              ("n4", 4, "c", now, "merged", 1), ("n4", 4, "x", "y", "merged", 1)]  # fmt: skip
    columns = list(zip(*nights, strict=True))
    columns[1] = tuple(datetime(2026, 5, day) for day in columns[1])  # noqa: DTZ001
    names = ("snapshot_id", "changed_at", "old_person_id", "new_person_id", "change", "identifier_count")
    anna.engine.load("person_aliases", pa.table(dict(zip(names, columns, strict=True))))
    assert explain(anna, "user_id:u1").person.former_ids == (
        FormerId("c", now, "merged", 1, "2026-05-04T00:00:00Z", "n4"),
        FormerId("b", now, "renamed", 3, "2026-05-02T00:00:00Z", "n2"),
        FormerId("a", "b", "merged", 2, "2026-05-01T00:00:00Z", "n1"),
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("anna@acme.com", "KIND:VALUE"),
        ("", "KIND:VALUE"),
        (":x", "KIND:VALUE"),
        ("email:", "KIND:VALUE"),
        ("email:  ", "KIND:VALUE"),
        ("email:\udcff", "UTF-8"),
        ("usr_id:u1", "did you mean 'user_id'?"),
        ("account_id:acme", "contact_id, user_id, email"),
        ("email:anna@acme.con", "did you mean 'email:anna@acme.com'?"),
        ("contact_id:u1", "did you mean 'user_id:u1'?"),
        ("user_id:zzz", "table `identifiers`"),
        ("user_id:" + "x" * 1_000_000, "unknown-identifier"),
        ("user_id:'; DROP TABLE identifiers; --", "unknown-identifier"),
    ],
)
def test_what_is_no_identifier_of_the_data_is_told_with_the_nearest(world, asked, words):
    anna = world(ANNA)
    with pytest.raises(CallError) as caught:
        explain(anna, asked)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 5_000
    assert caught.value.exit_code == 2
    assert explain(anna, "user_id:u1").person


def test_a_kind_is_read_in_any_case(world):
    assert explain(world(ANNA), " User_ID:u1").identifier == "user_id:u1"
