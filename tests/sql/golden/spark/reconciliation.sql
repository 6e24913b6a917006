WITH usable AS (
  SELECT
    source,
    COUNT(*) AS accepted_count
  FROM (
    SELECT
      source
    FROM events
    UNION ALL
    SELECT
      source
    FROM contact_rows
  ) AS rows_of_sources
  GROUP BY
    source
), events_with_person AS (
  SELECT
    COUNT(*) AS row_count,
    COUNT(event_persons.event_id) AS matched_count
  FROM events
  LEFT JOIN event_persons
    ON event_persons.event_id = events.event_id
), events_with_session AS (
  SELECT
    COUNT(CASE WHEN events.is_interaction THEN 1 END) AS row_count,
    COUNT(CASE WHEN events.is_interaction THEN session_events.event_id END) AS matched_count,
    COUNT(CASE WHEN NOT events.is_interaction THEN session_events.event_id END) AS unwanted_count,
    COUNT(sessions.session_id) AS known_count
  FROM events
  LEFT JOIN session_events
    ON session_events.event_id = events.event_id
  LEFT JOIN sessions
    ON sessions.session_id = session_events.session_id
), totals AS (
  SELECT
    (
      SELECT
        COUNT(*)
      FROM events
    ) AS event_count,
    (
      SELECT
        COUNT(*)
      FROM events
      WHERE
        is_interaction
    ) AS interaction_count,
    (
      SELECT
        COUNT(*)
      FROM event_persons
    ) AS person_row_count,
    (
      SELECT
        COUNT(*)
      FROM session_events
    ) AS session_row_count
), session_sizes AS (
  SELECT
    session_id,
    COUNT(*) AS row_count
  FROM session_events
  GROUP BY
    session_id
), journey_sizes AS (
  SELECT
    journey_id,
    COUNT(*) AS row_count
  FROM touchpoints
  GROUP BY
    journey_id
)
SELECT
  'rows of sources' AS equality,
  COUNT(*) AS checked_count,
  COUNT(
    CASE
      WHEN data_quality.read_count <> data_quality.accepted_count + data_quality.duplicate_count + data_quality.rejected_count
      THEN 1
      WHEN data_quality.accepted_count <> COALESCE(usable.accepted_count, 0)
      THEN 1
    END
  ) AS broken_count
FROM data_quality
LEFT JOIN usable
  ON usable.source = data_quality.source
UNION ALL
SELECT
  'persons of events' AS equality,
  totals.event_count AS checked_count,
  (
    events_with_person.row_count - events_with_person.matched_count
  ) + (
    events_with_person.row_count - totals.event_count
  ) + (
    totals.person_row_count - events_with_person.matched_count
  ) AS broken_count
FROM totals
CROSS JOIN events_with_person
UNION ALL
SELECT
  'sessions of events' AS equality,
  totals.interaction_count AS checked_count,
  (
    events_with_session.row_count - events_with_session.matched_count
  ) + (
    events_with_session.row_count - totals.interaction_count
  ) + events_with_session.unwanted_count + (
    totals.session_row_count - events_with_session.known_count
  ) AS broken_count
FROM totals
CROSS JOIN events_with_session
UNION ALL
SELECT
  'events of sessions' AS equality,
  COUNT(*) AS checked_count,
  COUNT(
    CASE
      WHEN COALESCE(sessions.event_count, 0) <> COALESCE(session_sizes.row_count, 0)
      THEN 1
    END
  ) AS broken_count
FROM sessions
FULL OUTER JOIN session_sizes
  ON session_sizes.session_id = sessions.session_id
UNION ALL
SELECT
  'touchpoints of journeys' AS equality,
  COUNT(*) AS checked_count,
  COUNT(
    CASE
      WHEN COALESCE(journeys.step_count, 0) <> COALESCE(journey_sizes.row_count, 0)
      THEN 1
    END
  ) AS broken_count
FROM journeys
FULL OUTER JOIN journey_sizes
  ON journey_sizes.journey_id = journeys.journey_id
