-- A round undone: what was called after a node that later rounds renamed is called after that one's label; what later
-- rounds named stays.
-- grain: one node named in this round or a later one
-- key: node
-- not null: node, label
SELECT
  node_labels.node,
  COALESCE(later_labels.label, node_labels.label) AS label
FROM node_labels
LEFT JOIN later_labels ON later_labels.node = node_labels.label
UNION ALL
SELECT
  later_labels.node,
  later_labels.label
FROM later_labels
LEFT JOIN node_labels ON node_labels.node = later_labels.node
WHERE node_labels.node IS NULL
