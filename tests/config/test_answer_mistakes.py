"""Every mistake in `[source.answer]` is named, and what surveys and tickets map is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Settings
from journeys.errors import ConfigError

HEAD = '[project]\nname = "Acme"\n[[goal]]\nname = "buy"\nmatch = { event = "buy" }\n'
SURVEYS = (
    '[[source]]\nname = "s"\nkind = "file"\nholds = "surveys"\npath = "s.csv"\n'
    '[source.columns]\noccurred_at = "at"\nuser_id = "who"\n'
)
ANSWER = '[source.answer]\nscore = "score"\nscale_min = { value = "0" }\nscale_max = { value = "10" }\n'


def test_answers_are_events_of_their_own_name_outside_sessions(load: Callable[..., Settings]) -> None:
    source = load(text=HEAD + SURVEYS + ANSWER).sources[0]
    assert source.columns["event"].value == "survey answer"
    assert (source.has_events, source.is_interaction) == (True, False)
    assert source.answer["scale_max"].value == "10"
    tickets = load(text=HEAD + SURVEYS.replace('"surveys"', '"tickets"')).sources[0]
    assert tickets.columns["event"].value == "ticket"
    named = load(text=HEAD + SURVEYS + 'event = "kind"\n' + ANSWER).sources[0]
    assert named.columns["event"].column == "kind"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SURVEYS, ["answer", "missing", "[source.answer] with score"]),
        (SURVEYS + "[source.answer]\n", ["answer", "neither score nor text"]),
        (SURVEYS + '[source.answer]\nlanguage = "l"\n', ["answer", "neither score nor text"]),
        (SURVEYS + ANSWER + 'mood = "m"\n', ["answer.mood", "unknown key", "touchpoint"]),
        (SURVEYS + ANSWER.replace('scale_min = { value = "0" }\n', ""), ["answer", "one end of the scale"]),
        (SURVEYS + ANSWER.replace('"10"', '"0"'), ["answer.scale_max", "not above scale_min"]),
        (SURVEYS + ANSWER.replace('"10"', '"ten"'), ["answer.scale_max", "not a number", "found 'ten'"]),
        (SURVEYS + ANSWER + 'direction = { value = "left" }\n', ["answer.direction", "'up' or 'down'"]),
        (SURVEYS + ANSWER.replace('"score"', '{ sql = "score score +" }'), ["answer.score.sql", "not SQL"]),
        (SURVEYS.replace('holds = "surveys"\n', "") + 'event = "e"\n' + ANSWER, ["answer", "holds events", "tickets"]),
        (SURVEYS.replace("[source.columns]", 'answer = "score"\n[source.columns]'), ["answer", "must be a table"]),
        (SURVEYS.replace('occurred_at = "at"\n', "") + ANSWER, ["columns.occurred_at", "missing"]),
    ],
)
def test_a_mistake_is_named(load: Callable[..., Settings], text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text=HEAD + text)
    found = "\n".join(caught.value.problems)
    for word in words:
        assert word in found
