SELECT
  node_labels.node,
  COALESCE(later_labels.label, node_labels.label) AS label
FROM node_labels
LEFT JOIN later_labels
  ON later_labels.node = node_labels.label
UNION ALL
SELECT
  later_labels.node,
  later_labels.label
FROM later_labels
LEFT JOIN node_labels
  ON node_labels.node = later_labels.node
WHERE
  node_labels.node IS NULL
