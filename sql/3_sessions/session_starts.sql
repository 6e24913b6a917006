-- Visits split where the person changes: the events that start a session, each with its reason.
-- grain: one interaction event
-- key: event_id
-- not null: event_id, stream_id, person_id
-- kind: step
WITH neighbours AS (
  SELECT
    visit_events.event_id,
    visit_events.stream_id,
    visit_events.occurred_at_us,
    visit_events.source_index,
    visit_events.sequence,
    visit_events.start_reason,
    visit_events.visit_index,
    event_persons.person_id,
    LAG(event_persons.person_id) OVER (
      PARTITION BY visit_events.stream_id
      ORDER BY visit_events.occurred_at_us, visit_events.source_index, visit_events.sequence NULLS LAST,
        visit_events.event_id
    ) AS previous_person_id
  FROM visit_events
  INNER JOIN event_persons ON event_persons.event_id = visit_events.event_id
)
SELECT
  neighbours.*,
  CASE
    WHEN start_reason IS NOT NULL THEN start_reason
    WHEN person_id <> previous_person_id THEN 'person'
  END AS split_reason
FROM neighbours
