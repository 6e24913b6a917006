-- The links of the Sankey: how many units go from the step at one position to the next, or to an end.
-- Paths that go on past the positions shown go to (more); from (other) people return.
-- grain: one link at one position of one group
-- key: group_name, step_index, from_step, to_step
-- not null: group_name, step_index, from_step, to_step, count, share, entrant_count
-- check: count >= 1
-- check: share > 0 AND share <= 1
WITH followed AS (
  SELECT
    group_name,
    step_index,
    step_name AS from_step,
    COALESCE(end_name, LEAD(step_name) OVER (PARTITION BY unit_id ORDER BY step_index), '(more)') AS to_step
  FROM path_shown
),
entrants AS (
  SELECT
    group_name,
    COUNT(*) AS entrant_count
  FROM path_groups
  GROUP BY group_name
)
SELECT
  followed.group_name,
  followed.step_index,
  followed.from_step,
  followed.to_step,
  COUNT(*) AS count,
  CAST(COUNT(*) AS DOUBLE) / MAX(entrants.entrant_count) AS share,
  MAX(entrants.entrant_count) AS entrant_count
FROM followed
INNER JOIN entrants ON entrants.group_name = followed.group_name
GROUP BY followed.group_name, followed.step_index, followed.from_step, followed.to_step
