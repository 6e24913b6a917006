-- The links between what one round of contraction has left; those inside one node are gone.
-- grain: one link
-- key: a_index, b_index
-- not null: a_index, b_index
-- check: a_index < b_index
SELECT DISTINCT
  LEAST(a.label, b.label) AS a_index,
  GREATEST(a.label, b.label) AS b_index
FROM open_links
INNER JOIN node_labels AS a ON a.node = open_links.a_index
INNER JOIN node_labels AS b ON b.node = open_links.b_index
WHERE a.label <> b.label
