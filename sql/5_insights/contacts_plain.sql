-- What `contacts` is when the call names no event: the touchpoints up to $as_of_us, in the order in which they lie.
-- grain: one contact
-- key: event_id
-- not null: unit_id, person_id, event_id, source_index, occurred_at_us, step_name, is_start, is_goal, is_end, is_absence
-- parameter: unit VARCHAR person, session or account: whose contacts are one sequence
-- parameter: as_of_us BIGINT later events are not counted
WITH named AS (
  SELECT
    CASE $unit WHEN 'person' THEN person_id WHEN 'session' THEN session_id WHEN 'account' THEN account_id END AS unit_id,
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
  WHERE NOT is_bot AND occurred_at_us <= $as_of_us AND touchpoint IS NOT NULL
)
SELECT * FROM named WHERE unit_id IS NOT NULL
