-- Of a funnel that is entered at any step: when a unit first and last met each step, and how it stands there.
-- Whoever went on completed the link to the next step. Open: did not go on, and the window of the latest event of this step
-- is not over at $as_of_us. At the last step all are converted.
-- grain: one unit and a step that it met
-- key: unit, step_index
-- not null: unit, step_index, first_us, last_us, place, is_entry, is_from_before, status
-- check: last_us >= first_us
-- parameter: last_step BIGINT step_index of the last step
-- parameter: window_us BIGINT longest time from a step to the next; null is no limit, and nobody is open
-- parameter: as_of_us BIGINT the moment asked about
WITH entered AS (
  SELECT unit, MIN(first_row) AS entry_row FROM open_met GROUP BY unit
)
SELECT
  open_met.unit,
  open_met.step_index,
  open_met.first_us,
  open_met.last_us,
  open_met.place,
  open_met.first_row = entered.entry_row AS is_entry,
  links_before.unit IS NOT NULL AS is_from_before,
  CASE
    WHEN open_met.step_index = $last_step THEN 'converted'
    WHEN links_after.unit IS NOT NULL THEN 'continued'
    WHEN open_met.last_us + $window_us > $as_of_us THEN 'open'
    ELSE 'dropped'
  END AS status
FROM open_met
INNER JOIN entered ON entered.unit = open_met.unit
LEFT JOIN open_links AS links_before
  ON links_before.unit = open_met.unit AND links_before.step_index = open_met.step_index - 1
LEFT JOIN open_links AS links_after
  ON links_after.unit = open_met.unit AND links_after.step_index = open_met.step_index
