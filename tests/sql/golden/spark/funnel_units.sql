SELECT
  unit_id,
  attempt_index,
  depth AS furthest_step,
  CASE
    WHEN depth = :last_step
    THEN 'converted'
    WHEN :window_us IS NULL
    THEN 'dropped'
    WHEN :is_first_only AND first_us + :window_us > :as_of_us
    THEN 'open'
    WHEN NOT :is_first_only AND last_us + :window_us > :as_of_us
    THEN 'open'
    ELSE 'dropped'
  END AS status,
  :window_us IS NULL OR first_us + :window_us <= :as_of_us AS is_mature,
  start_us AS entered_us,
  by_value
FROM funnel_best
