-- Who stands where at each position: at a step, or at the end that their path has come to by then.
-- With $top only the commonest steps of each position, over all groups together, keep their name (equal counts by name), the
-- rest is that position's (other).
-- grain: one step or end at one position, of one group
-- key: group_index, step_index, step
-- not null: group_index, step_index, step, is_end, count, base_count, share
-- check: count >= 1 AND count <= base_count
-- parameter: top BIGINT named steps per position; null keeps all
WITH standing AS (
  SELECT
    compared_paths.group_index,
    path_steps.step_index,
    path_steps.step_name,
    COUNT(*) AS unit_count
  FROM path_steps
  INNER JOIN compared_paths ON compared_paths.unit_id = path_steps.unit_id
  INNER JOIN positions ON positions.step_index = path_steps.step_index
  GROUP BY compared_paths.group_index, path_steps.step_index, path_steps.step_name
),
popular AS (
  SELECT
    step_index,
    step_name,
    ROW_NUMBER() OVER (
      PARTITION BY step_index ORDER BY CAST(SUM(unit_count) AS BIGINT) DESC, step_name
    ) AS popularity
  FROM standing
  GROUP BY step_index, step_name
),
lengths AS (
  SELECT
    compared_paths.group_index,
    path_units.outcome,
    path_units.step_count,
    COUNT(*) AS unit_count
  FROM path_units
  INNER JOIN compared_paths ON compared_paths.unit_id = path_units.unit_id
  GROUP BY compared_paths.group_index, path_units.outcome, path_units.step_count
),
entrants AS (
  SELECT
    group_index,
    COUNT(*) AS base_count
  FROM compared_paths
  GROUP BY group_index
),
cells AS (
  SELECT
    standing.group_index,
    standing.step_index,
    CASE WHEN $top IS NULL OR popular.popularity <= $top THEN standing.step_name ELSE '(other)' END AS step,
    FALSE AS is_end,
    standing.unit_count
  FROM standing
  INNER JOIN popular
    ON popular.step_index = standing.step_index AND popular.step_name = standing.step_name
  UNION ALL
  SELECT
    lengths.group_index,
    positions.step_index,
    lengths.outcome AS step,
    TRUE AS is_end,
    lengths.unit_count
  FROM lengths
  INNER JOIN positions ON positions.step_index > lengths.step_count
)
SELECT
  cells.group_index,
  cells.step_index,
  cells.step,
  cells.is_end,
  CAST(SUM(cells.unit_count) AS BIGINT) AS count,
  MAX(entrants.base_count) AS base_count,
  CAST(CAST(SUM(cells.unit_count) AS BIGINT) AS DOUBLE) / MAX(entrants.base_count) AS share
FROM cells
INNER JOIN entrants ON entrants.group_index = cells.group_index
GROUP BY cells.group_index, cells.step_index, cells.step, cells.is_end
