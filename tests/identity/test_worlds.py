"""Who is who in small worlds whose truth is known."""

from __future__ import annotations


def test_a_chain_is_one_person(world):
    chain = world("""
        web 01/10:00 device_id=A email=a@x.com
        web 01/10:01 email=a@x.com loyalty_card=ignored card=77
        web 01/10:02 card=77 phone=+37120000001
        web 01/10:03 phone=+37120000001 user_id=u1
    """)
    assert chain.persons() == [{"device_id:A", "email:a@x.com", "loyalty_card:77", "phone:+37120000001", "user_id:u1"}]
    assert chain.who() == ["user_id:u1"] * 4


def test_one_person_on_four_devices(world):
    star = world("""
        web 01/10:00 device_id=A user_id=u1
        web 01/10:01 device_id=B user_id=u1
        web 01/10:02 device_id=C user_id=u1
        web 01/10:03 device_id=D user_id=u1
        web 02/10:00 device_id=B
    """)
    assert star.persons() == [{"device_id:A", "device_id:B", "device_id:C", "device_id:D", "user_id:u1"}]
    assert star.who() == ["user_id:u1"] * 5


def test_many_devices_that_log_in_with_one_address_are_one_person(world):
    fan = world("\n".join(f"web 01/10:0{number} device_id=D{number} email=a@x.com" for number in range(4)))
    assert fan.persons() == [{"device_id:D0", "device_id:D1", "device_id:D2", "device_id:D3", "email:a@x.com"}]


def test_a_diamond_of_evidence_is_one_person(world):
    diamond = world("""
        web 01/10:00 user_id=u1 email=a@x.com
        web 01/10:01 user_id=u1 phone=+37120000001
        book 01/10:02 contact_id=7 email=a@x.com
        book 01/10:03 contact_id=7 phone=+37120000001
    """)
    assert diamond.persons() == [{"contact_id:7", "email:a@x.com", "phone:+37120000001", "user_id:u1"}]
    assert not diamond.refusals()


def test_a_kiosk_is_a_hub_and_merges_nobody(world):
    users = [f"web 0{number}/10:00 device_id=KIOSK user_id=u{number}" for number in range(1, 8)]
    kiosk = world("\n".join([*users, "web 01/10:05 device_id=KIOSK", "web 09/10:00 device_id=KIOSK"]))
    assert kiosk.persons() == [{"device_id:KIOSK"}, *({f"user_id:u{number}"} for number in range(1, 8))]
    assert kiosk.who() == [*(f"user_id:u{number}" for number in range(1, 8)), "user_id:u1", "device_id:KIOSK"]
    assert kiosk.refusals() == {("hub", "device_id:KIOSK", f"user_id:u{number}") for number in range(1, 8)}


def test_a_family_tablet_is_shared_out_by_visit(world):
    tablet = world("""
        web 01/09:00 device_id=T
        web 01/10:00 device_id=T
        web 01/10:05 device_id=T user_id=anna
        web 01/10:10 device_id=T
        web 01/10:15 device_id=T user_id=bob
        web 01/10:20 device_id=T
        web 01/12:00 device_id=T
    """)
    assert tablet.persons() == [{"device_id:T"}, {"user_id:anna"}, {"user_id:bob"}]
    assert tablet.who() == [
        "device_id:T", "user_id:anna", "user_id:anna", "user_id:anna", "user_id:bob", "user_id:bob", "device_id:T"
    ]  # fmt: skip
    assert tablet.known_by() == [
        "device_id", "later in the visit", "user_id", "earlier in the visit", "user_id", "earlier in the visit",
        "device_id",
    ]  # fmt: skip
    assert tablet.refusals() == {("shared", "device_id:T", "user_id:anna"), ("shared", "device_id:T", "user_id:bob")}
    assert tablet.sessions() == [(1, "first"), (3, "timeout"), (2, "person"), (1, "timeout")]


def test_the_rules_on_a_family_tablet(world):
    text = """
        web 01/10:00 device_id=T
        web 01/10:05 device_id=T user_id=anna
        web 01/10:10 device_id=T user_id=bob
        web 01/12:00 device_id=T
        web 01/12:05 device_id=own user_id=anna
        web 01/12:10 device_id=own
    """
    anna, bob = "user_id:anna", "user_id:bob"
    assert world(text, rule="last_known").who() == [bob, bob, bob, bob, anna, anna]
    assert world(text, rule="first_known").who() == [anna, anna, bob, anna, anna, anna]
    assert world(text, rule="device_split").who() == [anna, anna, bob, "device_id:T", anna, anna]
    assert world(text, rule="none").who() == ["device_id:T", anna, bob, "device_id:T", anna, "device_id:own"]
    assert world(text, rule="last_known").persons() == [{"device_id:T", bob}, {"device_id:own", anna}]
    assert world(text, rule="none").persons() == [{"device_id:T"}, {"device_id:own"}, {anna}, {bob}]
    assert not world(text, rule="none").refusals()


def test_log_out_and_the_same_log_in_again_is_one_person(world):
    again = world("""
        web 01/10:00 device_id=A user_id=u1
        web 01/10:05 device_id=A event=logout
        web 01/10:10 device_id=A
        web 01/10:15 device_id=A user_id=u1
        web 05/10:00 device_id=A
    """)
    assert again.who() == ["user_id:u1"] * 5
    assert len(again.sessions()) == 2


def test_log_out_and_another_log_in_splits_the_visit(world):
    other = world("""
        web 01/10:00 device_id=A user_id=u1
        web 01/10:05 device_id=A event=logout
        web 01/10:10 device_id=A
        web 01/10:15 device_id=A user_id=u2
    """)
    assert other.who() == ["user_id:u1", "user_id:u1", "user_id:u1", "user_id:u2"]
    assert other.sessions() == [(3, "first"), (1, "person")]


def test_an_address_in_two_cases_is_one(world):
    cases = world("""
        web 01/10:00 device_id=A email=Anna.Berg@X.com
        book 02/10:00 contact_id=7 email=anna.berg@x.COM
    """)
    assert cases.persons() == [{"contact_id:7", "device_id:A", "email:anna.berg@x.com"}]


def test_two_contacts_that_the_crm_holds_for_one_person(world):
    twins = world("""
        book 01/10:00 contact_id=7 email=anna@x.com user_id=u1
        book 02/10:00 contact_id=8 email=ANNA@x.com
        web 03/10:00 device_id=A contact_id=8
    """)
    assert twins.persons() == [{"contact_id:7", "contact_id:8", "device_id:A", "email:anna@x.com", "user_id:u1"}]


def test_a_late_log_in_claims_the_months_before(world):
    text = ["web 01/10:00 device_id=A", "web 40/10:00 device_id=A", "web 41/10:00 device_id=B"]
    before = world("\n".join(text))
    after = world("\n".join([*text, "web 150/10:00 device_id=A user_id=u1"]))
    assert before.who() == ["device_id:A", "device_id:A", "device_id:B"]
    assert after.who() == ["user_id:u1", "user_id:u1", "device_id:B", "user_id:u1"]


def test_an_id_that_is_a_number_in_one_source_and_text_in_another(world):
    numbers = world("""
        web 01/10:00 device_id=A user_id=#42
        web 01/10:01 device_id=B user_id=42
        book 01/10:02 user_id=#42 email=a@x.com
        book 01/10:03 user_id=#42.0 phone=+37120000001
    """)
    assert numbers.persons() == [{"device_id:A", "device_id:B", "email:a@x.com", "phone:+37120000001", "user_id:42"}]


def test_un_merge_by_override_takes_back_a_merge(world):
    text = """
        book 01/10:00 contact_id=7 email=berg@x.com
        book 02/10:00 contact_id=8 email=berg@x.com
        web 03/10:00 device_id=A contact_id=7
        web 04/10:00 device_id=B contact_id=8
    """
    apart = """
[[identity.override]]
link = "cannot"
a = "contact_id:8"
b = "contact_id:7"
author = "Ilze"
reason = "father and son"
"""
    assert len(world(text).persons()) == 1
    unmerged = world(text, identity=apart)
    assert unmerged.persons() == [{"contact_id:7", "device_id:A"}, {"contact_id:8", "device_id:B", "email:berg@x.com"}]
    assert unmerged.refusals() == {("cannot_link", "contact_id:7", "email:berg@x.com")}


def test_a_must_link_joins_what_evidence_does_not(world):
    text = """
        web 01/10:00 device_id=A user_id=u1
        web 01/10:01 device_id=B user_id=u2
        web 01/10:02 device_id=T user_id=u1
        web 01/10:03 device_id=T user_id=u2
        web 02/10:00 device_id=T
    """
    same = """
[[identity.override]]
link = "must"
a = "user_id:u1"
b = "user_id:u2"
author = "Ilze"
reason = "changed her name"
"""
    assert len(world(text).persons()) == 3
    joined = world(text, identity=same)
    assert joined.persons() == [{"device_id:A", "device_id:B", "device_id:T", "user_id:u1", "user_id:u2"}]
    assert not joined.refusals()


def test_an_erased_bridge_splits_others_and_their_ids_stay(world):
    bridge = "book 05/10:00 contact_id=7 email=a@x.com phone=+37120000001"
    rest = """
        web 01/10:00 device_id=A email=a@x.com
        web 02/10:00 device_id=B phone=+37120000001
    """
    with_bridge, without = world(rest + bridge), world(rest)
    assert len(with_bridge.persons()) == 1
    assert without.persons() == [{"device_id:A", "email:a@x.com"}, {"device_id:B", "phone:+37120000001"}]


def test_a_key_of_several_columns_links_nobody(world):
    text = """
        web 01/10:00 ip=1.1.1.1 agent=firefox user_id=u1
        web 01/10:01 ip=1.1.1.1 agent=firefox
        web 01/10:02 ip=1.1.1.1 agent=firefox email=a@x.com
    """
    logs = world(text, device='["ip", "agent"]')
    assert logs.persons() == [{"device_id:1.1.1.1|firefox"}, {"email:a@x.com"}, {"user_id:u1"}]
    assert logs.who() == ["user_id:u1", "device_id:1.1.1.1|firefox", "email:a@x.com"]
    assert not logs.refusals()


def test_what_somebody_else_told_of_a_person_without_events_is_no_person_met(world):
    book = world("web 01/10:00 device_id=A\nbook 01/10:00 contact_id=7 email=a@x.com")
    assert book.persons() == [{"contact_id:7", "email:a@x.com"}, {"device_id:A"}]
    assert book.engine.rows("SELECT event_count, is_known FROM persons") == [(1, False)]
