-- How many usable rows were repeats of an event that is already there.
-- grain: one source with at least one repeat
-- key: source
-- not null: source, duplicate_count
SELECT
  source,
  COUNT(*) AS duplicate_count
FROM numbered_rows
WHERE repeat_index > 1
GROUP BY source
