WITH named AS (
  SELECT
    CASE
      WHEN :unit = 'account'
      THEN person_events.account_id
      ELSE person_events.person_id
    END AS unit_id,
    person_events.event_id,
    person_events.session_id,
    person_events.source_index,
    person_events.sequence,
    person_events.occurred_at_us
  FROM person_events
  WHERE
    NOT person_events.touchpoint IS NULL
    AND NOT person_events.is_bot
    AND person_events.occurred_at_us <= :as_of_us
), neighbours AS (
  SELECT
    named.*,
    LAG(occurred_at_us) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS previous_us,
    LAG(session_id) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS previous_session_id,
    MIN(occurred_at_us) OVER (PARTITION BY unit_id) AS first_us
  FROM named
  WHERE
    NOT unit_id IS NULL
)
SELECT
  event_id,
  unit_id,
  occurred_at_us - previous_us AS gap_us
FROM neighbours
WHERE
  NOT previous_us IS NULL
  AND first_us <= :seen_by_us
  AND (
    session_id IS NULL
    OR previous_session_id IS NULL
    OR session_id <> previous_session_id
  )
