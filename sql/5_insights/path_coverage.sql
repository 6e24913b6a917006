-- How much of the paths the shown steps tell: whose steps all bear their name, and whose path goes on past the last one.
-- grain: one group
-- key: group_name
-- not null: group_name, entrant_count, named_count, more_count
-- check: named_count <= entrant_count AND more_count <= entrant_count
WITH seen AS (
  SELECT
    group_name,
    unit_id,
    MAX(CASE WHEN step_name = '(other)' THEN 1 ELSE 0 END) AS is_in_other,
    MAX(CASE WHEN end_name IS NULL THEN 0 ELSE 1 END) AS is_ended
  FROM path_shown
  GROUP BY group_name, unit_id
)
SELECT
  group_name,
  COUNT(*) AS entrant_count,
  COUNT(CASE WHEN is_in_other = 0 THEN 1 END) AS named_count,
  COUNT(CASE WHEN is_ended = 0 THEN 1 END) AS more_count
FROM seen
GROUP BY group_name
