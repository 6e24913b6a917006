SELECT
  node_labels.node,
  COALESCE(later_labels.label, node_labels.label * 64 + :round) AS label
FROM node_labels
LEFT JOIN later_labels
  ON later_labels.node = node_labels.label
