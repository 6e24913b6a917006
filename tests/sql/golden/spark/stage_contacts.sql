WITH goals AS (
  SELECT DISTINCT
    event_id
  FROM event_goals
  WHERE
    goal = :goal
), staged AS (
  SELECT
    person_events.person_id,
    person_events.event_id,
    person_events.source_index,
    person_events.sequence,
    person_events.occurred_at_us,
    person_events.touchpoint AS step_name,
    person_events.channel,
    person_events.stage,
    NOT goals.event_id IS NULL AS is_goal_contact,
    LEAD(person_events.occurred_at_us) OVER (
      PARTITION BY person_events.person_id
      ORDER BY person_events.occurred_at_us NULLS LAST, person_events.source_index NULLS LAST, person_events.sequence NULLS LAST, person_events.event_id NULLS LAST
    ) AS next_us
  FROM person_events
  LEFT JOIN goals
    ON goals.event_id = person_events.event_id
  WHERE
    NOT touchpoint IS NULL
    AND NOT stage IS NULL
    AND NOT is_bot
    AND occurred_at_us <= :as_of_us
), combined AS (
  SELECT
    person_id,
    event_id,
    source_index,
    sequence,
    occurred_at_us,
    step_name,
    channel,
    stage,
    is_goal_contact,
    FALSE AS is_absence
  FROM staged
  UNION ALL
  SELECT
    staged.person_id,
    staged.event_id || CHR(  31) || absence_stages.stage AS event_id,
    staged.source_index,
    staged.sequence,
    staged.occurred_at_us + absence_stages.absent_us AS occurred_at_us,
    absence_stages.stage AS step_name,
    CAST(NULL AS STRING) AS channel,
    absence_stages.stage,
    FALSE AS is_goal_contact,
    TRUE AS is_absence
  FROM staged
  INNER JOIN absence_stages
    ON staged.occurred_at_us + absence_stages.absent_us <= COALESCE(staged.next_us - 1, :as_of_us)
), compared AS (
  SELECT
    combined.*,
    LAG(stage) OVER (
      PARTITION BY person_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
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
WHERE
  previous_stage IS NULL OR previous_stage <> stage OR is_goal_contact
