-- Interaction events with the reason why each starts a visit, null where it continues one.
-- Inside a segment the source's own session id splits where it differs from the last one seen, and with
-- $is_campaign_split a campaign splits where it differs from the last one seen (no campaign never splits).
-- grain: one interaction event
-- key: event_id
-- not null: event_id, stream_id
-- parameter: is_source_id_kept BOOLEAN the source's own session ids split
-- parameter: is_campaign_split BOOLEAN a new campaign splits
WITH session_changes AS (
  SELECT
    event_id,
    LAG(source_session_id) OVER (
      PARTITION BY stream_id, segment_index ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS known_session_id
  FROM visit_segments
  WHERE $is_source_id_kept AND source_session_id IS NOT NULL
),
campaign_changes AS (
  SELECT
    event_id,
    LAG(campaign) OVER (
      PARTITION BY stream_id, segment_index ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS known_campaign
  FROM visit_segments
  WHERE $is_campaign_split AND campaign IS NOT NULL
)
SELECT
  visit_segments.event_id,
  visit_segments.stream_id,
  visit_segments.occurred_at_us,
  visit_segments.source_index,
  visit_segments.sequence,
  CASE
    WHEN visit_segments.gap_reason IS NOT NULL THEN visit_segments.gap_reason
    WHEN visit_segments.source_session_id <> session_changes.known_session_id THEN 'source'
    WHEN visit_segments.campaign <> campaign_changes.known_campaign THEN 'campaign'
  END AS start_reason
FROM visit_segments
LEFT JOIN session_changes ON session_changes.event_id = visit_segments.event_id
LEFT JOIN campaign_changes ON campaign_changes.event_id = visit_segments.event_id
