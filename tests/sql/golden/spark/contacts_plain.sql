WITH named AS (
  SELECT
    CASE :unit
      WHEN 'person'
      THEN person_id
      WHEN 'session'
      THEN session_id
      WHEN 'account'
      THEN account_id
    END AS unit_id,
    person_id,
    event_id,
    source_index,
    sequence,
    occurred_at_us,
    touchpoint AS step_name,
    channel,
    stage,
    FALSE AS is_start,
    FALSE AS is_goal,
    FALSE AS is_end,
    FALSE AS is_absence
  FROM person_events
  WHERE
    NOT is_bot AND occurred_at_us <= :as_of_us AND NOT touchpoint IS NULL
)
SELECT
  *
FROM named
WHERE
  NOT unit_id IS NULL
