-- Everybody who met step 1 (or every attempt), with the furthest step and how they stand at $as_of_us.
-- Open: not completed, and the window of the entry that counts (the latest; with $is_first_only the first) is not over.
-- Mature: the window of the first entry is over.
-- grain: one unit that met step 1, or one attempt of it
-- key: unit_id, attempt_index
-- not null: unit_id, attempt_index, furthest_step, status, is_mature, entered_us, by_value
-- parameter: last_step BIGINT step_index of the last required step
-- parameter: window_us BIGINT longest time from step 1; null is no limit, and nobody is open
-- parameter: as_of_us BIGINT the moment asked about
-- parameter: is_first_only BOOLEAN only the first entry opens a window
SELECT
  unit_id,
  attempt_index,
  depth AS furthest_step,
  CASE
    WHEN depth = $last_step THEN 'converted'
    WHEN $window_us IS NULL THEN 'dropped'
    WHEN $is_first_only AND first_us + $window_us > $as_of_us THEN 'open'
    WHEN NOT $is_first_only AND last_us + $window_us > $as_of_us THEN 'open'
    ELSE 'dropped'
  END AS status,
  $window_us IS NULL OR first_us + $window_us <= $as_of_us AS is_mature,
  start_us AS entered_us,
  by_value
FROM funnel_best
