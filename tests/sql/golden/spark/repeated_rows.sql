SELECT
  source,
  COUNT(*) AS duplicate_count
FROM numbered_rows
WHERE
  repeat_index > 1
GROUP BY
  source
