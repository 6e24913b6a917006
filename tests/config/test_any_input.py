"""Whatever stands in the file, the only error is a ConfigError in our own words."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config import (
    Bots,
    ChannelRule,
    FunnelSettings,
    Identity,
    Journey,
    KindSettings,
    Override,
    Project,
    Session,
    Settings,
    Source,
    Stage,
    TouchpointRule,
    Warehouse,
    build_settings,
    load_settings,
)
from journeys.errors import ConfigError

MODELS = (
    Project,
    Warehouse,
    Source,
    Identity,
    KindSettings,
    Override,
    Bots,
    Session,
    Journey,
    Stage,
    TouchpointRule,
    FunnelSettings,
    ChannelRule,
)
SECTIONS = ("source", "stage", "touchpoint", "goal", "funnel", "channels", "project", "session", "journey", "report",
            "identity", "bots", "override")  # fmt: skip
KEYS = st.sampled_from([*SECTIONS, "rule", "preset", "event", *(key for model in MODELS for key in model.model_fields)])
WORDS = (
    "file",
    "database",
    "rest",
    "30m",
    "9" * 400 + "w",
    "${A}",
    "${",
    "$${",
    "${SET}",
    "sqlite:///a",
    "UTC",
    "a.csv",
    "contacts",
    "must",
    "user_id:u-1",
    "email:a@b.example",
    "phone:1",
    "LV",
    "strong",
)
ODD_TEXTS = ("~/a.csv", "~nobody-here/a", "(?P<a>.)", "(((", "2000-01-01", "0001-01-01", "9999-12-31T23:59:59-23:59")
TEXTS = st.one_of(st.text(max_size=8), st.sampled_from([*WORDS, *ODD_TEXTS]))
SCALARS = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(),
    st.just(1 << 70),
    st.floats(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.just(dt.datetime(1, 1, 1, tzinfo=dt.UTC)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, TEXTS), inner, max_size=4)),
    max_leaves=12,
)
RAW_WORDS = ("pydantic", "Input should be", "type=", "validation error", "Traceback", "For further information")


def _try(load: Callable[[], Settings]) -> list[str]:
    try:
        found = load()
    except ConfigError as error:
        return list(error.problems) or ["journeys.toml: a ConfigError without a problem: pydantic"]
    assert len(found.fingerprint()) == 64
    return []


def _check(document: dict[str, Any]) -> None:
    for problem in _try(
        lambda: build_settings(document, "journeys.toml", environment={"SET": "set", "CRM_URL": "sqlite:///a"})
    ):
        assert problem.startswith("journeys.toml: ")
        assert not any(word in problem for word in RAW_WORDS), problem


@given(st.dictionaries(st.one_of(KEYS, TEXTS), VALUES, max_size=5))
@settings(max_examples=150, deadline=None)
def test_any_dictionary_loads_or_is_refused_in_words(document: dict[str, Any]) -> None:
    _check(document)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_value_anywhere_in_a_good_file_loads_or_is_refused_in_words(data: st.DataObject, every_option: str) -> None:
    document = tomllib.loads(every_option)
    place: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        if not place[key] or not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(VALUES)
            break
        place = place[key]
    _check(document)


@given(text=st.text(alphabet="[]{}=\"'#\n.,${}ab1-:T\\ ", max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_loads_or_is_refused_in_words(text: str, tmp_path_factory: Any) -> None:
    file = Path(tmp_path_factory.getbasetemp()) / "any.toml"
    file.write_text(text, encoding="utf-8")
    for problem in _try(lambda: load_settings(file)):
        assert problem.startswith(f"{file}: ")
