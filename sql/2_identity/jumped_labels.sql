-- One jump: who is called after a node is now called after that node's own label.
-- grain: one node with a label
-- key: node
-- not null: node, label
-- check: label < node
SELECT
  own.node,
  COALESCE(others.label, own.label) AS label
FROM node_labels AS own
LEFT JOIN node_labels AS others ON others.node = own.label
