-- When an entrant of a funnel had first been silent for $inactive_us after the start of the counted chain.
-- A pause of exactly that length is no silence when an event ends it, and is one when nothing came by $as_of_us.
-- grain: one unit (or attempt) that fell silent
-- key: unit_id, attempt_index
-- not null: unit_id, attempt_index, ended_us
-- parameter: unit VARCHAR person, session or account: whose events are one sequence
-- parameter: inactive_us BIGINT so long without any event is a silence
-- parameter: as_of_us BIGINT later events are not counted
WITH named AS (
  SELECT
    CASE $unit
      WHEN 'person' THEN person_id
      WHEN 'session' THEN session_id
      WHEN 'account' THEN account_id
    END AS unit_id,
    event_id,
    occurred_at_us
  FROM person_events
  WHERE NOT is_bot AND occurred_at_us <= $as_of_us
),
pauses AS (
  SELECT
    unit_id,
    occurred_at_us,
    LEAD(occurred_at_us) OVER (PARTITION BY unit_id ORDER BY occurred_at_us, event_id) AS next_us
  FROM named
  WHERE unit_id IS NOT NULL
)
SELECT
  funnel_best.unit_id,
  funnel_best.attempt_index,
  MIN(pauses.occurred_at_us + $inactive_us) AS ended_us
FROM funnel_best
INNER JOIN pauses
  ON pauses.unit_id = funnel_best.unit_id AND pauses.occurred_at_us >= funnel_best.start_us
WHERE pauses.occurred_at_us + $inactive_us <= $as_of_us
  AND (pauses.next_us IS NULL OR pauses.next_us - pauses.occurred_at_us > $inactive_us)
GROUP BY funnel_best.unit_id, funnel_best.attempt_index
