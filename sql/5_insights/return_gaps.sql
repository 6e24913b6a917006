-- Returns: contacts after which the unit was away and came back, with how long it was away. Contacts of one session are
-- one stay. Counted are units seen for the first time by $seen_by_us, so that all had as long to come back.
-- grain: one return
-- key: event_id
-- not null: event_id, unit_id, gap_us
-- check: gap_us >= 0
-- parameter: unit VARCHAR person or account
-- parameter: as_of_us BIGINT later contacts are not counted
-- parameter: seen_by_us BIGINT units seen first after it are left out
WITH named AS (
  SELECT
    CASE WHEN $unit = 'account' THEN person_events.account_id ELSE person_events.person_id END AS unit_id,
    person_events.event_id,
    person_events.session_id,
    person_events.source_index,
    person_events.sequence,
    person_events.occurred_at_us
  FROM person_events
  WHERE person_events.touchpoint IS NOT NULL
    AND NOT person_events.is_bot
    AND person_events.occurred_at_us <= $as_of_us
),
neighbours AS (
  SELECT
    named.*,
    LAG(occurred_at_us) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS previous_us,
    LAG(session_id) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS previous_session_id,
    MIN(occurred_at_us) OVER (PARTITION BY unit_id) AS first_us
  FROM named
  WHERE unit_id IS NOT NULL
)
SELECT
  event_id,
  unit_id,
  occurred_at_us - previous_us AS gap_us
FROM neighbours
WHERE previous_us IS NOT NULL
  AND first_us <= $seen_by_us
  AND (session_id IS NULL OR previous_session_id IS NULL OR session_id <> previous_session_id)
