-- Interaction events in the order of their device's stream, cut where two neighbours are too far apart.
-- A segment starts at the stream's first event, after a gap longer than the timeout (with $is_gap_inclusive also after
-- one equal to it), and with $is_midnight_split where the local day changes.
-- grain: one interaction event
-- key: event_id
-- not null: event_id, stream_id, segment_index
-- parameter: timeout_us BIGINT longest pause inside one session, in microseconds
-- parameter: is_gap_inclusive BOOLEAN a pause equal to the timeout does not split
-- parameter: is_midnight_split BOOLEAN a new local day splits
-- kind: step
WITH neighbours AS (
  SELECT
    event_id,
    stream_id,
    occurred_at_us,
    source_index,
    sequence,
    source_session_id,
    campaign,
    local_date,
    LAG(occurred_at_us) OVER (
      PARTITION BY stream_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS previous_us,
    LAG(local_date) OVER (
      PARTITION BY stream_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS previous_date
  FROM accepted_rows
  WHERE is_interaction
),
reasoned AS (
  SELECT
    neighbours.*,
    CASE
      WHEN previous_us IS NULL THEN 'first'
      WHEN occurred_at_us - previous_us > $timeout_us THEN 'timeout'
      WHEN occurred_at_us - previous_us = $timeout_us AND NOT $is_gap_inclusive THEN 'timeout'
      WHEN $is_midnight_split AND local_date <> previous_date THEN 'midnight'
    END AS gap_reason
  FROM neighbours
)
SELECT
  reasoned.*,
  COUNT(gap_reason) OVER (
    PARTITION BY stream_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS segment_index
FROM reasoned
