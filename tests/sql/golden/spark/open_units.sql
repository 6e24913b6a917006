WITH furthest AS (
  SELECT
    unit_id,
    MAX(step_index) AS furthest_step
  FROM open_entries
  GROUP BY
    unit_id
), valued AS (
  SELECT
    furthest.unit_id,
    MAX(
      CASE
        WHEN :by_at = 'first' AND open_entries.entry_index = 1
        THEN open_entries.by_value
        WHEN :by_at = 'last' AND open_entries.step_index = furthest.furthest_step
        THEN open_entries.by_value
        WHEN :by_at = 'step' AND open_entries.step_index = :by_step
        THEN open_entries.by_value
      END
    ) AS by_value
  FROM furthest
  INNER JOIN open_entries
    ON open_entries.unit_id = furthest.unit_id
  GROUP BY
    furthest.unit_id
)
SELECT
  furthest.unit_id,
  CAST(1 AS BIGINT) AS attempt_index,
  furthest.furthest_step,
  ended.status,
  :window_us IS NULL OR entered.first_us + :window_us <= :as_of_us AS is_mature,
  entered.first_us AS entered_us,
  entered.step_index AS entry_step,
  CASE WHEN :has_by THEN COALESCE(valued.by_value, '(none)') ELSE '' END AS by_value
FROM furthest
INNER JOIN valued
  ON valued.unit_id = furthest.unit_id
INNER JOIN open_entries AS ended
  ON ended.unit_id = furthest.unit_id AND ended.step_index = furthest.furthest_step
INNER JOIN open_entries AS entered
  ON entered.unit_id = furthest.unit_id AND entered.entry_index = 1
