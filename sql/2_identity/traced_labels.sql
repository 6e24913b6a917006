-- The rounds undone, last to first: each node of a round with the label it ended in. A label that had no link left in the
-- next round is final and carries the round's number, for each round shuffles anew.
-- grain: one node of the round
-- key: node
-- not null: node, label
-- parameter: round BIGINT number of the round
SELECT
  node_labels.node,
  COALESCE(later_labels.label, node_labels.label * 64 + $round) AS label
FROM node_labels
LEFT JOIN later_labels ON later_labels.node = node_labels.label
