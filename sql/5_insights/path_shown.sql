-- The steps of each path as they are shown: up to $depth positions, and with $top by name only where a group has the
-- step among its commonest of the position (equal counts by name); the rest is that position's (other).
-- What one group names all groups name, so that they can be compared; the rest of the groups names nothing.
-- grain: one shown step of a unit's path
-- key: unit_id, step_index
-- not null: unit_id, group_name, step_index, step_name
-- check: step_index >= 1
-- parameter: depth BIGINT positions shown
-- parameter: top BIGINT named steps per position and group; null keeps all
WITH placed AS (
  SELECT
    path_steps.unit_id,
    path_groups.group_name,
    path_groups.is_rest,
    path_steps.step_index,
    path_steps.step_name,
    CASE WHEN path_steps.step_index = path_groups.step_count THEN path_groups.outcome END AS end_name
  FROM path_steps
  INNER JOIN path_groups ON path_groups.unit_id = path_steps.unit_id
  WHERE path_steps.step_index <= $depth
),
popular AS (
  SELECT
    step_index,
    step_name,
    ROW_NUMBER() OVER (PARTITION BY group_name, step_index ORDER BY COUNT(*) DESC, step_name) AS popularity
  FROM placed
  WHERE NOT is_rest
  GROUP BY group_name, step_index, step_name
),
named AS (
  SELECT DISTINCT step_index, step_name FROM popular WHERE popularity <= $top
)
SELECT
  placed.unit_id,
  placed.group_name,
  placed.step_index,
  CASE WHEN $top IS NULL OR named.step_name IS NOT NULL THEN placed.step_name ELSE '(other)' END AS step_name,
  placed.end_name
FROM placed
LEFT JOIN named ON named.step_index = placed.step_index AND named.step_name = placed.step_name
