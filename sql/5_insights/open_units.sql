-- Everybody who met any step of a funnel that is entered at any step, with the highest step met and how they stand there.
-- Mature: the window of their first event at any step is over. The value that splits the counts is that of this first
-- event ($by_at first), of the first event of the highest step (last), or of the first event of step $by_step (step).
-- grain: one unit that met a step
-- key: unit_id
-- not null: unit, unit_id, attempt_index, furthest_step, status, is_mature, entered_us, entry_step, by_value
-- check: furthest_step >= entry_step
-- parameter: window_us BIGINT longest time from a step to the next; null is no limit
-- parameter: as_of_us BIGINT the moment asked about
-- parameter: has_by BOOLEAN counts are split; otherwise all have the value ''
-- parameter: by_at VARCHAR first, last or step
-- parameter: by_step BIGINT with the step of $by_at: its step_index
WITH spans AS (
  SELECT
    unit,
    MAX(step_index) AS furthest_step,
    MIN(first_us) AS entered_us,
    MIN(CASE WHEN is_entry THEN step_index END) AS entry_step
  FROM open_entries
  GROUP BY unit
),
owners AS (
  SELECT DISTINCT unit, unit_id FROM funnel_streams
)
SELECT
  spans.unit,
  owners.unit_id,
  CAST(1 AS BIGINT) AS attempt_index,
  spans.furthest_step,
  ended.status,
  $window_us IS NULL OR spans.entered_us + $window_us <= $as_of_us AS is_mature,
  spans.entered_us,
  spans.entry_step,
  CASE WHEN $has_by THEN COALESCE(funnel_by_values.by_value, '(none)') ELSE '' END AS by_value
FROM spans
INNER JOIN owners ON owners.unit = spans.unit
INNER JOIN open_entries AS ended ON ended.unit = spans.unit AND ended.step_index = spans.furthest_step
LEFT JOIN open_entries AS valued
  ON valued.unit = spans.unit
  AND valued.step_index
  = CASE $by_at WHEN 'first' THEN spans.entry_step WHEN 'last' THEN spans.furthest_step ELSE $by_step END
LEFT JOIN funnel_by_values ON funnel_by_values.place = valued.place
