-- Each person's way through the stages: the contacts by which the person came into a stage or reached the goal; others in
-- the same stage are passed over.
-- A stage given by absence starts so many days after a contact that no other followed by then.
-- grain: one entry of a person into a stage, or one goal
-- key: event_id
-- not null: unit_id, person_id, event_id, occurred_at_us, step_name, stage, is_start, is_goal, is_end, is_absence
-- parameter: as_of_us BIGINT later contacts are not counted
-- parameter: goal VARCHAR the goal whose contacts are steps of their own
WITH goals AS (
  SELECT DISTINCT event_id FROM event_goals WHERE goal = $goal
),
staged AS (
  SELECT
    person_events.person_id,
    person_events.event_id,
    person_events.source_index,
    person_events.sequence,
    person_events.occurred_at_us,
    person_events.touchpoint AS step_name,
    person_events.channel,
    person_events.stage,
    goals.event_id IS NOT NULL AS is_goal_contact,
    LEAD(person_events.occurred_at_us) OVER (
      PARTITION BY person_events.person_id
      ORDER BY person_events.occurred_at_us, person_events.source_index, person_events.sequence NULLS LAST,
        person_events.event_id
    ) AS next_us
  FROM person_events
  LEFT JOIN goals ON goals.event_id = person_events.event_id
  WHERE touchpoint IS NOT NULL AND stage IS NOT NULL AND NOT is_bot AND occurred_at_us <= $as_of_us
),
combined AS (
  SELECT person_id, event_id, source_index, sequence, occurred_at_us, step_name, channel, stage,
    is_goal_contact, FALSE AS is_absence
  FROM staged
  UNION ALL
  SELECT
    staged.person_id,
    staged.event_id || CHR(31) || absence_stages.stage AS event_id,
    staged.source_index,
    staged.sequence,
    staged.occurred_at_us + absence_stages.absent_us AS occurred_at_us,
    absence_stages.stage AS step_name,
    CAST(NULL AS VARCHAR) AS channel,
    absence_stages.stage,
    FALSE AS is_goal_contact,
    TRUE AS is_absence
  FROM staged
  INNER JOIN absence_stages
    ON staged.occurred_at_us + absence_stages.absent_us <= COALESCE(staged.next_us - 1, $as_of_us)
),
compared AS (
  SELECT
    combined.*,
    LAG(stage) OVER (
      PARTITION BY person_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS previous_stage
  FROM combined
)
SELECT
  person_id AS unit_id,
  person_id,
  event_id,
  source_index,
  sequence,
  occurred_at_us,
  step_name,
  channel,
  stage,
  FALSE AS is_start,
  FALSE AS is_goal,
  FALSE AS is_end,
  is_absence
FROM compared
WHERE previous_stage IS NULL OR previous_stage <> stage OR is_goal_contact
