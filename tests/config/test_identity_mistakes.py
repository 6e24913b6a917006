"""Every mistake in [identity] and [bots] is named by its key, with what was found and what is allowed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

RULE = 'rule = "device_split"\n'
KINDS = "contact_id, user_id"
# (text below the rule, key as shown, words the problem must hold)
MISTAKES = [
    ('blocked = "robot"', "[identity]: blocked", ["must be a list", "found 'robot'", '["a", "b"]']),
    ("blocked = [5]", "[identity]: blocked (1st)", ["must be a text in quotes", "found 5"]),
    ('blocked = ["a", " "]', "[identity]: blocked (2nd)", ["empty text"]),
    ('blocked = ["a\\u0000"]', "[identity]: blocked (1st)", ["control character"]),
    ('blocked = ["emial:*@a.example"]', "[identity]: blocked (1st)", ["unknown kind", "did you mean 'email'?"]),
    ('blocked = ["Email:x"]', "[identity]: blocked (1st)", ["unknown kind", "account_id", "did you mean 'email'?"]),
    ('blocked = ["urn:uuid:0"]', "[identity]: blocked (1st)", ["unknown kind", "found 'urn:uuid:0'", KINDS]),
    ('blocked = ["email: "]', "[identity]: blocked (1st)", ["no value after the kind"]),
    ('phone_region = "lv"', "[identity]: phone_region", ["no known country", "did you mean 'LV'?"]),
    ('phone_region = "Latvia"', "[identity]: phone_region", ["no known country", "two capital letters"]),
    ("phone_region = 371", "[identity]: phone_region", ["must be a text in quotes", "found 371"]),
    ("hub_degree = 0", "[identity]: hub_degree", ["too small", "from 1 to"]),
    ("hub_degree = 1.5", "[identity]: hub_degree", ["must be a whole number", "found 1.5"]),
    ("alarm_size = 1", "[identity]: alarm_size", ["too small", "from 2 to"]),
    ('account_domains = "no"', "[identity]: account_domains", ["must be true or false", "found 'no'"]),
    ('free_mail = "mail.example"', "[identity]: free_mail", ["must be a list"]),
    ('free_mail = ["anna@mail.example"]', "[identity]: free_mail (1st)", ["not a domain", "mean 'mail.example'?"]),
    ('free_mail = ["https://mail.example/"]', "[identity]: free_mail (1st)", ["mean 'mail.example'?"]),
    ('free_mail = ["a.example", "mail"]', "[identity]: free_mail (2nd)", ["not a domain", "found 'mail'"]),
    ('free_mail = ["*.example"]', "[identity]: free_mail (1st)", ["not a domain"]),
    ('free_mail = [".example", "-a.example"]', "[identity]: free_mail (2nd)", ["mean 'a.example'?"]),
    ("blocks = []", "[identity]: blocks", ["unknown key", "did you mean 'blocked'?"]),
    ("overrides = []", "[identity]: overrides", ["unknown key", "did you mean 'override'?"]),
    ("kinds = 5", "[identity]: kinds", ["must be a table", "[identity.kinds.NAME]"]),
    ('kinds.email = "strong"', "[identity]: kinds.email", ["must be a table", "[identity.kinds.email]"]),
    ('kinds.email.strength = "stron"', "[identity]: kinds.email.strength", ["'stron'", "did you mean 'strong'?"]),
    ("kinds.email.strength = 2", "[identity]: kinds.email.strength", ["found 2", "'strong', 'medium', 'weak'"]),
    ("kinds.email.person_limit = 0", "[identity]: kinds.email.person_limit", ["too small", "from 1 to"]),
    ('kinds.email.format = "mail"', "[identity]: kinds.email.format", ["'text', 'email', 'phone'"]),
    ("kinds.email.limit = 3", "[identity]: kinds.email.limit", ["unknown key", "strength, person_limit, format"]),
    ('kinds.badge.format = "text"', "[identity]: kinds.badge.strength", ["missing for a new kind", "'weak'"]),
    ('kinds."Store Card".strength = "weak"', "[identity]: kinds.Store Card", ["a-z", "mean 'store_card'?"]),
    ("kinds.'$.\"a\"[0]'.strength = 'weak'", '[identity]: kinds.$."a"[0]', ["not fit", "mean 'a_0'?"]),
    ('kinds."9".strength = "weak"', "[identity]: kinds.9", ["a letter first"]),
    (f'kinds.{"a" * 64}.strength = "weak"', f"[identity]: kinds.{'a' * 64}", ["at most 63"]),
    ('kinds.account_id.strength = "weak"', "[identity]: kinds.account_id", ["an account is no identifier"]),
    ('kinds.user_id.strength = "weak"', "[identity]: kinds.user_id.strength", ["a user is strong", "person_limit"]),
    ('kinds.device_id.strength = "strong"', "[identity]: kinds.device_id.strength", ["a device is weak"]),
    ("override = 5", "[identity]: override", ["must be a list of tables", "in double brackets"]),
    ('[bots]\nuser_agents = "no"', "[bots]: user_agents", ["must be true or false"]),
    ("[bots]\nmost_events = -1", "[bots]: most_events", ["too small", "from 0 to"]),
    ("[bots]\nwithin = 5", "[bots]: within", ["found 5", "a text in quotes such as '5m'"]),
    ('[bots]\nwithin = "5"', "[bots]: within", ["not a duration"]),
    ("[bots]\nsteady_pages = 2", "[bots]: steady_pages", ["too few to have a pace", "found 2", "from 3"]),
    ("[bots]\nsteady = 20", "[bots]: steady", ["unknown key", "steady_pages"]),
]
OVERRIDE = {"link": "must", "a": "user_id:u-1", "b": "email:anna@acme.example", "author": "Anna", "reason": "told"}
# (changes of OVERRIDE, None removes; key, words)
OVERRIDE_MISTAKES = [
    ({"link": "most"}, "link", ["'most'", "did you mean 'must'?"]),
    ({"link": None}, "link", ["missing", "must or cannot"]),
    ({"a": None}, "a", ["missing", "KIND:VALUE"]),
    ({"author": None}, "author", ["missing", "who decided"]),
    ({"reason": None}, "reason", ["missing", "why"]),
    ({"author": " "}, "author", ["empty text"]),
    ({"reason": ""}, "reason", ["empty text"]),
    ({"because": "x"}, "because", ["unknown key", "reason"]),
    ({"a": "u-1"}, "a", ["not KIND:VALUE", "found 'u-1'"]),
    ({"a": ":u-1"}, "a", ["not KIND:VALUE"]),
    ({"b": "email:"}, "b", ["not KIND:VALUE"]),
    ({"b": "email: "}, "b", ["not KIND:VALUE"]),
    ({"a": "user:u-1"}, "a", ["unknown kind", "found 'user:u-1'", KINDS, "did you mean 'user_id'?"]),
    ({"a": "account_id:acme"}, "a", ["an account is no identifier of a person"]),
    ({"a": "user_id:null"}, "a", ["never identifies anybody: blocked value", "found 'user_id:null'"]),
    ({"b": "email:INFO+x@acme.example"}, "b", ["never identifies anybody: role mailbox"]),
    ({"b": "phone:none at all"}, "b", ["never identifies anybody: no digits"]),
    ({"b": "user_id: u-1 "}, "b", ["the same identifier as a"]),
    ({"a": "email:ANNA@acme.example"}, "b", ["the same identifier as a"]),
    ({"a": "phone:+371 20 000 000", "b": "phone:+37120000000"}, "b", ["the same identifier as a"]),
]


def write_override(**changes: str | None) -> str:
    """Write OVERRIDE with the changes."""
    lines = [f"{key} = {value!r}" for key, value in {**OVERRIDE, **changes}.items() if value is not None]
    return "\n".join(["[[identity.override]]", *lines, ""])


@pytest.mark.parametrize(("text", "key", "words"), MISTAKES)
def test_a_mistake_is_the_only_problem_and_named_by_its_key(
    problems_of: Callable[..., list[str]], text: str, key: str, words: list[str]
) -> None:
    problems = problems_of((RULE, f"{RULE}{text}\n"))
    own = [problem for problem in problems if problem.startswith(f"{key}: ")]
    assert len(own) == 1, problems
    assert len(problems) == 1 or text.startswith('free_mail = [".')
    for word in words:
        assert word in own[0]


@pytest.mark.parametrize(("changes", "key", "words"), OVERRIDE_MISTAKES)
def test_a_mistake_in_an_override_is_the_only_problem_and_named_by_its_key(
    problems_of: Callable[..., list[str]], changes: dict[str, str | None], key: str, words: list[str]
) -> None:
    good = write_override(a="user_id:u-8", b="user_id:u-9")
    (problem,) = problems_of((RULE, RULE + good + write_override(**changes)))
    assert problem.startswith(f"[[identity.override]] (2nd): {key}: ")
    for word in words:
        assert word in problem


def test_a_secret_in_an_override_is_not_shown(
    problems_of: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHO", "emial:s3cr3t@acme.example")
    (problem,) = problems_of((RULE, RULE + write_override(a="${WHO}")))
    assert "unknown kind" in problem
    assert "did you mean" not in problem
    assert "s3cr3t" not in problem


# (links as (link, a, b), the problem's place and the overrides it names)
CONTRADICTIONS = [
    ([("must", "u:1", "u:2"), ("cannot", "u:1", "u:2")], {2: ["the 1st"]}),
    ([("cannot", "u:2", "u:1"), ("must", "u:1", "u:2")], {1: ["the 2nd"]}),
    ([("must", "u:1", "u:2"), ("must", "u:2", "u:3"), ("cannot", "u:3", "u:1")], {3: ["the 1st and the 2nd"]}),
    (
        [("must", "u:1", "u:2"), ("must", "u:3", "u:4"), ("cannot", "u:1", "u:4"), ("must", "u:3", "u:2")],
        {3: ["the 1st and the 2nd and the 4th"]},
    ),
    # The shortest way is told, and the must-link beside it is not.
    (
        [("must", "u:1", "u:2"), ("must", "u:2", "u:3"), ("must", "u:1", "u:3"), ("cannot", "u:1", "u:3")],
        {4: ["the 3rd [[identity.override]] joins"]},
    ),
    (
        [("must", "u:1", "u:2"), ("cannot", "u:1", "u:2"), ("cannot", "u:2", "u:1"), ("cannot", "u:1", "u:3")],
        {2: ["the 1st"], 3: ["the 1st"]},
    ),
    ([("must", "email:A@x.example", "u:1"), ("cannot", "u: 1", "email:a@x.example")], {2: ["the 1st"]}),
]


@pytest.mark.parametrize(("links", "found"), CONTRADICTIONS)
def test_overrides_that_cannot_all_hold_are_named(
    problems_of: Callable[..., list[str]], links: list[tuple[str, str, str]], found: dict[int, list[str]]
) -> None:
    texts = [write_override(link=link, a=write(a), b=write(b)) for link, a, b in links]
    problems = problems_of((RULE, RULE + "".join(texts)))
    endings = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th"}
    assert len(problems) == len(found)
    for problem, (place, words) in zip(problems, found.items(), strict=True):
        assert problem.startswith(f"[[identity.override]] ({endings[place]}): contradiction")
        for word in words:
            assert word in problem


@pytest.mark.parametrize(
    "links",
    [
        [("must", "u:1", "u:2"), ("must", "u:2", "u:3"), ("must", "u:3", "u:1")],
        [("must", "u:1", "u:2"), ("must", "u:2", "u:1"), ("must", "u:1", "u:2")],
        [("cannot", "u:1", "u:2"), ("cannot", "u:2", "u:3"), ("cannot", "u:3", "u:1")],
        [("must", "u:1", "u:2"), ("cannot", "u:2", "u:3"), ("must", "u:3", "u:4")],
    ],
)
def test_circles_repeats_and_neighbours_are_no_contradiction(
    load: Callable[..., object], links: list[tuple[str, str, str]]
) -> None:
    load((RULE, RULE + "".join(write_override(link=link, a=write(a), b=write(b)) for link, a, b in links)))


def test_mistakes_of_all_kinds_are_told_at_once(problems_of: Callable[..., list[str]]) -> None:
    text = 'hub_degree = 0\nblocked = ["emial:x"]\n[identity.kinds.badge]\nperson_limit = 2\n'
    links = write_override(a="badg:1") + write_override(b="email:") + write_override() + write_override(link="cannot")
    problems = problems_of((RULE, RULE + text + links))
    assert sorted(problem.split("; ")[0].partition(": ")[2] for problem in problems) == [
        "a: unknown kind of identifier before the colon",
        "b: not KIND:VALUE",
        "blocked (1st): unknown kind of identifier before the colon",
        "contradiction: it parts what the 3rd [[identity.override]] joins",
        "hub_degree: too small",
        "kinds.badge.strength: missing for a new kind",
    ]


def write(identifier: str) -> str:
    """Write u:1 as user_id:1."""
    return identifier.replace("u:", "user_id:", 1) if identifier.startswith("u:") else identifier
