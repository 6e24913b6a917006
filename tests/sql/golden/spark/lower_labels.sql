SELECT
  high AS node,
  MIN(low) AS label
FROM open_links
GROUP BY
  high
