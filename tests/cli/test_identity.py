"""`journeys identity`: the summary, one identifier explained, the figures under each rule; also of hostile values."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from shop_script import RULES, SOURCE, Script
from test_hostile_names import NAMES

pytestmark = pytest.mark.usefixtures("blank_page")

BOOK = """
[source.identifiers]
email = "mail"
[[source]]
name = "book"
kind = "file"
path = "book.csv"
holds = "contacts"
[source.columns]
occurred_at = "at"
[source.identifiers]
contact_id = "contact"
email = "mail"
"""
# Anna has two devices and an address in the book; the tablet has two users; a mailbox and a word that name nobody.
EVENTS = """id,visitor,when,what,page,amount,user,mail
1,A,2026-03-01T10:00:00Z,view,u,,u1,Anna@Acme.example
2,B,2026-03-01T11:00:00Z,view,u,,u1,
3,T,2026-03-02T10:00:00Z,view,u,,,
4,T,2026-03-02T10:05:00Z,view,u,,u1,
5,T,2026-03-02T10:10:00Z,cart,u,,u2,sales@acme.example
6,T,2026-03-02T10:15:00Z,buy,u,9,,
7,undefined,2026-03-02T10:20:00Z,view,u,,u3,
"""
CONTACTS = "at,contact,mail\n2026-02-01T00:00:00Z,7,ANNA@ACME.EXAMPLE\n2026-02-01T00:00:00Z,8,kate@acme.example\n"


def write(script: Script, events: str = EVENTS) -> Script:
    source = SOURCE.replace('event = "what"', 'user_id = "user"\nevent = "what"')
    script.write(events.encode("utf-8"), source=source + BOOK, rules=RULES)
    (script.folder / "book.csv").write_text(CONTACTS, encoding="utf-8")
    return script


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """A shop with log-ins, a shared tablet and an address book, published."""
    made = write(Script(tmp_path_factory.mktemp("known")))
    made("refresh").succeeds()
    return made


def explain(script: Script, asked: str) -> dict:
    """Ask for JSON: one document and nothing else."""
    ended = script("identity", "--explain", asked, "--format", "json")
    assert ended.err == ""
    return json.loads(ended.succeeds())


def test_a_person_reads_from_top_to_bottom(known: Script) -> None:
    out = known("identity", "--explain", "email:ANNA@acme.EXAMPLE").succeeds()
    (person_id,) = {
        row[0] for row in known.rows("SELECT person_id FROM person_identifiers WHERE identifier_value = 'u1'")
    }
    wanted = [
        "email:anna@acme.example   (asked for as email:ANNA@acme.EXAMPLE)",
        f"person       {person_id}   known, no bot",
        "2026-03-01 10:00:00 to 2026-03-02 10:05:00",
        "4: 3 by own user_id, 1 known from later in the visit",
        "identifiers (5), each under the one it hangs on",
        "contact_id:7",
        "same row in book: 1 row, 2026-02-01 00:00:00",
        "device_id:A",
        "user_id:u1",
        "device_id:B",
        "refused around them (1)",
        "device_id:T with user_id:u1 (web, 1 row): met with 2 of kind user_id, allowed 1",
        "snapshot as of 2026-03-02T10:20:00Z",
    ]
    places = [out.index(words) for words in wanted]
    assert places == sorted(places)
    # B hangs on the user, the user on the address: each a step further in.
    indents = {line.split()[0]: len(line) - len(line.lstrip()) for line in out.splitlines() if line.strip()}
    assert indents["email:anna@acme.example"] < indents["user_id:u1"] < indents["device_id:B"]


def test_json_is_one_document(known: Script, tmp_path: Path) -> None:
    content = explain(known, "device_id:B")
    chains = {each["identifier"]: [link["to"] for link in each["chain"]] for each in content["identifiers"]}
    assert chains["contact_id:7"] == ["user_id:u1", "email:anna@acme.example", "contact_id:7"]
    assert content["person"]["event_count"] == 4
    assert (content["blocked"], content["guarded"]) == (None, None)
    target = tmp_path / "b.json"
    assert known("identity", "--explain", "device_id:B", "-o", target).succeeds() == ""
    assert json.loads(target.read_text(encoding="utf-8")) == content


def test_a_shared_tablet_is_kept_out_and_shared_out(known: Script) -> None:
    out = known("identity", "--explain", "device_id:T").succeeds()
    for words in ("kept out as a shared thing: met with 2 of kind user_id, allowed 1", "user_id:u1 (1 row)",
                  "4, given to persons one by one", "1 known from earlier in the visit: 1 person"):  # fmt: skip
        assert words in out


@pytest.mark.parametrize(
    ("asked", "reason"), [("email:SALES@acme.example", "role mailbox"), ("device_id:Undefined", "blocked value")]
)
def test_a_blocked_value_says_why(known: Script, asked: str, reason: str) -> None:
    out = known("identity", "--explain", asked).succeeds()
    assert f"never identifies anybody: {reason}" in out
    assert "1 row of source web" in out
    content = explain(known, asked)
    assert content["blocked"]["reason"] == reason
    assert [row["row_count"] for row in content["blocked"]["rows"]] == [1]
    assert (content["person"], content["identifiers"]) == (None, [])


def test_the_summary_counts_what_the_tables_hold(known: Script) -> None:
    ended = known("identity", "--format", "json")
    content = json.loads(ended.succeeds())
    assert ended.err == ""
    assert (content["person_count"], content["known_person_count"], content["bot_person_count"]) == (3, 3, 0)
    assert {row["identifier_kind"]: row["identifier_count"] for row in content["identifiers"]} == {
        "device_id": 3, "user_id": 3, "email": 2, "contact_id": 2
    }  # fmt: skip
    refused = {row["guard"]: row for row in content["refused"]}
    assert {guard: row["identifier_count"] for guard, row in refused.items()} == {"blocked": 2, "shared": 1}
    assert refused["shared"]["link_count"] == 2
    assert (content["large_persons"], content["changed_ids"]) == ([], [])
    out = known("identity").succeeds()
    for words in ("persons 3, of them 3 known by more than a device", "rule device_split", "shared", "blocked",
                  "persons of more than 100 identifiers: 0", "changed in the last night: none"):  # fmt: skip
        assert words in out


def test_a_merge_is_told_the_night_after(script: Script) -> None:
    write(script)("refresh").succeeds()
    before = explain(script, "contact_id:8")["person"]["person_id"]
    joined = EVENTS + "8,K,2026-03-02T10:30:00Z,view,u,,u2,Kate@acme.example\n"
    script.log(joined.encode("utf-8"))("refresh").succeeds()
    person = explain(script, "contact_id:8")["person"]
    user = explain(script, "user_id:u2")["person"]
    assert person["person_id"] == user["person_id"]
    assert {each["change"] for each in person["former_ids"]} == {"merged"}
    out = script("identity", "--explain", "contact_id:8").succeeds()
    assert "merged into" in out
    summary = json.loads(script("identity", "--format", "json").succeeds())
    assert [row["change"] for row in summary["changed_ids"]] == ["merged"]
    assert before in {person["person_id"], *(each["person_id"] for each in person["former_ids"])}


def test_large_persons_are_listed_with_what_holds_them(script: Script) -> None:
    many = "".join(f"1{day},D{day},2026-03-03T10:{day}:00Z,view,u,,u9,\n" for day in range(10, 20))
    write(script, EVENTS + many)
    config = script.config.read_text(encoding="utf-8")
    script.config.write_text(config + "\n[identity]\nalarm_size = 8\n", encoding="utf-8")
    script("refresh").succeeds()
    out = script("identity").succeeds()
    assert "persons of more than 8 identifiers: 1" in out
    (large,) = json.loads(script("identity", "--format", "json").succeeds())["large_persons"]
    assert large["identifier_count"] == 11
    assert "user_id:u9" in large["bridges"]
    assert "user_id:u9" in out


@pytest.mark.parametrize("file_format", ["json", "csv"])
def test_the_figures_under_each_rule_in_each_format(known: Script, file_format: str, tmp_path: Path) -> None:
    out = known("identity", "--sensitivity", "--format", file_format).succeeds()
    frame = pd.DataFrame(json.loads(out)["frame"]) if file_format == "json" else pd.read_csv(io.StringIO(out))
    assert list(frame["rule"]) == ["device_split", "last_known", "first_known", "none"]
    # u1, u2 and u3; without links also the tablet, for what nobody is named on.
    assert list(frame["person_count"]) == [3, 3, 3, 4]
    target = tmp_path / "rules.parquet"
    known("identity", "--sensitivity", "-o", target).succeeds()
    assert list(pd.read_parquet(target)["converted_person_count"]) == list(frame["converted_person_count"])
    early = known("identity", "--sensitivity", "--format", "csv", "--as-of", "2026-03-01T10:30:00Z").succeeds()
    assert list(pd.read_csv(io.StringIO(early))["person_count"]) == [1, 1, 1, 1]


def test_hostile_values_are_explained_and_harmless(script: Script) -> None:
    names = [name.strip() for name in NAMES]
    rows = [{"id": str(index), "visitor": f"D{index}", "when": f"2026-03-01T10:{index:02d}:00Z", "what": "view",
             "page": "u", "amount": "", "user": name, "mail": ""} for index, name in enumerate(names)]  # fmt: skip
    write(script, pd.DataFrame(rows).to_csv(index=False))("refresh").succeeds()
    for index, name in enumerate(names):
        content = explain(script, f"user_id:{name}")
        assert [each["identifier"] for each in content["identifiers"]] == [content["identifier"], f"device_id:D{index}"]
        out = script("identity", "--explain", f"user_id:{name}").succeeds()
        assert not any(character in out for character in "\x1b\u202e")
        assert len(out) < 5_000
    assert script.rows("SELECT COUNT(*) FROM persons") == [(len(names),)]


@pytest.mark.parametrize(
    "value", ["\x00", "\x1b[31mnope", "'; DROP TABLE persons; --", "%s${HOME}{{7*7}}", "y" * 100_000]
)
def test_a_hostile_value_that_was_never_seen_is_2(known: Script, value: str) -> None:
    ended = known("identity", "--explain", f"user_id:{value}")
    ended.fails(2, "unknown-identifier")
    assert ended.out == ""
    assert "\x1b" not in ended.err
    assert len(ended.err) < 5_000


def test_a_failed_write_leaves_nothing_behind(known: Script, tmp_path: Path) -> None:
    known("identity", "--format", "json", "-o", tmp_path).fails(1, "[output]")
    assert list(tmp_path.parent.glob("*.part")) == list(tmp_path.iterdir()) == []
