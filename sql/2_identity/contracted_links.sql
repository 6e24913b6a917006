-- The links between what one round of contraction has left; those inside one node are gone.
-- grain: one link
-- key: low, high
-- not null: low, high
-- check: low < high
WITH renamed AS (
  SELECT
    COALESCE(low_labels.label, open_links.low) AS a,
    COALESCE(high_labels.label, open_links.high) AS b
  FROM open_links
  LEFT JOIN node_labels AS low_labels ON low_labels.node = open_links.low
  LEFT JOIN node_labels AS high_labels ON high_labels.node = open_links.high
)
SELECT DISTINCT
  LEAST(a, b) AS low,
  GREATEST(a, b) AS high
FROM renamed
WHERE a <> b
