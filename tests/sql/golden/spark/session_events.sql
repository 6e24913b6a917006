WITH numbered AS (
  SELECT
    session_starts.*,
    COUNT(split_reason) OVER (
      PARTITION BY stream_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS session_index
  FROM session_starts
), identified AS (
  SELECT
    stream_id,
    session_index,
    SUBSTRING(MD5(stream_id || CHR(  31) || event_id), 1, 16) AS session_id
  FROM numbered
  WHERE
    NOT split_reason IS NULL
)
SELECT
  numbered.event_id,
  identified.session_id,
  numbered.person_id,
  ROW_NUMBER() OVER (
    PARTITION BY numbered.stream_id, numbered.session_index
    ORDER BY numbered.occurred_at_us NULLS LAST, numbered.source_index NULLS LAST, numbered.sequence NULLS LAST, numbered.event_id NULLS LAST
  ) AS event_index,
  numbered.split_reason,
  numbered.start_reason,
  numbered.visit_index
FROM numbered
INNER JOIN identified
  ON identified.stream_id = numbered.stream_id
  AND identified.session_index = numbered.session_index
