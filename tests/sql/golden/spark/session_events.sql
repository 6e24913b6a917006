WITH numbered AS (
  SELECT
    session_starts.*,
    COUNT(split_reason) OVER (
      PARTITION BY stream_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS session_index,
    ROW_NUMBER() OVER (
      PARTITION BY stream_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS place
  FROM session_starts
), firsts AS (
  SELECT
    stream_id,
    session_index,
    place AS first_place,
    SUBSTRING(MD5(stream_id || CHR(  31) || event_id), 1, 16) AS session_id
  FROM numbered
  WHERE
    NOT split_reason IS NULL
)
SELECT
  numbered.event_id,
  firsts.session_id,
  numbered.person_id,
  numbered.place - firsts.first_place + 1 AS event_index,
  numbered.split_reason,
  numbered.start_reason,
  numbered.visit_index
FROM numbered
INNER JOIN firsts
  ON firsts.stream_id = numbered.stream_id
  AND firsts.session_index = numbered.session_index
