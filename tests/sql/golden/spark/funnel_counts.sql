WITH waits AS (
  SELECT
    funnel_times.step_index,
    MEDIAN(funnel_times.reached_us - funnel_best.start_us) / 1000000 AS median_seconds_from_first
  FROM funnel_times
  INNER JOIN funnel_best
    ON funnel_best.unit_id = funnel_times.unit_id
  GROUP BY
    funnel_times.step_index
), counts AS (
  SELECT
    funnel_names.step_index,
    funnel_names.step_name,
    COUNT(funnel_units.unit_id) AS reached_count,
    COUNT(
      CASE
        WHEN funnel_units.furthest_step = funnel_names.step_index
        AND funnel_units.status = 'dropped'
        THEN 1
      END
    ) AS dropped_count,
    COUNT(
      CASE
        WHEN funnel_units.furthest_step = funnel_names.step_index
        AND funnel_units.status = 'open'
        THEN 1
      END
    ) AS open_count,
    COUNT(CASE WHEN funnel_units.is_mature THEN 1 END) AS mature_count
  FROM funnel_names
  LEFT JOIN funnel_units
    ON funnel_units.furthest_step >= funnel_names.step_index
  GROUP BY
    funnel_names.step_index,
    funnel_names.step_name
)
SELECT
  counts.step_index,
  counts.step_name,
  counts.reached_count,
  counts.dropped_count,
  counts.open_count,
  counts.mature_count,
  waits.median_seconds_from_first
FROM counts
LEFT JOIN waits
  ON waits.step_index = counts.step_index
