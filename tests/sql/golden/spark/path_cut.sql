WITH started AS (
  SELECT
    contacts.*,
    COUNT(CASE WHEN is_start THEN 1 END) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS start_count
  FROM contacts
), from_start AS (
  SELECT
    started.*,
    COUNT(CASE WHEN is_goal THEN 1 END) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS earlier_goal_count,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS place
  FROM started
  WHERE
    start_count >= 1 OR NOT :has_start
), to_goal AS (
  SELECT
    unit_id,
    person_id,
    event_id,
    source_index,
    sequence,
    occurred_at_us,
    step_name,
    channel,
    stage,
    is_goal,
    is_end AND (
      place > 1 OR NOT :has_start
    ) AS is_end
  FROM from_start
  WHERE
    earlier_goal_count = 0
), ended AS (
  SELECT
    to_goal.*,
    COUNT(CASE WHEN is_end THEN 1 END) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS earlier_end_count,
    COUNT(CASE WHEN is_end THEN 1 END) OVER (PARTITION BY unit_id) AS end_count
  FROM to_goal
)
SELECT
  unit_id,
  person_id,
  event_id,
  source_index,
  sequence,
  occurred_at_us,
  step_name,
  channel,
  stage,
  is_goal,
  is_end
FROM ended
WHERE
  earlier_end_count = 0 AND (
    end_count > 0 OR NOT :has_end
  )
