WITH entered AS (
  SELECT
    unit,
    MIN(first_row) AS entry_row
  FROM open_met
  GROUP BY
    unit
)
SELECT
  open_met.unit,
  open_met.step_index,
  open_met.first_us,
  open_met.last_us,
  open_met.place,
  open_met.first_row = entered.entry_row AS is_entry,
  NOT links_before.unit IS NULL AS is_from_before,
  CASE
    WHEN open_met.step_index = :last_step
    THEN 'converted'
    WHEN NOT links_after.unit IS NULL
    THEN 'continued'
    WHEN open_met.last_us + :window_us > :as_of_us
    THEN 'open'
    ELSE 'dropped'
  END AS status
FROM open_met
INNER JOIN entered
  ON entered.unit = open_met.unit
LEFT JOIN open_links AS links_before
  ON links_before.unit = open_met.unit
  AND links_before.step_index = open_met.step_index - 1
LEFT JOIN open_links AS links_after
  ON links_after.unit = open_met.unit AND links_after.step_index = open_met.step_index
