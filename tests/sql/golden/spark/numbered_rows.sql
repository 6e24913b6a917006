WITH keyed AS (
  SELECT
    *
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
    keyed.reading,
    keyed.line,
    ROW_NUMBER() OVER (
      PARTITION BY keyed.repeat_key
      ORDER BY keyed.occurred_at_us NULLS LAST, keyed.properties NULLS LAST, keyed.file NULLS LAST, keyed.reading NULLS LAST, keyed.line NULLS LAST
    ) AS ordinal
  FROM keyed
  INNER JOIN repeated
    ON repeated.repeat_key = keyed.repeat_key
), placed AS (
  SELECT
    keyed.*,
    COALESCE(ranked.ordinal, 1) AS ordinal,
    COALESCE(known_repeats.kept_count, 0) AS kept_count,
    COALESCE(
      keyed.occurred_at_us < known_repeats.kept_us
      OR (
        keyed.occurred_at_us = known_repeats.kept_us
        AND keyed.properties < known_repeats.kept_properties
      ),
      FALSE
    ) AS is_better
  FROM keyed
  LEFT JOIN ranked
    ON ranked.source = keyed.source
    AND ranked.file = keyed.file
    AND ranked.reading = keyed.reading
    AND ranked.line = keyed.line
  LEFT JOIN known_repeats
    ON known_repeats.repeat_key = keyed.repeat_key
)
SELECT
  placed.*,
  CASE
    WHEN event_id IS NULL
    THEN MD5(repeat_key || CHR(  31) || CAST(kept_count + ordinal AS STRING))
    ELSE SUBSTRING(repeat_key, 4)
  END AS final_id,
  CASE
    WHEN event_id IS NULL AND NOT drop_repeats
    THEN 1
    WHEN event_id IS NULL
    THEN kept_count + ordinal
    WHEN kept_count > 0 AND NOT is_better
    THEN ordinal + 1
    ELSE ordinal
  END AS repeat_index
FROM placed
