"""Steps by their shown name: re-visits numbered, and which touchpoint and stage stand behind a name."""

from __future__ import annotations

import pandas as pd

from journeys.errors import CallError
from journeys.warehouse import Engine, select_model


def number_revisits(scratch: Engine) -> None:
    """Number in `path_steps` what is met again on the same path; writes `path_numbered`.

    Raises:
        CallError: a touchpoint bears the name that a re-visit of another would get.
    """
    scratch.save("path_numbered", *select_model("path_numbered"))
    taken = scratch.rows(
        "SELECT MIN(step_name) FROM path_numbered WHERE visit_index > 1 AND step_name IN "
        "(SELECT touchpoint FROM path_numbered WHERE visit_index = 1)"
    )[0][0]
    if taken is not None:
        raise CallError("revisits", "a touchpoint bears the name of a numbered re-visit", found=repr(taken),
                        do="rename it, or leave revisits out")  # fmt: skip
    scratch.save("path_steps", "SELECT unit_id, step_index, step_name, occurred_at_us FROM path_numbered")


def list_steps(scratch: Engine, *, is_numbered: bool = False) -> pd.DataFrame:
    """List the names of the steps of `contacts` as shown: `step_name`, `touchpoint`, `stage` (null without one)."""
    stages = "SELECT step_name, MIN(stage) AS stage FROM contacts GROUP BY step_name"
    names = "SELECT DISTINCT step_name, touchpoint FROM path_numbered"
    if not is_numbered:
        names = "SELECT step_name, step_name AS touchpoint FROM staged"
    return scratch.frame(
        f"WITH staged AS ({stages}), named AS ({names}) SELECT named.step_name, named.touchpoint, staged.stage "
        "FROM named INNER JOIN staged ON staged.step_name = named.touchpoint ORDER BY 1"
    )
