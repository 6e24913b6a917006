WITH goals AS (
  SELECT
    person_events.person_id,
    MIN(person_events.occurred_at_us) AS goal_at_us
  FROM person_events
  INNER JOIN marks
    ON marks.event_id = person_events.event_id
  WHERE
    marks.is_goal
    AND NOT person_events.is_bot
    AND person_events.occurred_at_us <= :as_of_us
  GROUP BY
    person_events.person_id
), before AS (
  SELECT
    goals.person_id,
    person_events.session_id,
    events.channel,
    ROW_NUMBER() OVER (
      PARTITION BY goals.person_id
      ORDER BY person_events.occurred_at_us NULLS LAST, person_events.source_index NULLS LAST, person_events.sequence NULLS LAST, person_events.event_id NULLS LAST
    ) AS place
  FROM goals
  INNER JOIN person_events
    ON person_events.person_id = goals.person_id
  INNER JOIN events
    ON events.event_id = person_events.event_id
  WHERE
    NOT person_events.session_id IS NULL
    AND NOT person_events.is_bot
    AND person_events.occurred_at_us <= goals.goal_at_us
), counted AS (
  SELECT
    person_id,
    COUNT(DISTINCT session_id) AS visit_count,
    MIN_BY(session_id, place) AS first_session_id
  FROM before
  GROUP BY
    person_id
), channels AS (
  SELECT
    before.person_id,
    COALESCE(
      MIN_BY(before.channel, CASE WHEN before.channel <> 'Direct' THEN before.place END),
      MIN(before.channel)
    ) AS channel
  FROM before
  INNER JOIN counted
    ON counted.person_id = before.person_id
    AND counted.first_session_id = before.session_id
  GROUP BY
    before.person_id
)
SELECT
  goals.person_id,
  goals.goal_at_us,
  COALESCE(counted.visit_count, 0) AS visit_count,
  channels.channel AS first_channel
FROM goals
LEFT JOIN counted
  ON counted.person_id = goals.person_id
LEFT JOIN channels
  ON channels.person_id = goals.person_id
