WITH keyed AS (
  SELECT
    checked_rows.*,
    CASE
      WHEN event_id IS NULL
      THEN 'content' || CHR(  31) || MD5(source || CHR(  31) || properties)
      WHEN source_index = 1
      THEN 'id' || CHR(  31) || event_id
      ELSE 'id' || CHR(  31) || source || ':' || event_id
    END AS repeat_key
  FROM checked_rows
  WHERE
    reason IS NULL
), repeated AS (
  SELECT
    repeat_key
  FROM keyed
  GROUP BY
    repeat_key
  HAVING
    COUNT(*) > 1
), ranked AS (
  SELECT
    keyed.source,
    keyed.file,
    keyed.line,
    ROW_NUMBER() OVER (
      PARTITION BY keyed.repeat_key
      ORDER BY keyed.occurred_at_us NULLS LAST, keyed.properties NULLS LAST, keyed.file NULLS LAST, keyed.line NULLS LAST
    ) AS ordinal
  FROM keyed
  INNER JOIN repeated
    ON repeated.repeat_key = keyed.repeat_key
)
SELECT
  keyed.*,
  CASE
    WHEN keyed.event_id IS NULL
    THEN MD5(keyed.repeat_key || CHR(  31) || CAST(COALESCE(ranked.ordinal, 1) AS STRING))
    ELSE SUBSTRING(keyed.repeat_key, 4)
  END AS final_id,
  CASE
    WHEN keyed.event_id IS NULL AND NOT keyed.drop_repeats
    THEN 1
    ELSE COALESCE(ranked.ordinal, 1)
  END AS repeat_index
FROM keyed
LEFT JOIN ranked
  ON ranked.source = keyed.source
  AND ranked.file = keyed.file
  AND ranked.line = keyed.line
