WITH goals AS (
  SELECT DISTINCT
    event_id
  FROM event_goals
  WHERE
    goal = :goal
), contacts AS (
  SELECT
    person_events.*,
    NOT goals.event_id IS NULL AS is_goal
  FROM person_events
  LEFT JOIN goals
    ON goals.event_id = person_events.event_id
  WHERE
    NOT person_events.touchpoint IS NULL
    AND NOT person_events.is_bot
    AND person_events.occurred_at_us <= :as_of_us
), neighbours AS (
  SELECT
    contacts.*,
    LAG(occurred_at_us) OVER (
      PARTITION BY person_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS previous_us,
    LAG(is_goal) OVER (
      PARTITION BY person_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS is_previous_goal
  FROM contacts
), starts AS (
  SELECT
    neighbours.*,
    CASE
      WHEN previous_us IS NULL
      OR is_previous_goal
      OR occurred_at_us - previous_us >= :inactive_us
      THEN 1
    END AS is_start
  FROM neighbours
), numbered AS (
  SELECT
    starts.*,
    COUNT(is_start) OVER (
      PARTITION BY person_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS journey_index
  FROM starts
), identified AS (
  SELECT
    person_id,
    journey_index,
    SUBSTRING(MD5(person_id || CHR(  31) || event_id), 1, 16) AS journey_id
  FROM numbered
  WHERE
    is_start = 1
)
SELECT
  numbered.person_id,
  identified.journey_id,
  numbered.journey_index,
  ROW_NUMBER() OVER (
    PARTITION BY numbered.person_id, numbered.journey_index
    ORDER BY numbered.occurred_at_us NULLS LAST, numbered.source_index NULLS LAST, numbered.sequence NULLS LAST, numbered.event_id NULLS LAST
  ) AS step_index,
  numbered.touchpoint,
  numbered.channel,
  numbered.stage,
  numbered.session_id,
  numbered.event_id,
  TIMESTAMP_MICROS(numbered.occurred_at_us) AS occurred_at,
  numbered.occurred_at_us,
  numbered.is_goal
FROM numbered
INNER JOIN identified
  ON identified.person_id = numbered.person_id
  AND identified.journey_index = numbered.journey_index
