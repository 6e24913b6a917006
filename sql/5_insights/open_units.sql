-- Everybody who met any step of a funnel that is entered at any step, with the highest step met and how they stand there.
-- Mature: the window of their first event at any step is over. The value that splits the counts is that of this first
-- event ($by_at first), of the first event of the highest step (last), or of the first event of step $by_step (step).
-- grain: one unit that met a step
-- key: unit_id
-- not null: unit_id, attempt_index, furthest_step, status, is_mature, entered_us, entry_step, by_value
-- check: furthest_step >= entry_step
-- parameter: window_us BIGINT longest time from a step to the next; null is no limit
-- parameter: as_of_us BIGINT the moment asked about
-- parameter: has_by BOOLEAN counts are split; otherwise all have the value ''
-- parameter: by_at VARCHAR first, last or step
-- parameter: by_step BIGINT with the step of $by_at: its step_index
WITH furthest AS (
  SELECT unit_id, MAX(step_index) AS furthest_step FROM open_entries GROUP BY unit_id
),
valued AS (
  SELECT
    furthest.unit_id,
    MAX(
      CASE
        WHEN $by_at = 'first' AND open_entries.entry_index = 1 THEN open_entries.by_value
        WHEN $by_at = 'last' AND open_entries.step_index = furthest.furthest_step THEN open_entries.by_value
        WHEN $by_at = 'step' AND open_entries.step_index = $by_step THEN open_entries.by_value
      END
    ) AS by_value
  FROM furthest
  INNER JOIN open_entries ON open_entries.unit_id = furthest.unit_id
  GROUP BY furthest.unit_id
)
SELECT
  furthest.unit_id,
  CAST(1 AS BIGINT) AS attempt_index,
  furthest.furthest_step,
  ended.status,
  $window_us IS NULL OR entered.first_us + $window_us <= $as_of_us AS is_mature,
  entered.first_us AS entered_us,
  entered.step_index AS entry_step,
  CASE WHEN $has_by THEN COALESCE(valued.by_value, '(none)') ELSE '' END AS by_value
FROM furthest
INNER JOIN valued ON valued.unit_id = furthest.unit_id
INNER JOIN open_entries AS ended
  ON ended.unit_id = furthest.unit_id AND ended.step_index = furthest.furthest_step
INNER JOIN open_entries AS entered ON entered.unit_id = furthest.unit_id AND entered.entry_index = 1
