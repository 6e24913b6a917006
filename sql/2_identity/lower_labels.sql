-- One round of contraction: every node that has a lower neighbour is called after the lowest of them.
-- grain: one node with a lower neighbour
-- key: node
-- not null: node, label
-- check: label < node
SELECT
  high AS node,
  MIN(low) AS label
FROM open_links
GROUP BY high
