"""What the guards refuse, in their order, and what becomes of it."""

from __future__ import annotations

import pytest

KIOSK = "\n".join(f"web 0{number}/10:00 device_id=K user_id=u{number}" for number in range(1, 8))


def override(link, a, b):
    return f'[[identity.override]]\nlink = "{link}"\na = "{a}"\nb = "{b}"\nauthor = "Ilze"\nreason = "she knows"\n'


def test_values_that_never_identify_are_kept_in_sight(world):
    blocked = world("""
        web 01/10:00 device_id=A user_id=undefined email=info@x.com
        web 01/10:01 device_id=B user_id=undefined email=info@x.com
        web 01/10:02 device_id=0000-0000 user_id=u1
        web 01/10:03 user_id=null
    """)
    assert blocked.persons() == [{"device_id:A"}, {"device_id:B"}, {"user_id:u1"}]
    assert blocked.refusals() == {
        ("blocked", "user_id:undefined", ""),
        ("blocked", "user_id:null", ""),
        ("blocked", "email:info@x.com", ""),
        ("blocked", "device_id:0000-0000", ""),
    }
    assert blocked.engine.rows("SELECT line, reason FROM rejected_events") == [(4, "no identifier")]
    assert blocked.engine.rows(
        "SELECT event_count FROM identity_refusals WHERE identifier_value = 'undefined' AND guard = 'blocked'"
    ) == [(2,)]


def test_the_list_of_blocked_values_is_extended(world):
    text = "web 01/10:00 device_id=A user_id=QA-robot\nweb 01/10:01 device_id=B user_id=qa-robot"
    assert len(world(text).persons()) == 2
    assert world(text, identity='[identity]\nblocked = ["qa-robot"]\n').persons() == [{"device_id:A"}, {"device_id:B"}]


def test_an_address_of_many_contacts_is_a_hub(world):
    rows = "\n".join(f"book 0{number}/10:00 contact_id={number} email=board@x.com" for number in range(1, 8))
    board = world(rows + "\nweb 09/10:00 device_id=A email=board@x.com\nweb 09/11:00 email=board@x.com")
    assert board.persons() == [
        *({f"contact_id:{number}"} for number in range(1, 8)),
        {"device_id:A"},
        {"email:board@x.com"},
    ]
    assert board.who() == ["device_id:A", "email:board@x.com"]
    assert {guard for guard, *_ in board.refusals()} == {"hub"}


def test_one_person_has_one_user_id_and_the_newest_evidence_wins(world):
    two = world("""
        book 01/10:00 user_id=old email=a@x.com
        book 02/10:00 user_id=new email=a@x.com
        web 03/10:00 device_id=A user_id=old
    """)
    assert two.persons() == [{"device_id:A", "user_id:old"}, {"email:a@x.com", "user_id:new"}]
    assert two.refusals() == {("limit", "email:a@x.com", "user_id:old")}
    reason = two.engine.value("SELECT reason FROM identity_refusals")
    assert reason == "would give a person 2 of kind user_id, allowed 1"


def test_stronger_evidence_wins_over_newer(world):
    two = world("""
        book 01/10:00 user_id=u1 contact_id=7
        web 02/10:00 device_id=A user_id=u2
        web 03/10:00 device_id=A contact_id=7
    """, identity='[identity.kinds.contact_id]\nstrength = "medium"\n')  # fmt: skip
    assert two.persons() == [{"contact_id:7", "user_id:u1"}, {"device_id:A", "user_id:u2"}]
    assert two.refusals() == {("limit", "contact_id:7", "device_id:A")}


def test_limits_are_the_configurations(world):
    rows = "\n".join(f"book 0{number}/10:00 contact_id={number} email=a@x.com" for number in range(1, 6))
    four = "[identity.kinds.contact_id]\nperson_limit = 4\n"
    assert sorted(len(person) for person in world(rows).persons()) == [1, 1, 4]
    assert sorted(len(person) for person in world(rows, identity=four).persons()) == [1, 5]


def test_the_order_of_guards_blocked_then_hub_then_limit(world):
    """A kiosk whose e-mail field says 'none' and whose users are within the limit elsewhere: each is refused once."""
    kiosk = world(KIOSK + "\nweb 08/10:00 device_id=K email=none\nweb 08/10:01 device_id=L email=none")
    assert {refused[:2] for refused in kiosk.refusals()} == {("blocked", "email:none"), ("hub", "device_id:K")}


def test_a_must_link_beats_hub_and_limit(world):
    mine = world(
        KIOSK, identity=override("must", "device_id:K", "user_id:u3") + override("must", "user_id:u3", "user_id:u4")
    )
    assert {"device_id:K", "user_id:u3", "user_id:u4"} in mine.persons()
    assert {"user_id:u1"} in mine.persons()
    assert {other for _, _, other in mine.refusals()} == {f"user_id:u{number}" for number in (1, 2, 4, 5, 6, 7)}


def test_a_circle_of_must_links_is_one_person(world):
    circle = override("must", "user_id:a", "user_id:b") + override("must", "user_id:b", "user_id:c")
    text = "web 01/10:00 user_id=a\nweb 01/10:01 user_id=b\nweb 01/10:02 user_id=c\nweb 01/10:03 user_id=d"
    joined = world(text, identity=circle + override("must", "user_id:c", "user_id:a"))
    assert joined.persons() == [{"user_id:a", "user_id:b", "user_id:c"}, {"user_id:d"}]


def test_an_override_of_somebody_never_seen_waits(world):
    unseen = world("web 01/10:00 device_id=A", identity=override("must", "user_id:u1", "email:ANNA@x.com"))
    assert {"email:anna@x.com", "user_id:u1"} in unseen.persons()
    assert unseen.engine.value("SELECT COUNT(*) FROM persons") == 1


def test_a_cannot_link_refuses_the_weakest_link_between_the_two(world):
    text = """
        book 01/10:00 contact_id=7 email=a@x.com
        book 01/10:01 email=a@x.com phone=+37120000001
        web 01/10:02 device_id=A phone=+37120000001
        web 01/10:03 device_id=A email=b@x.com
        book 01/10:04 contact_id=8 email=b@x.com
    """
    assert len(world(text).persons()) == 1
    apart = world(text, identity=override("cannot", "contact_id:7", "contact_id:8"))
    assert apart.persons() == [
        {"contact_id:7", "email:a@x.com", "phone:+37120000001"},
        {"contact_id:8", "device_id:A", "email:b@x.com"},
    ]
    assert apart.refusals() == {("cannot_link", "device_id:A", "phone:+37120000001")}


def test_what_was_refused_counts_its_events(world):
    shared = world("""
        web 01/10:00 device_id=T user_id=u1
        web 01/10:01 device_id=T user_id=u1
        web 01/10:02 device_id=T user_id=u2
    """)
    rows = "SELECT other_value, event_count, reason FROM identity_refusals ORDER BY 1"
    reason = "met with 2 of kind user_id, allowed 1"
    assert shared.engine.rows(rows) == [("u1", 2, reason), ("u2", 1, reason)]


def test_the_alarm_names_the_value_that_holds_a_giant_together(world):
    rows = "\n".join(f"web 01/10:{number:02d} device_id=D{number} email=a@x.com" for number in range(12))
    alarm = world(rows, identity="[identity]\nalarm_size = 10\n")
    assert alarm.engine.rows("SELECT identifier_count, bridges FROM large_persons") == [(13, "email:a@x.com")]
    assert not world(rows).engine.rows("SELECT * FROM large_persons")


@pytest.mark.parametrize("rule", ["device_split", "last_known", "first_known", "none"])
def test_every_event_has_one_person_under_every_rule(world, rule):
    more = "\nweb 02/10:05 device_id=K\nbook 01/10:00 user_id=u1 email=a@x.com\nweb 03/10:00 email=a@x.com"
    log = world(KIOSK + more, rule=rule)
    assert (
        log.engine.value("SELECT COUNT(*) FROM event_persons") == log.engine.value("SELECT COUNT(*) FROM events") == 9
    )
    assert not log.engine.rows("SELECT * FROM event_persons WHERE person_id NOT IN (SELECT person_id FROM persons)")


@pytest.mark.parametrize("rule", ["device_split", "none"])
def test_no_refused_link_has_both_ends_in_one_person(world, rule):
    crowd = "\n".join(
        f"book 0{number}/11:00 contact_id={number} email=a@x.com user_id=u{number % 3}" for number in range(1, 8)
    )
    log = world(
        KIOSK + "\n" + crowd + "\nweb 09/10:00 device_id=T user_id=u1\nweb 09/10:01 device_id=T user_id=u2", rule=rule
    )
    ids = log.ids()
    ends = [(one, other) for _, one, other in log.refusals() if other]
    assert all(ids[one] != ids[other] for one, other in ends)
    assert bool(ends) == (rule != "none")


@pytest.mark.parametrize("rule", ["device_split", "last_known", "first_known"])
def test_a_must_link_gives_a_shared_device_to_whom_it_says(world, rule):
    text = (
        "web 01/10:00 device_id=T user_id=u1\nweb 02/10:00 device_id=T user_id=u2\nweb 03/10:00 device_id=T user_id=u3"
    )
    log = world(text, identity=override("must", "device_id:T", "user_id:u2"), rule=rule)
    assert {"device_id:T", "user_id:u2"} in log.persons()


@pytest.mark.parametrize("rule", ["last_known", "first_known"])
def test_a_forbidden_user_never_owns_a_shared_device(world, rule):
    text = (
        "web 01/10:00 device_id=T user_id=u1\nweb 02/10:00 device_id=T user_id=u2\nweb 03/10:00 device_id=T user_id=u1"
    )
    log = world(text, identity=override("cannot", "device_id:T", "user_id:u1"), rule=rule)
    assert {"device_id:T", "user_id:u2"} in log.persons()


def test_the_owner_of_a_shared_device_is_no_mailing_list(world):
    rows = "\n".join(f"web 0{number}/10:00 device_id=T contact_id={number} email=fam@x.com" for number in range(1, 8))
    log = world(rows + "\nweb 08/10:00 device_id=T email=fam@x.com", rule="last_known")
    assert log.who() == ["contact_id:7"] * 8


def test_beside_a_mailing_list_the_telephone_names(world):
    rows = "\n".join(f"book 0{number}/10:00 contact_id={number} email=list@x.com" for number in range(1, 8))
    phone = "\nbook 08/10:00 contact_id=8 phone=+37120000001\nweb 09/10:00 email=list@x.com phone=+37120000001"
    log = world(rows + phone + "\nweb 09/11:00 device_id=T email=list@x.com phone=+37120000001")
    assert log.who() == ["contact_id:8", "contact_id:8"]
    assert log.known_by() == ["phone", "phone"]


def test_a_must_linked_mailing_list_names(world):
    rows = "\n".join(f"book 0{number}/10:00 user_id=u{number} email=fam@x.com" for number in range(1, 8))
    text = rows + "\nweb 09/10:00 email=fam@x.com\nweb 09/11:00 device_id=T email=fam@x.com"
    assert world(text, identity=override("must", "email:fam@x.com", "user_id:u3")).who() == ["user_id:u3"] * 2


def test_junk_in_an_address_or_number_links_nobody(world):
    junk = world("""
        web 01/10:00 device_id=A email=@
        web 01/10:01 device_id=B email=@
        web 01/10:02 device_id=C phone=1
        web 01/10:03 device_id=D phone=1
    """)
    assert junk.persons() == [{"device_id:A"}, {"device_id:B"}, {"device_id:C"}, {"device_id:D"}]
    assert junk.refusals() == {("blocked", "email:@", ""), ("blocked", "phone:1", "")}
