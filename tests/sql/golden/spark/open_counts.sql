WITH matured AS (
  SELECT
    by_value,
    CASE WHEN is_mature THEN 1 ELSE 0 END AS mature_one
  FROM open_units
  UNION ALL
  SELECT
    '' AS by_value,
    0 AS mature_one
  WHERE
    NOT :has_by
), entrants AS (
  SELECT
    by_value,
    CAST(SUM(mature_one) AS BIGINT) AS mature_entrant_count
  FROM matured
  GROUP BY
    by_value
), reached AS (
  SELECT
    open_units.by_value,
    open_units.is_mature,
    open_entries.step_index,
    open_entries.is_from_before,
    open_entries.status,
    open_entries.first_us - open_units.entered_us AS wait_us
  FROM open_entries
  INNER JOIN open_units
    ON open_units.unit = open_entries.unit
)
SELECT
  entrants.by_value,
  funnel_names.step_index,
  funnel_names.step_name,
  COUNT(reached.step_index) AS reached_count,
  COUNT(CASE WHEN NOT reached.is_from_before THEN 1 END) AS entered_count,
  COUNT(CASE WHEN reached.status = 'continued' THEN 1 END) AS continued_count,
  COUNT(CASE WHEN reached.status = 'dropped' THEN 1 END) AS dropped_count,
  COUNT(CASE WHEN reached.status = 'open' THEN 1 END) AS open_count,
  COUNT(CASE WHEN reached.is_mature THEN 1 END) AS mature_count,
  entrants.mature_entrant_count,
  COUNT(CASE WHEN reached.is_mature AND reached.is_from_before THEN 1 END) AS mature_arrived_count,
  MEDIAN(reached.wait_us) / 1000000 AS median_seconds_from_first
FROM entrants
CROSS JOIN funnel_names
LEFT JOIN reached
  ON reached.by_value = entrants.by_value
  AND reached.step_index = funnel_names.step_index
GROUP BY
  entrants.by_value,
  entrants.mature_entrant_count,
  funnel_names.step_index,
  funnel_names.step_name
