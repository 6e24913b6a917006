WITH spans AS (
  SELECT
    unit,
    MAX(step_index) AS furthest_step,
    MIN(first_us) AS entered_us,
    MIN(CASE WHEN is_entry THEN step_index END) AS entry_step
  FROM open_entries
  GROUP BY
    unit
), owners AS (
  SELECT DISTINCT
    unit,
    unit_id
  FROM funnel_streams
)
SELECT
  spans.unit,
  owners.unit_id,
  CAST(1 AS BIGINT) AS attempt_index,
  spans.furthest_step,
  ended.status,
  :window_us IS NULL OR spans.entered_us + :window_us <= :as_of_us AS is_mature,
  spans.entered_us,
  spans.entry_step,
  CASE WHEN :has_by THEN COALESCE(funnel_by_values.by_value, '(none)') ELSE '' END AS by_value
FROM spans
INNER JOIN owners
  ON owners.unit = spans.unit
INNER JOIN open_entries AS ended
  ON ended.unit = spans.unit AND ended.step_index = spans.furthest_step
LEFT JOIN open_entries AS valued
  ON valued.unit = spans.unit
  AND valued.step_index = CASE :by_at
    WHEN 'first'
    THEN spans.entry_step
    WHEN 'last'
    THEN spans.furthest_step
    ELSE :by_step
  END
LEFT JOIN funnel_by_values
  ON funnel_by_values.place = valued.place
