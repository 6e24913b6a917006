WITH compared AS (
  SELECT
    path_cut.*,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS contact_index,
    LAG(occurred_at_us) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS previous_us,
    LEAD(is_goal) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS is_goal_next
  FROM path_cut
)
SELECT
  effect_starts.unit_index,
  compared.contact_index,
  compared.event_id,
  compared.step_name,
  compared.previous_us IS NULL
  OR compared.occurred_at_us - compared.previous_us > :visit_us AS is_visit_start,
  NOT compared.is_goal_next IS NULL OR path_units.outcome <> '(open)' AS is_at_risk,
  COALESCE(compared.is_goal_next, FALSE) AS is_goal_next,
  CAST(EXTRACT(YEAR FROM TIMESTAMP_MICROS(compared.occurred_at_us)) * 12 + EXTRACT(MONTH FROM TIMESTAMP_MICROS(compared.occurred_at_us)) - 1 AS BIGINT) AS contact_month
FROM compared
INNER JOIN effect_starts
  ON effect_starts.unit_id = compared.unit_id
INNER JOIN path_units
  ON path_units.unit_id = compared.unit_id
WHERE
  NOT compared.is_goal
