-- The contacts an answer is counted over: touchpoints up to $as_of_us, and the events the call itself names.
-- `marks` says which events are the start, the goal and the end named by the call.
-- grain: one contact
-- key: event_id
-- not null: unit_id, person_id, event_id, source_index, occurred_at_us, step_name, is_start, is_goal, is_end, is_absence
-- parameter: unit VARCHAR person, session or account: whose contacts are one sequence
-- parameter: as_of_us BIGINT later events are not counted
WITH named AS (
  SELECT
    CASE $unit
      WHEN 'person' THEN person_events.person_id
      WHEN 'session' THEN person_events.session_id
      WHEN 'account' THEN person_events.account_id
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
  LEFT JOIN marks ON marks.event_id = person_events.event_id
  WHERE NOT person_events.is_bot
    AND person_events.occurred_at_us <= $as_of_us
    AND (person_events.touchpoint IS NOT NULL OR marks.event_id IS NOT NULL)
)
SELECT * FROM named WHERE unit_id IS NOT NULL
