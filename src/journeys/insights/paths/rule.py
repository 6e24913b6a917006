"""Which paths are counted: whose, cut where, up to when. Shared by all that looks at whole paths."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from journeys.errors import CallError
from journeys.insights.answer import unit_words
from journeys.insights.marks import Anchors, cut_paths, prepare_contacts
from journeys.paths.log import EventLog
from journeys.units import US_PER_DAY
from journeys.warehouse import Engine


@dataclass(frozen=True)
class PathRule:
    """The paths that a call asks about.

    Attributes:
        anchors: where paths start, convert and end.
        inactive_us: so long after its last contact a unit is dropped; until then open.
        unit: person, session or account: whose contacts are one path.
        collapse: consecutive repeats of a step are one.
        as_of: end of observation; the log's own when none.
    """

    anchors: Anchors
    inactive_us: int
    unit: str = "person"
    collapse: bool = False
    as_of: object = None

    @contextmanager
    def lay(self, log: EventLog) -> Iterator[tuple[Engine, int]]:
        """Lend a scratch engine with `contacts`, `path_cut`, `path_steps` and `path_units`, and the moment asked about.

        Raises:
            CallError: a named step never occurs, the unit is unknown, or `as_of` is no time.
        """
        as_of_us = log.read_as_of(self.as_of)
        with log.engine.scratch() as scratch:
            prepare_contacts(log, scratch, self.anchors, unit=log.check_unit(self.unit), as_of_us=as_of_us)
            cut_paths(scratch, self.anchors, collapse=self.collapse, inactive_us=self.inactive_us, as_of_us=as_of_us)
            yield scratch, as_of_us

    def words(self) -> str:
        """Say what a path is, as the beginning of a rule."""
        return (
            f"A path is the sequence of contacts of one {self.unit}, from the first start (if named) to the first goal "
            "and the next end (if named)"
            + (", consecutive repeats as one step. " if self.collapse else "; repeats are kept. ")
        )

    def end_words(self) -> str:
        """Say how paths end, as the middle of a rule."""
        return (
            "It ends (converted) at its goal; otherwise (dropped) when the last contact plus "
            f"{self.inactive_us / US_PER_DAY:g} days is not after as_of, else (open). "
        )

    def unit_words(self) -> str:
        """Say what an account's path is, as the end of a rule."""
        return unit_words(self.unit)

    def parameters(self) -> dict[str, object]:
        """Return what was asked, for a definition."""
        return {**self.anchors.shown(), "unit": self.unit, "collapse": self.collapse,
                "inactive_days": self.inactive_us / US_PER_DAY}  # fmt: skip


def check_count(name: str, value: object, *, most: int = 2**62, is_optional: bool = False) -> None:
    """Refuse what is no count.

    Raises:
        CallError: it is no whole number from 1 to `most`.
    """
    if is_optional and value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise CallError("paths", f"{name} is not a count", found=repr(value),
                        allowed="a whole number from 1" + (f" to {most}" if most < 2**62 else ""))  # fmt: skip
