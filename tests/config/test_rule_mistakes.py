"""Every mistake in stages, touchpoints, goals, channels and funnels is named by its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

STAGE = '[[stage]] "consideration" (2nd)'
PAGE = '[[touchpoint]] "Product page" (1st)'
CART = '[[touchpoint]] "Cart" (2nd)'
GOAL = '[[goal]] "purchase" (1st)'
PARTNERS = '[[channels.rule]] "Partners" (1st)'
FUNNEL = '[[funnel]] "shop" (1st)'
# (old text, new text, key as shown, words the problem must hold)
MISTAKES = [
    (
        'name = "awareness"',
        'name = "consideration"',
        STAGE + ": name",
        ["the 1st has this name"],
    ),
    (
        'name = "awareness"',
        'name = "gone"\nabsent_days = 0',
        '[[stage]] "gone" (1st): absent_days',
        ["too small", "from 1 to"],
    ),
    (
        'stage = "consideration"',
        'stage = "consideratoin"',
        PAGE + ": stage",
        ["no stage of that name", "allowed: awareness, consideration", "did you mean 'consideration'?"],
    ),
    (
        'name = "Cart"',
        'name = "Product page"',
        '[[touchpoint]] "Product page" (2nd): name',
        ["the 1st has this name already"],
    ),
    ('name = "Cart"', 'name = "(other)"', '[[touchpoint]] "(other)" (2nd): name', ["parentheses are reserved"]),
    ('name = "Cart"', 'name = "Cart "', '[[touchpoint]] "Cart " (2nd): name', ["blanks around the name"]),
    ("sql = \"event = 'cart'\"\n", "", CART, ["neither match nor sql", "exactly one"]),
    ('name = "Cart"', 'name = "Cart"\nmatch = { event = "cart" }', CART, ["both match and sql"]),
    ('name = "Cart"', 'name = "Cart"\nmatch = "true"', CART, ["both match and sql"]),
    ('"*/product/*"', "[]", PAGE + ": match.url", ["empty list", "found []"]),
    ('"*/product/*"', "2024-01-01", PAGE + ": match.url", ["cannot be compared", "2024-01-01"]),
    ('"*/product/*"', "nan", PAGE + ": match.url", ["cannot be compared", "found nan"]),
    ('{ event = "purchase" }', "{}", GOAL + ": match", ["no condition given", "column = value"]),
    ('{ event = "purchase" }', "5", GOAL + ": match", ["not a condition", "found 5"]),
    ('{ event = "purchase" }', '""', GOAL + ": match", ["not a condition", "SQL predicate"]),
    ('value = "value_amount"', "valeu = 1", GOAL + ": valeu", ["did you mean 'value'?"]),
    ('source = "partner-*"\n', "", PARTNERS, ["no pattern given", "at least one of source"]),
    ('source = "partner-*"', "sorce = 1\nmedium = 'x'", PARTNERS + ": sorce", ["did you mean 'source'?"]),
    ('["Product page", "Cart", "purchase"]', "[]", FUNNEL + ": steps", ["not a list of steps", "at least one"]),
    ('["Product page", "Cart", "purchase"]', '"Cart"', FUNNEL + ": steps", ["not a list of steps", "'Cart'"]),
    ('"Cart", "purchase"]', "5]", FUNNEL + ": steps (2nd)", ["not a step", "found 5"]),
    ('"Cart", "purchase"]', "{ event = [] }]", FUNNEL + ": steps (2nd).event", ["empty list"]),
    ('"7d"', '"7 days"', FUNNEL + ": window", ["not a duration", "'7 days'"]),
    ('"7d"', '"7d"\noptional = ["Basket"]', FUNNEL, ["'Basket' is no step of the funnel", "Cart"]),
    ('"7d"', '"7d"\nwithin = { Cart = "soon" }', FUNNEL + ": within.Cart", ["not a duration", "'soon'"]),
    ('"7d"', '"7d"\nexclude = [{ match = "x", after = 2, before = 2 }]', FUNNEL, ["between two steps"]),
    ('"7d"', '"7d"\norder = "orderd"', FUNNEL + ": order", ["did you mean 'ordered'?"]),
    ('"7d"', '"7d"\norder = "any"\noptional = ["Cart"]', FUNNEL, ["order='any' knows no optional steps"]),
    ('"7d"', '"7d"\noptional = ["Product page"]', FUNNEL, ["the first step is optional"]),
    ('"7d"', '"7d"\nentry = "each"\noptional = ["Cart"]\nwithin = { Cart = "1h" }', FUNNEL, ["entry='each'"]),
    ('"7d"', '"7d"\nentry = "open"\noptional = ["Cart"]', FUNNEL, ["entry='open' knows no optional steps"]),
    ('"7d"', '"7d"\nentry = "open"\norder = "any"', FUNNEL, ["entry='open' needs an order", "'strict'"]),
    (
        '"7d"',
        '"7d"\nentry = "open"\nexclude = [{ match = "x", after = 1, before = 3 }]',
        FUNNEL,
        ["excludes only between neighbouring steps", "(match, i, i + 1)"],
    ),
    ('"7d"', '"7d"\nentry = "opne"', FUNNEL + ": entry", ["did you mean 'open'?"]),
    ('"7d"', '"7d"\nentry = "eech"', FUNNEL + ": entry", ["did you mean 'each'?"]),
]


@pytest.mark.parametrize(("old", "new", "key", "words"), MISTAKES)
def test_a_mistake_is_named_by_its_key(
    problems_of: Callable[..., list[str]], old: str, new: str, key: str, words: list[str]
) -> None:
    problems = problems_of((old, new))
    own = [problem for problem in problems if problem.startswith(f"{key}: ")]
    assert len(own) == 1, problems
    for word in words:
        assert word in own[0]
