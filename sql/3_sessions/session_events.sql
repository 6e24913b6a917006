-- Which session each interaction event is in, and its place there. CRM, survey and ticket events are in none.
-- grain: one interaction event
-- key: event_id
-- not null: event_id, session_id, person_id, event_index, visit_index
WITH numbered AS (
  SELECT
    session_starts.*,
    COUNT(split_reason) OVER (
      PARTITION BY stream_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS session_index,
    ROW_NUMBER() OVER (
      PARTITION BY stream_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS place
  FROM session_starts
),
firsts AS (
  SELECT
    stream_id,
    session_index,
    place AS first_place,
    SUBSTR(MD5(stream_id || CHR(31) || event_id), 1, 16) AS session_id
  FROM numbered
  WHERE split_reason IS NOT NULL
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
  ON firsts.stream_id = numbered.stream_id AND firsts.session_index = numbered.session_index
