"""Chains by the portable SQL, which is the definition: one SELECT for each further step."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.insights.funnels.rule import FunnelRule
from journeys.paths.steps import Step
from journeys.warehouse import Engine, select_model


def is_portable(scratch: Engine, steps: Sequence[Step], rule: FunnelRule) -> bool:
    """Say whether sets of windows can count it: no limit besides the window, and no choice inside a tie."""
    is_plain = rule.order == "ordered" and rule.entry != "each" and rule.ties != "sequence"
    has_limits = rule.exclude or rule.hold or rule.by or any(each.is_optional or each.within_us for each in steps)
    if not is_plain or has_limits or rule.is_reused:
        return False
    return rule.ties == "increasing" or not scratch.rows(
        "SELECT unit_id FROM funnel_matches GROUP BY unit_id, occurred_at_us "
        "HAVING COUNT(*) > 1 AND MAX(CASE WHEN mask & (mask - 1) <> 0 THEN 1 ELSE 0 END) = 1 LIMIT 1"
    )


def find_portable_chains(scratch: Engine, step_count: int, rule: FunnelRule) -> None:
    """Write `funnel_best` and `funnel_times` from `funnel_matches`."""
    selects = [
        f"SELECT unit_id, event_id, occurred_at_us, CAST({place + 1} AS BIGINT) AS step_index, "
        f"mask & (mask - 1) <> 0 AS is_shared FROM funnel_matches WHERE mask & {1 << place} > 0"
        for place in range(step_count)
    ]
    scratch.save("funnel_candidates", " UNION ALL ".join(selects))
    increasing = {"is_increasing": rule.ties == "increasing"}
    scratch.save("funnel_chains", *select_model("funnel_first", {"is_first_only": rule.entry == "first"}))
    scratch.save("funnel_reached", "SELECT *, CAST(1 AS BIGINT) AS step_index FROM funnel_chains")
    for place in range(2, step_count + 1):
        longer = {"step_index": place, "window_us": rule.window_us, **increasing}
        scratch.save("funnel_chains", *select_model("funnel_next", longer))
        scratch.run("INSERT INTO funnel_reached SELECT *, $place FROM funnel_chains", {"place": place})
    scratch.save("funnel_best", *select_model("funnel_best"))
    scratch.save(
        "funnel_times",
        "SELECT unit_id, attempt_index, CAST(1 AS BIGINT) AS step_index, start_us AS reached_us, "
        "CAST(0 AS BIGINT) AS wait_us FROM funnel_best",
    )
    for place in range(2, step_count + 1):
        select, parameters = select_model("funnel_time", {"step_index": place, **increasing})
        scratch.run(f"INSERT INTO funnel_times BY NAME SELECT * FROM ({select})", parameters)
