SELECT
  node AS identifier_index,
  MIN(node) OVER (PARTITION BY label) AS component_index
FROM later_labels
