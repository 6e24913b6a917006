WITH ends AS (
  SELECT
    a_index AS node,
    b_index AS other
  FROM open_links
  UNION ALL
  SELECT
    b_index AS node,
    a_index AS other
  FROM open_links
)
SELECT
  node,
  LEAST(MIN(other * :factor % 4294967291), node * :factor % 4294967291) AS label
FROM ends
GROUP BY
  node
