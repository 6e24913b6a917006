-- Each person's way through the stages: the contact by which the person came into each stage, repeats of a stage passed over.
-- A stage given by absence starts so many days after a contact that no other followed by then.
-- grain: one entry of a person into a stage
-- key: event_id
-- not null: unit_id, person_id, event_id, occurred_at_us, step_name, stage, is_start, is_goal, is_end, is_absence
-- parameter: as_of_us BIGINT later contacts are not counted
WITH staged AS (
  SELECT
    person_id,
    event_id,
    source_index,
    sequence,
    occurred_at_us,
    touchpoint AS step_name,
    channel,
    stage,
    LEAD(occurred_at_us) OVER (
      PARTITION BY person_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS next_us
  FROM person_events
  WHERE touchpoint IS NOT NULL AND stage IS NOT NULL AND NOT is_bot AND occurred_at_us <= $as_of_us
),
combined AS (
  SELECT person_id, event_id, source_index, sequence, occurred_at_us, step_name, channel, stage,
    FALSE AS is_absence
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
WHERE previous_stage IS NULL OR previous_stage <> stage
