WITH followed AS (
  SELECT
    group_name,
    step_index,
    step_name AS from_step,
    COALESCE(
      end_name,
      LEAD(step_name) OVER (PARTITION BY unit_id ORDER BY step_index NULLS LAST),
      '(more)'
    ) AS to_step
  FROM path_shown
), entrants AS (
  SELECT
    group_name,
    COUNT(*) AS entrant_count
  FROM path_groups
  GROUP BY
    group_name
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
INNER JOIN entrants
  ON entrants.group_name = followed.group_name
GROUP BY
  followed.group_name,
  followed.step_index,
  followed.from_step,
  followed.to_step
