"""Links counted from `path_pairs`: as by `path_links`, `path_balance` and `path_coverage` where every step is named."""

from __future__ import annotations

import pandas as pd

from journeys.warehouse import Engine

# Of one position, one step and what follows it: the next step, an end, or more than is shown.
_COUNTED = """
    WITH followed AS (
      SELECT step_index, from_code, CASE WHEN to_code >= 0 AND step_index = $depth THEN -5 ELSE to_code END AS to_code
      FROM path_pairs WHERE step_index <= $depth
    )
    SELECT step_index, from_code, to_code, COUNT(*) AS count FROM followed GROUP BY step_index, from_code, to_code
"""
_LINKS = """
    WITH entrants AS (SELECT CAST(SUM(count) AS BIGINT) AS entrant_count FROM pair_counts WHERE step_index = 1)
    SELECT pair_counts.step_index, from_names.name AS from_step, to_names.name AS to_step, pair_counts.count,
      CAST(pair_counts.count AS DOUBLE) / entrants.entrant_count AS share, entrants.entrant_count
    FROM pair_counts CROSS JOIN entrants
    INNER JOIN path_names AS from_names ON from_names.code = pair_counts.from_code
    INNER JOIN path_names AS to_names ON to_names.code = pair_counts.to_code
    ORDER BY step_index, count DESC, from_step, to_step
"""
_BALANCE = """
    SELECT step_index, CAST(SUM(count) AS BIGINT) AS entrant_count,
      CAST(SUM(CASE WHEN to_code IN (-1, -3, -4) THEN 0 ELSE count END) AS BIGINT) AS continued_count,
      CAST(SUM(CASE WHEN to_code = -1 THEN count ELSE 0 END) AS BIGINT) AS converted_count,
      CAST(SUM(CASE WHEN to_code = -3 THEN count ELSE 0 END) AS BIGINT) AS dropped_count,
      CAST(SUM(CASE WHEN to_code = -4 THEN count ELSE 0 END) AS BIGINT) AS open_count
    FROM pair_counts GROUP BY step_index ORDER BY step_index
"""
_COVERAGE = """
    SELECT CAST(SUM(CASE WHEN step_index = 1 THEN count ELSE 0 END) AS BIGINT) AS entrant_count,
      CAST(SUM(CASE WHEN step_index = 1 THEN count ELSE 0 END) AS BIGINT) AS named_count,
      CAST(SUM(CASE WHEN to_code = -5 THEN count ELSE 0 END) AS BIGINT) AS more_count
    FROM pair_counts HAVING COUNT(*) > 0
"""


def link_pairs(scratch: Engine, depth: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count links, balance and coverage up to a position, as the models of these names do."""
    scratch.save("pair_counts", _COUNTED, {"depth": depth})
    return scratch.frame(_LINKS), scratch.frame(_BALANCE), scratch.frame(_COVERAGE)
