"""What every insight returns: a frame with the exact rule that made it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from journeys.errors import CallError

# The value of a row that has none, and all values that are not told apart.
NO_VALUE = "(none)"
REST = "(rest)"


@dataclass(frozen=True)
class Answer:
    """An insight's answer.

    Attributes:
        frame: the numbers, in the columns the insight promises.
        definition: the rule in words, `as_of`, parameters and the fingerprint of the data.
        tables: further tables of the same answer, by name.
    """

    frame: pd.DataFrame
    definition: dict[str, Any]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def check_free_name(by: str, columns: Iterable[str]) -> None:
    """Refuse to split an answer by a column whose name one of its own columns has.

    Raises:
        CallError: the name is taken.
    """
    if by in set(columns):
        raise CallError("by", "the answer has a column of this name already", found=repr(by),
                        allowed="another name", do="rename the column of the log")  # fmt: skip


def unit_words(unit: str, contact_count: int = 1) -> str:
    """Say what a step of an account means, as the end of a rule; nothing for other units.

    Args:
        unit: person, session or account.
        contact_count: different contacts of an account that a step takes.
    """
    if unit != "account":
        return ""
    stream = " The events of all contacts (persons) of an account are one stream; each event counts for one account. "
    if contact_count == 1:
        return f"{stream}A step is met by any contact."
    return (
        f"{stream}A step is met by at least {contact_count} contacts: an event meets it when {contact_count} or more "
        "different persons of the account have done it by then, the event's own person included."
    )
