-- Interaction events with the reason why each starts a visit, null where it continues one.
-- Inside a segment the source's own session id splits where it differs from the last one seen, and with
-- $is_campaign_split a campaign splits where it differs from the last one seen (no campaign never splits).
-- grain: one interaction event
-- key: event_id
-- not null: event_id, stream_id
-- parameter: is_source_id_kept BOOLEAN the source's own session ids split
-- parameter: is_campaign_split BOOLEAN a new campaign splits
WITH known AS (
  SELECT
    visit_segments.*,
    LAST_VALUE(source_session_id IGNORE NULLS) OVER (
      PARTITION BY stream_id, segment_index ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_session_id,
    LAST_VALUE(campaign IGNORE NULLS) OVER (
      PARTITION BY stream_id, segment_index ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_campaign
  FROM visit_segments
)
SELECT
  event_id,
  stream_id,
  occurred_at_us,
  source_index,
  sequence,
  CASE
    WHEN gap_reason IS NOT NULL THEN gap_reason
    WHEN $is_source_id_kept AND source_session_id <> known_session_id THEN 'source'
    WHEN $is_campaign_split AND campaign <> known_campaign THEN 'campaign'
  END AS start_reason
FROM known
