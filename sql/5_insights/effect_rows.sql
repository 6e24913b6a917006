-- The risk set of a discrete-time hazard: after each contact, whether the unit's next contact is the goal.
-- Contacts up to the first goal, which is no row; the last contact of a unit that is still open is not at risk, for its next one is not known.
-- A visit ends where nothing follows for longer than $visit_us.
-- grain: one contact before the goal
-- key: event_id
-- not null: unit_index, contact_index, event_id, step_name, is_visit_start, is_at_risk, is_goal_next, contact_month
-- check: contact_index >= 1
-- parameter: visit_us BIGINT longest pause inside one visit, in microseconds
WITH compared AS (
  SELECT
    path_cut.*,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS contact_index,
    LAG(occurred_at_us) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS previous_us,
    LEAD(is_goal) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS is_goal_next
  FROM path_cut
)
SELECT
  effect_starts.unit_index,
  compared.contact_index,
  compared.event_id,
  compared.step_name,
  compared.previous_us IS NULL OR compared.occurred_at_us - compared.previous_us > $visit_us AS is_visit_start,
  compared.is_goal_next IS NOT NULL OR path_units.outcome <> '(open)' AS is_at_risk,
  COALESCE(compared.is_goal_next, FALSE) AS is_goal_next,
  CAST(
    EXTRACT(YEAR FROM MAKE_TIMESTAMP(compared.occurred_at_us)) * 12
    + EXTRACT(MONTH FROM MAKE_TIMESTAMP(compared.occurred_at_us)) - 1 AS BIGINT
  ) AS contact_month
FROM compared
INNER JOIN effect_starts ON effect_starts.unit_id = compared.unit_id
INNER JOIN path_units ON path_units.unit_id = compared.unit_id
WHERE NOT compared.is_goal
