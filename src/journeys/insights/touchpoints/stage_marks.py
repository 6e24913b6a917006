"""Which stage each contact is in: as its rule says, or as a call says, and in which order the stages stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journeys.config import Stage
from journeys.errors import CallError
from journeys.paths.log import EventLog
from journeys.paths.steps import step, step_sql
from journeys.warehouse import Engine, quote_text


@dataclass(frozen=True)
class StageOrder:
    """The stages from first to last.

    Attributes:
        stages: the stages; those of absence are none here, for silence is no contact.
        steps: stage -> the steps in it, where a call says so; else the rules of the touchpoints do.
    """

    stages: tuple[Stage, ...]
    steps: Mapping[str, object] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(stage.name for stage in self.stages)


def order_stages(configured: tuple[Stage, ...], steps: object) -> StageOrder:
    """Read the stages of a call, or take the configured ones.

    Args:
        configured: stages of the configuration.
        steps: None, or a mapping of a stage's name to the steps in it, in order.

    Raises:
        CallError: there are no stages, or `steps` is no such mapping.
    """
    if steps is not None:
        if not isinstance(steps, Mapping) or not steps or not all(isinstance(name, str) and name for name in steps):
            raise CallError("stages", "stages= cannot be read", found=repr(steps),
                            allowed="a mapping of names to steps, first stage first")  # fmt: skip
        known = {stage.name: stage for stage in configured}
        return StageOrder(tuple(known.get(name, Stage.model_construct(name=name)) for name in steps), dict(steps))
    kept = tuple(stage for stage in configured if stage.absent_days is None)
    if not kept:
        raise CallError("stages", "the log has no stages", found="none",
                        do='say which steps are in which: stages={"awareness": ["home"], ...}')  # fmt: skip
    return StageOrder(kept)


def mark_stages(log: EventLog, scratch: Engine, order: StageOrder) -> None:
    """Write `contact_stages` (event_id, stage_index) of `contacts`; a contact of several stages is in the first.

    Raises:
        CallError: a step never occurs.
    """
    if order.steps is None:
        tests = [f"stage = {quote_text(name)}" for name in order.names]
    else:
        tests = [step_sql(log, step(match)) for match in order.steps.values()]
    cases = " ".join(f"WHEN {test} THEN {place}" for place, test in enumerate(tests, start=1))
    scratch.save(
        "contact_stages",
        f"WITH told AS (SELECT event_id, CAST(CASE {cases} END AS BIGINT) AS stage_index FROM person_events "
        "WHERE event_id IN (SELECT event_id FROM contacts)) SELECT * FROM told WHERE stage_index IS NOT NULL",
    )
