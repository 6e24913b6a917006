SELECT DISTINCT
  LEAST(a.label, b.label) AS a_index,
  GREATEST(a.label, b.label) AS b_index
FROM open_links
INNER JOIN node_labels AS a
  ON a.node = open_links.a_index
INNER JOIN node_labels AS b
  ON b.node = open_links.b_index
WHERE
  a.label <> b.label
