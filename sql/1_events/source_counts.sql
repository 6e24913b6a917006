-- How many rows were read from each source.
-- grain: one source that gave at least one row
-- key: source
-- not null: source, source_index, read_count
SELECT
  source,
  source_index,
  COUNT(*) AS read_count
FROM landed_rows
GROUP BY source, source_index
