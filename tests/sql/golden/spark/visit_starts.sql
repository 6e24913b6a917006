WITH session_changes AS (
  SELECT
    event_id,
    LAG(source_session_id) OVER (
      PARTITION BY stream_id, segment_index
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS known_session_id
  FROM visit_segments
  WHERE
    :is_source_id_kept AND NOT source_session_id IS NULL
), campaign_changes AS (
  SELECT
    event_id,
    LAG(campaign) OVER (
      PARTITION BY stream_id, segment_index
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS known_campaign
  FROM visit_segments
  WHERE
    :is_campaign_split AND NOT campaign IS NULL
)
SELECT
  visit_segments.event_id,
  visit_segments.stream_id,
  visit_segments.occurred_at_us,
  visit_segments.source_index,
  visit_segments.sequence,
  CASE
    WHEN NOT visit_segments.gap_reason IS NULL
    THEN visit_segments.gap_reason
    WHEN visit_segments.source_session_id <> session_changes.known_session_id
    THEN 'source'
    WHEN visit_segments.campaign <> campaign_changes.known_campaign
    THEN 'campaign'
  END AS start_reason
FROM visit_segments
LEFT JOIN session_changes
  ON session_changes.event_id = visit_segments.event_id
LEFT JOIN campaign_changes
  ON campaign_changes.event_id = visit_segments.event_id
