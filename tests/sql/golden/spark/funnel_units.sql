WITH entries AS (
  SELECT
    unit_id,
    MIN(occurred_at_us) AS first_us,
    MAX(occurred_at_us) AS last_us
  FROM funnel_candidates
  WHERE
    step_index = 1
  GROUP BY
    unit_id
)
SELECT
  funnel_best.unit_id,
  funnel_best.depth AS furthest_step,
  CASE
    WHEN funnel_best.depth = :step_count
    THEN 'converted'
    WHEN :window_us IS NULL
    THEN 'dropped'
    WHEN :is_first_only AND entries.first_us + :window_us > :as_of_us
    THEN 'open'
    WHEN NOT :is_first_only AND entries.last_us + :window_us > :as_of_us
    THEN 'open'
    ELSE 'dropped'
  END AS status,
  :window_us IS NULL OR entries.first_us + :window_us <= :as_of_us AS is_mature,
  funnel_best.start_us AS entered_us
FROM funnel_best
INNER JOIN entries
  ON entries.unit_id = funnel_best.unit_id
