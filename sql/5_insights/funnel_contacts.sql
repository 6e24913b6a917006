-- The events by which an account meets a step that takes several contacts: those at which $contact_count or more different
-- persons of the account have done the step, the event's own person included.
-- grain: one event and a step it counts for
-- key: event_id, step_index
-- not null: event_id, step_index
-- parameter: contact_count BIGINT different persons that a step takes
WITH numbered AS (
  SELECT
    funnel_met.*,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id, step_index, person_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS repeat_index
  FROM funnel_met
),
counted AS (
  SELECT
    event_id,
    step_index,
    COUNT(CASE WHEN repeat_index = 1 THEN 1 END) OVER (
      PARTITION BY unit_id, step_index ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS person_count
  FROM numbered
)
SELECT event_id, step_index
FROM counted
WHERE person_count >= $contact_count
