-- The shown steps with the rare links into one position led to its (other): those of fewer than $floor units of a group.
-- Run for one position after the other, so that what is led away at one counts as (other) at the next.
-- grain: one shown step of a unit's path
-- key: unit_id, step_index
-- not null: unit_id, group_name, step_index, step_name
-- parameter: step_index BIGINT the position that links lead into
-- parameter: floor BIGINT units that a link needs
WITH linked AS (
  SELECT
    path_shown.*,
    LAG(step_name) OVER (PARTITION BY unit_id ORDER BY step_index) AS previous_name
  FROM path_shown
),
counted AS (
  SELECT
    linked.*,
    COUNT(*) OVER (PARTITION BY group_name, step_index, previous_name, step_name) AS link_count
  FROM linked
)
SELECT
  unit_id,
  group_name,
  step_index,
  CASE WHEN step_index = $step_index AND link_count < $floor THEN '(other)' ELSE step_name END AS step_name,
  end_name
FROM counted
