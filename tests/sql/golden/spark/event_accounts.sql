WITH known_persons AS (
  SELECT DISTINCT
    person_id
  FROM account_changes
), merged AS (
  SELECT
    event_persons.person_id,
    events.occurred_at_us,
    events.event_id,
    CAST(NULL AS BIGINT) AS change_index
  FROM events
  INNER JOIN event_persons
    ON event_persons.event_id = events.event_id
  INNER JOIN known_persons
    ON known_persons.person_id = event_persons.person_id
  WHERE
    events.account_id IS NULL
  UNION ALL
  SELECT
    person_id,
    since_us AS occurred_at_us,
    CAST(NULL AS STRING) AS event_id,
    change_index
  FROM account_changes
), placed AS (
  SELECT
    person_id,
    event_id,
    MAX(change_index) OVER (
      PARTITION BY person_id
      ORDER BY occurred_at_us NULLS LAST
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS change_index
  FROM merged
)
SELECT
  events.event_id,
  event_persons.person_id,
  events.account_id
FROM events
INNER JOIN event_persons
  ON event_persons.event_id = events.event_id
WHERE
  NOT events.account_id IS NULL
UNION ALL
SELECT
  placed.event_id,
  placed.person_id,
  account_changes.account_id
FROM placed
INNER JOIN account_changes
  ON account_changes.person_id = placed.person_id
  AND account_changes.change_index = COALESCE(placed.change_index, 1)
WHERE
  NOT placed.event_id IS NULL
