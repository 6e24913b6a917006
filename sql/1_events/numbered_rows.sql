-- The usable rows with their event_id and their number among the rows of that id; number 1 is kept.
-- Ids of the first source stay as they are, those of the others are written source:id, so that two sources never collide.
-- Without an id it is a hash of source, content and ordinal among identical rows, so that every row counts.
-- Of repeats with unequal content the earliest time wins, then the smallest content.
-- Only keys that occur more than once are ranked: they are few, and rows are wide.
-- grain: one usable row
-- key: source, file, line
-- not null: source, file, line, final_id, repeat_index
-- kind: step
WITH keyed AS (
  SELECT
    checked_rows.*,
    CASE
      WHEN event_id IS NULL THEN 'content' || CHR(31) || MD5(source || CHR(31) || properties)
      WHEN source_index = 1 THEN 'id' || CHR(31) || event_id
      ELSE 'id' || CHR(31) || source || ':' || event_id
    END AS repeat_key
  FROM checked_rows
  WHERE reason IS NULL
),
repeated AS (
  SELECT repeat_key FROM keyed GROUP BY repeat_key HAVING COUNT(*) > 1
),
ranked AS (
  SELECT
    keyed.source,
    keyed.file,
    keyed.line,
    ROW_NUMBER() OVER (
      PARTITION BY keyed.repeat_key ORDER BY keyed.occurred_at_us, keyed.properties, keyed.file, keyed.line
    ) AS ordinal
  FROM keyed
  INNER JOIN repeated ON repeated.repeat_key = keyed.repeat_key
)
SELECT
  keyed.*,
  CASE
    WHEN keyed.event_id IS NULL THEN MD5(keyed.repeat_key || CHR(31) || CAST(COALESCE(ranked.ordinal, 1) AS VARCHAR))
    ELSE SUBSTR(keyed.repeat_key, 4)
  END AS final_id,
  CASE
    WHEN keyed.event_id IS NULL AND NOT keyed.drop_repeats THEN 1
    ELSE COALESCE(ranked.ordinal, 1)
  END AS repeat_index
FROM keyed
LEFT JOIN ranked
  ON ranked.source = keyed.source AND ranked.file = keyed.file AND ranked.line = keyed.line
