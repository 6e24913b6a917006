-- Sessions with a contact, and whether each was a bounce. Contacts outside sessions (calls, tickets) are in none.
-- `marks` says which events are views (is_start) and key events (is_goal), where a call names them.
-- By the rule 'single' a session bounced that holds one event in all, be it a contact or not. By GA4's it was not
-- engaged: it lasted ten seconds at most, with fewer than two views and no key event.
-- grain: one session
-- key: session_id
-- not null: session_id, person_id, event_count, contact_count, is_bounce
-- check: contact_count >= 1 AND contact_count <= event_count
-- parameter: as_of_us BIGINT later events are not counted
-- parameter: bounce VARCHAR single or ga4
-- parameter: has_views BOOLEAN views are named; else every contact is one
WITH counted AS (
  SELECT
    person_events.session_id,
    MIN(person_events.person_id) AS person_id,
    COUNT(*) AS event_count,
    COUNT(person_events.touchpoint) AS contact_count,
    COUNT(CASE WHEN marks.is_start OR (NOT $has_views AND person_events.touchpoint IS NOT NULL) THEN 1 END)
      AS view_count,
    COUNT(CASE WHEN marks.is_goal THEN 1 END) AS key_count,
    MAX(person_events.occurred_at_us) - MIN(person_events.occurred_at_us) AS duration_us
  FROM person_events
  LEFT JOIN marks ON marks.event_id = person_events.event_id
  WHERE person_events.session_id IS NOT NULL
    AND NOT person_events.is_bot
    AND person_events.occurred_at_us <= $as_of_us
  GROUP BY person_events.session_id
)
SELECT
  session_id,
  person_id,
  event_count,
  contact_count,
  CASE
    WHEN $bounce = 'ga4' THEN duration_us <= 10000000 AND view_count < 2 AND key_count = 0
    ELSE event_count = 1
  END AS is_bounce
FROM counted
WHERE contact_count >= 1
