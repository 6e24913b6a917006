-- One round of contraction: every node is called after that one of itself and its neighbours whose number comes first
-- in this round's shuffle, so that about half of the nodes are left. 4294967291 is the largest prime below 2^32: modulo
-- a prime, a factor shuffles numbers and never gives two of them the same one.
-- After Bögeholz, Brand and Todor: In-database connected component analysis. ICDE 2020.
-- grain: one node that still has a link
-- key: node
-- not null: node, label
-- parameter: factor BIGINT shuffles the numbers; another one each round
WITH ends AS (
  SELECT a_index AS node, b_index AS other FROM open_links
  UNION ALL
  SELECT b_index AS node, a_index AS other FROM open_links
)
SELECT
  node,
  LEAST(MIN(other * $factor % 4294967291), node * $factor % 4294967291) AS label
FROM ends
GROUP BY node
