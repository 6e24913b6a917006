-- Which identifiers hang together by links, called after the one with the smallest index. Those without a link are not here.
-- grain: one identifier with a link
-- key: identifier_index
-- not null: identifier_index, component_index
-- check: component_index <= identifier_index
SELECT
  node AS identifier_index,
  MIN(node) OVER (PARTITION BY label) AS component_index
FROM later_labels
