WITH named AS (
  SELECT
    CASE :unit
      WHEN 'person'
      THEN person_events.person_id
      WHEN 'session'
      THEN person_events.session_id
      WHEN 'account'
      THEN person_events.account_id
    END AS unit_id,
    person_events.person_id,
    person_events.event_id,
    person_events.source_index,
    person_events.sequence,
    person_events.occurred_at_us,
    COALESCE(person_events.touchpoint, person_events.event) AS step_name,
    person_events.channel,
    person_events.stage,
    COALESCE(marks.is_start, FALSE) AS is_start,
    COALESCE(marks.is_goal, FALSE) AS is_goal,
    COALESCE(marks.is_end, FALSE) AS is_end,
    FALSE AS is_absence
  FROM person_events
  LEFT JOIN marks
    ON marks.event_id = person_events.event_id
  WHERE
    NOT person_events.is_bot
    AND person_events.occurred_at_us <= :as_of_us
    AND (
      NOT person_events.touchpoint IS NULL OR NOT marks.event_id IS NULL
    )
)
SELECT
  *
FROM named
WHERE
  NOT unit_id IS NULL
