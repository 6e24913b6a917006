WITH usable AS (
  SELECT
    source,
    note,
    occurred_at_us
  FROM events
  UNION ALL
  SELECT
    source,
    note,
    CAST(NULL AS BIGINT) AS occurred_at_us
  FROM contact_rows
), accepted AS (
  SELECT
    source,
    COUNT(*) AS accepted_count,
    COUNT(note) AS noted_count,
    MAX(occurred_at_us) AS last_us
  FROM usable
  GROUP BY
    source
), rejected AS (
  SELECT
    source,
    COUNT(*) AS rejected_count
  FROM rejected_events
  GROUP BY
    source
)
SELECT
  source_counts.source,
  source_counts.source_index,
  source_counts.read_count,
  COALESCE(accepted.accepted_count, 0) AS accepted_count,
  COALESCE(repeated_rows.duplicate_count, 0) AS duplicate_count,
  COALESCE(rejected.rejected_count, 0) AS rejected_count,
  COALESCE(accepted.noted_count, 0) AS noted_count,
  accepted.last_us
FROM source_counts
LEFT JOIN accepted
  ON accepted.source = source_counts.source
LEFT JOIN rejected
  ON rejected.source = source_counts.source
LEFT JOIN repeated_rows
  ON repeated_rows.source = source_counts.source
