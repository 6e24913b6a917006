WITH shuffled AS (
  SELECT
    CAST(a_index * 1327217885 % 2147483647 AS INT) AS a,
    CAST(b_index * 1327217885 % 2147483647 AS INT) AS b
  FROM plain_links
)
SELECT
  LEAST(a, b) AS low,
  GREATEST(a, b) AS high
FROM shuffled
WHERE
  a <> b
