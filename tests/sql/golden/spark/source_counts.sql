SELECT
  source,
  source_index,
  COUNT(*) AS read_count
FROM landed_rows
GROUP BY
  source,
  source_index
