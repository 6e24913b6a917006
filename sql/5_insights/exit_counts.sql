-- Sessions per touchpoint: in how many it was met, how often, and how many began or ended with it.
-- A session begins with its first contact and ends with its last, so that landings and exits each sum to all sessions.
-- The columns of two letters are sums over persons of products of their own counts (n sessions, x exits, v views,
-- l landings, b bounces): one person's sessions are alike, and the intervals allow for it.
-- grain: one touchpoint
-- key: touchpoint
-- not null: touchpoint, session_count, view_count, exit_count, landing_count, bounce_count, xx, xn, nn, xv, vv, bb, bl, ll
-- check: exit_count <= session_count AND session_count <= view_count
-- check: bounce_count <= landing_count AND landing_count <= session_count
-- parameter: as_of_us BIGINT later events are not counted
WITH placed AS (
  SELECT
    person_events.session_id,
    person_events.touchpoint,
    person_events.stage,
    ROW_NUMBER() OVER (
      PARTITION BY person_events.session_id
      ORDER BY person_events.occurred_at_us, person_events.source_index, person_events.sequence NULLS LAST,
        person_events.event_id
    ) AS place
  FROM person_events
  WHERE person_events.session_id IS NOT NULL
    AND person_events.touchpoint IS NOT NULL
    AND NOT person_events.is_bot
    AND person_events.occurred_at_us <= $as_of_us
),
met AS (
  SELECT
    placed.session_id,
    placed.touchpoint,
    MIN(placed.stage) AS stage,
    COUNT(*) AS view_count,
    MIN(placed.place) AS first_place,
    MAX(placed.place) AS last_place
  FROM placed
  GROUP BY placed.session_id, placed.touchpoint
),
by_person AS (
  SELECT
    session_landings.person_id,
    met.touchpoint,
    MIN(met.stage) AS stage,
    COUNT(*) AS n,
    CAST(SUM(met.view_count) AS BIGINT) AS v,
    COUNT(CASE WHEN met.last_place = session_landings.contact_count THEN 1 END) AS x,
    COUNT(CASE WHEN met.first_place = 1 THEN 1 END) AS l,
    COUNT(CASE WHEN met.first_place = 1 AND session_landings.is_bounce THEN 1 END) AS b
  FROM met
  INNER JOIN session_landings ON session_landings.session_id = met.session_id
  GROUP BY session_landings.person_id, met.touchpoint
)
SELECT
  touchpoint,
  MIN(stage) AS stage,
  CAST(SUM(n) AS BIGINT) AS session_count,
  CAST(SUM(v) AS BIGINT) AS view_count,
  CAST(SUM(x) AS BIGINT) AS exit_count,
  CAST(SUM(l) AS BIGINT) AS landing_count,
  CAST(SUM(b) AS BIGINT) AS bounce_count,
  CAST(SUM(x * x) AS BIGINT) AS xx,
  CAST(SUM(x * n) AS BIGINT) AS xn,
  CAST(SUM(n * n) AS BIGINT) AS nn,
  CAST(SUM(x * v) AS BIGINT) AS xv,
  CAST(SUM(v * v) AS BIGINT) AS vv,
  CAST(SUM(b * b) AS BIGINT) AS bb,
  CAST(SUM(b * l) AS BIGINT) AS bl,
  CAST(SUM(l * l) AS BIGINT) AS ll
FROM by_person
GROUP BY touchpoint
