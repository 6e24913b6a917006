WITH known AS (
  SELECT
    visit_segments.*,
    LAST_VALUE(source_session_id) IGNORE NULLS OVER (
      PARTITION BY stream_id, segment_index
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_session_id,
    LAST_VALUE(campaign) IGNORE NULLS OVER (
      PARTITION BY stream_id, segment_index
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
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
    WHEN NOT gap_reason IS NULL
    THEN gap_reason
    WHEN :is_source_id_kept AND source_session_id <> known_session_id
    THEN 'source'
    WHEN :is_campaign_split AND campaign <> known_campaign
    THEN 'campaign'
  END AS start_reason
FROM known
