WITH reached AS (
  SELECT
    funnel_units.by_value,
    funnel_times.step_index,
    funnel_times.wait_us,
    funnel_units.is_mature,
    CASE
      WHEN funnel_units.furthest_step = funnel_times.step_index
      THEN funnel_units.status
      ELSE ''
    END AS stopped
  FROM funnel_times
  INNER JOIN funnel_units
    ON funnel_units.unit_id = funnel_times.unit_id
    AND funnel_units.attempt_index = funnel_times.attempt_index
), by_values AS (
  SELECT DISTINCT
    by_value
  FROM funnel_units
  UNION
  SELECT
    '' AS by_value
  WHERE
    NOT :has_by
)
SELECT
  by_values.by_value,
  funnel_names.step_index,
  funnel_names.step_name,
  funnel_names.is_optional,
  COUNT(reached.step_index) AS reached_count,
  COUNT(CASE WHEN reached.stopped = 'dropped' THEN 1 END) AS dropped_count,
  COUNT(CASE WHEN reached.stopped = 'open' THEN 1 END) AS open_count,
  COUNT(CASE WHEN reached.is_mature THEN 1 END) AS mature_count,
  MEDIAN(reached.wait_us) / 1000000 AS median_seconds_from_first
FROM by_values
CROSS JOIN funnel_names
LEFT JOIN reached
  ON reached.by_value = by_values.by_value
  AND reached.step_index = funnel_names.step_index
GROUP BY
  by_values.by_value,
  funnel_names.step_index,
  funnel_names.step_name,
  funnel_names.is_optional
