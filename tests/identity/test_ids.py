"""Ids of persons: a function of the evidence, the same from night to night; where they change, the change is kept."""

from __future__ import annotations

from hashlib import md5

from world_of_identities import CONFIG

import journeys as jn


def name(kind, value):
    return md5(f"{kind}\x1f{value}".encode()).hexdigest()[:16]


def test_the_id_is_of_the_strongest_kind_seen_first(world):
    ids = world("""
        web 03/10:00 device_id=A user_id=u1
        book 01/10:00 contact_id=7 user_id=u1
        book 02/10:00 contact_id=8 user_id=u1
        web 01/09:00 device_id=A
    """).ids()
    assert set(ids.values()) == {name("contact_id", "7")} or set(ids.values()) == {name("user_id", "u1")}
    first = min((name("contact_id", "7"), "contact_id"), (name("user_id", "u1"), "user_id"))
    hashes = {"contact_id": md5(b"contact_id\x1f7").hexdigest(), "user_id": md5(b"user_id\x1fu1").hexdigest()}
    assert min(hashes, key=hashes.get) == first[1]
    assert set(ids.values()) == {first[0]}


def test_an_id_stays_when_more_is_learned(world):
    rows = [
        "web 01/10:00 device_id=A user_id=u1",
        "web 02/10:00 device_id=B user_id=u1",
        "book 03/10:00 user_id=u1 email=a@x.com",
    ]
    seen = {world("\n".join(rows[:count])).ids()["user_id:u1"] for count in (1, 2, 3)}
    assert seen == {name("user_id", "u1")}


def test_a_first_log_in_renames(world, tmp_path):
    before, after = (
        world("web 01/10:00 device_id=A"),
        world("web 01/10:00 device_id=A\nweb 02/10:00 device_id=A user_id=u1"),
    )
    assert after.aliases(before) == {(name("device_id", "A"), name("user_id", "u1"), "renamed")}


def test_a_log_in_on_a_second_device_merges(world, tmp_path):
    text = "web 01/10:00 device_id=A user_id=u1\nweb 02/10:00 device_id=B"
    before, after = world(text), world(text + "\nweb 03/10:00 device_id=B user_id=u1")
    assert after.aliases(before) == {(name("device_id", "B"), name("user_id", "u1"), "merged")}


def test_a_second_user_of_a_device_splits(world, tmp_path):
    text = "web 01/10:00 device_id=A user_id=u1"
    before, after = world(text), world(text + "\nweb 03/10:00 device_id=A user_id=u2")
    assert after.aliases(before) == {(name("user_id", "u1"), name("device_id", "A"), "split")}


def test_nothing_learned_changes_no_id(world, tmp_path):
    text = "web 01/10:00 device_id=A user_id=u1"
    assert not world(text + "\nweb 05/10:00 device_id=A").aliases(world(text))


def test_the_history_of_the_night_before_is_carried_on(refresh, tmp_path):
    (tmp_path / "journeys.toml").write_text(CONFIG, encoding="utf-8")
    web, book = tmp_path / "web.jsonl", tmp_path / "book.jsonl"
    book.write_text('{"at": "2026-03-01", "contact_id": "7", "email": "a@x.com"}\n', encoding="utf-8")
    lines = [
        '{"id": "1", "at": "2026-03-01T10:00:00Z", "device_id": "A", "event": "view"}\n',
        '{"id": "2", "at": "2026-03-02T10:00:00Z", "device_id": "A", "email": "a@x.com", "event": "view"}\n',
        '{"id": "3", "at": "2026-03-03T10:00:00Z", "device_id": "B", "event": "buy"}\n',
        '{"id": "4", "at": "2026-03-04T10:00:00Z", "device_id": "B", "email": "A@x.com", "event": "buy"}\n',
    ]
    for count in (1, 2, 3, 4):
        web.write_text("".join(lines[:count]), encoding="utf-8")
        assert refresh(tmp_path / "journeys.toml").is_new
    with jn.open(tmp_path / "journeys.toml") as log:
        aliases = log.table("person_aliases")
    contact = name("contact_id", "7")
    assert set(zip(aliases["old_person_id"], aliases["new_person_id"], aliases["change"], strict=True)) == {
        (name("device_id", "A"), contact, "merged"),
        (name("device_id", "B"), contact, "merged"),
    }
    assert aliases["snapshot_id"].nunique() == 2


def test_the_refresh_warns_of_a_giant_and_of_identifiers_that_no_row_carries(refresh, tmp_path):
    (tmp_path / "journeys.toml").write_text(CONFIG + "[identity]\nalarm_size = 3\n", encoding="utf-8")
    (tmp_path / "book.jsonl").write_text("", encoding="utf-8")
    rows = [
        f'{{"at": "2026-03-01T10:00:00Z", "device_id": "{device}", "email": "a@x.com", "event": "buy"}}\n'
        for device in "ABCD"
    ]
    (tmp_path / "web.jsonl").write_text("".join(rows), encoding="utf-8")
    refresh(tmp_path / "journeys.toml")
    with jn.open(tmp_path / "journeys.toml") as log:
        warnings = log.table("run_warnings")["warning"]
        giants = log.table("large_persons")
    assert [text.split(":")[0] for text in warnings if "identifiers" in text] == [
        "1 person has more than 3 identifiers (the largest 5)"
    ]
    assert giants["bridges"].tolist() == ["email:a@x.com"]
    lacking = "Source 'web': no usable row has a value for {}; see the column it is mapped to."
    assert [text for text in warnings if "no usable row" in text] == [
        lacking.format(kind) for kind in ("user_id", "contact_id", "phone", "cookie", "loyalty_card")
    ]
