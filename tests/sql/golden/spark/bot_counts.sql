WITH goals AS (
  SELECT DISTINCT
    event_id
  FROM event_goals
  WHERE
    goal = :goal
), of_kind AS (
  SELECT
    COALESCE(events.bot_reason, 'without bots') AS population,
    person_events.person_id,
    COUNT(DISTINCT person_events.session_id) AS session_count,
    COUNT(*) AS event_count,
    COUNT(person_events.touchpoint) AS contact_count,
    COUNT(goals.event_id) AS goal_count
  FROM person_events
  INNER JOIN events
    ON events.event_id = person_events.event_id
  LEFT JOIN goals
    ON goals.event_id = person_events.event_id
  WHERE
    person_events.occurred_at_us <= :as_of_us
  GROUP BY
    COALESCE(events.bot_reason, 'without bots'),
    person_events.person_id
), of_all AS (
  SELECT
    'with bots' AS population,
    person_id,
    CAST(SUM(session_count) AS BIGINT) AS session_count,
    CAST(SUM(event_count) AS BIGINT) AS event_count,
    CAST(SUM(contact_count) AS BIGINT) AS contact_count,
    CAST(SUM(goal_count) AS BIGINT) AS goal_count
  FROM of_kind
  GROUP BY
    person_id
), persons_by_population AS (
  SELECT
    population,
    person_id,
    session_count,
    event_count,
    contact_count,
    goal_count
  FROM of_kind
  UNION ALL
  SELECT
    population,
    person_id,
    session_count,
    event_count,
    contact_count,
    goal_count
  FROM of_all
)
SELECT
  population,
  CAST(SUM(session_count) AS BIGINT) AS session_count,
  CAST(SUM(event_count) AS BIGINT) AS event_count,
  COUNT(*) AS person_count,
  COUNT(CASE WHEN contact_count > 0 THEN 1 END) AS contact_person_count,
  COUNT(CASE WHEN goal_count > 0 THEN 1 END) AS converted_count
FROM persons_by_population
GROUP BY
  population
