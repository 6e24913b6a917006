SELECT
  own.node,
  COALESCE(others.label, own.label) AS label
FROM node_labels AS own
LEFT JOIN node_labels AS others
  ON others.node = own.label
