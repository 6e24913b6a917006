WITH numbered AS (
  SELECT
    funnel_met.*,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id, step_index, person_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS repeat_index
  FROM funnel_met
), counted AS (
  SELECT
    event_id,
    step_index,
    COUNT(CASE WHEN repeat_index = 1 THEN 1 END) OVER (
      PARTITION BY unit_id, step_index
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS person_count
  FROM numbered
)
SELECT
  event_id,
  step_index
FROM counted
WHERE
  person_count >= :contact_count
