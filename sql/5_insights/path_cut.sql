-- Each unit's contacts cut to the path asked for: from the first start, to the first goal, to the next end, in this order.
-- Units that lack a named start or end are left out; the step that starts a path is not its end.
-- grain: one contact on a path
-- key: event_id
-- not null: unit_id, person_id, event_id, occurred_at_us, step_name, is_goal, is_end
-- parameter: has_start BOOLEAN a start is named
-- parameter: has_end BOOLEAN an end is named
WITH started AS (
  SELECT
    contacts.*,
    COUNT(CASE WHEN is_start THEN 1 END) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS start_count
  FROM contacts
),
from_start AS (
  SELECT
    started.*,
    COUNT(CASE WHEN is_goal THEN 1 END) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS earlier_goal_count,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS place
  FROM started
  WHERE start_count >= 1 OR NOT $has_start
),
to_goal AS (
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
    is_end AND (place > 1 OR NOT $has_start) AS is_end
  FROM from_start
  WHERE earlier_goal_count = 0
),
ended AS (
  SELECT
    to_goal.*,
    COUNT(CASE WHEN is_end THEN 1 END) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
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
WHERE earlier_end_count = 0 AND (end_count > 0 OR NOT $has_end)
