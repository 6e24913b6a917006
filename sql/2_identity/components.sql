-- Which identifiers hang together by links, called after the one with the smallest index. Those without a link are not
-- here. 1998591742 undoes the shuffle of shuffled_links: modulo its prime the two factors are inverse.
-- grain: one identifier with a link
-- key: identifier_index
-- not null: identifier_index, component_index
-- check: component_index <= identifier_index
WITH plain AS (
  SELECT
    CAST(node AS BIGINT) * 1998591742 % 2147483647 AS identifier_index,
    label,
    CAST(label AS BIGINT) * 1998591742 % 2147483647 AS label_index
  FROM later_labels
),
named AS (
  SELECT
    label,
    MIN(label_index) AS label_index,
    LEAST(MIN(identifier_index), MIN(label_index)) AS component_index
  FROM plain
  GROUP BY label
)
SELECT
  plain.identifier_index,
  named.component_index
FROM plain
INNER JOIN named ON named.label = plain.label
UNION ALL
SELECT
  label_index AS identifier_index,
  component_index
FROM named
