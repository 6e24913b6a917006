"""Steps: what may be one, and what it is called."""

from __future__ import annotations

import pytest

import journeys as jn


@pytest.mark.parametrize(
    ("match", "name"),
    [
        ("view", "view"),
        (["cart", "basket"], "cart or basket"),
        (("cart",), "cart"),
        ({"price": 10}, "price = 10"),
        ({"url": "*/x/*", "flag": True}, "url = */x/*, flag = True"),
        ({"price": [1, 2]}, "price = 1 or 2"),
    ],
    ids=str,
)
def test_a_step_has_a_name_of_its_own(match: object, name: str) -> None:
    assert jn.step(match).name.lower() == name.lower()
    assert jn.step(match, name="Mine").name == "Mine"


def test_a_step_of_a_step_is_itself_and_can_be_renamed() -> None:
    one = jn.step("view", name="Look")
    assert jn.step(one) == one
    assert jn.step(one, name="See").name == "See"
    assert one.name == "Look"


@pytest.mark.parametrize("wrong", [None, 3, 2.5, True, [], (), {}, [None], ["a", 3], b"view", ...], ids=repr)
def test_what_is_no_step_is_refused_with_what_is_allowed(wrong: object) -> None:
    with pytest.raises(jn.CallError) as caught:
        jn.step(wrong)
    assert "a list of names" in caught.value.allowed
