WITH ranked AS (
  SELECT
    session_events.session_id,
    sessions.person_id,
    sessions.channel,
    events.traffic_source,
    events.medium,
    events.campaign,
    events.referrer,
    events.url,
    ROW_NUMBER() OVER (
      PARTITION BY session_events.session_id
      ORDER BY CASE WHEN events.channel <> 'Direct' THEN 0 ELSE 1 END NULLS LAST, session_events.event_index NULLS LAST, events.event_id NULLS LAST
    ) AS place
  FROM session_events
  INNER JOIN events
    ON events.event_id = session_events.event_id
  INNER JOIN sessions
    ON sessions.session_id = session_events.session_id
  WHERE
    NOT sessions.is_bot AND sessions.started_at_us <= :as_of_us
)
SELECT
  session_id,
  person_id,
  channel,
  COALESCE(traffic_source, '') AS traffic_source,
  COALESCE(medium, '') AS medium,
  COALESCE(campaign, '') AS campaign,
  COALESCE(REGEXP_EXTRACT(referrer, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', 0), '') AS referrer,
  COALESCE(REGEXP_EXTRACT(url, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', 0), '') AS url
FROM ranked
WHERE
  place = 1
