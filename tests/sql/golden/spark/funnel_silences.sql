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
    event_id,
    occurred_at_us
  FROM person_events
  WHERE
    NOT is_bot AND occurred_at_us <= :as_of_us
), pauses AS (
  SELECT
    unit_id,
    occurred_at_us,
    LEAD(occurred_at_us) OVER (PARTITION BY unit_id ORDER BY occurred_at_us NULLS LAST, event_id NULLS LAST) AS next_us
  FROM named
  WHERE
    NOT unit_id IS NULL
)
SELECT
  funnel_best.unit_id,
  funnel_best.attempt_index,
  MIN(pauses.occurred_at_us + :inactive_us) AS ended_us
FROM funnel_best
INNER JOIN pauses
  ON pauses.unit_id = funnel_best.unit_id
  AND pauses.occurred_at_us >= funnel_best.start_us
WHERE
  pauses.occurred_at_us + :inactive_us <= :as_of_us
  AND (
    pauses.next_us IS NULL OR pauses.next_us - pauses.occurred_at_us > :inactive_us
  )
GROUP BY
  funnel_best.unit_id,
  funnel_best.attempt_index
