WITH placed AS (
  SELECT
    contacts.unit_id,
    contacts.occurred_at_us,
    contacts.is_goal,
    contact_stages.stage_index,
    ROW_NUMBER() OVER (
      PARTITION BY contacts.unit_id
      ORDER BY contacts.occurred_at_us NULLS LAST, contacts.source_index NULLS LAST, contacts.sequence NULLS LAST, contacts.event_id NULLS LAST
    ) AS place
  FROM contacts
  LEFT JOIN contact_stages
    ON contact_stages.event_id = contacts.event_id
), reached AS (
  SELECT
    unit_id,
    stage_index,
    MIN(place) AS place,
    MIN(occurred_at_us) AS reached_at_us
  FROM placed
  WHERE
    NOT stage_index IS NULL
  GROUP BY
    unit_id,
    stage_index
), followed AS (
  SELECT
    reached.unit_id,
    reached.stage_index,
    reached.reached_at_us,
    COUNT(CASE WHEN later.is_goal THEN 1 END) AS goal_count,
    COUNT(
      CASE
        WHEN later.place > reached.place AND later.stage_index > reached.stage_index
        THEN 1
      END
    ) AS later_count
  FROM reached
  INNER JOIN placed AS later
    ON later.unit_id = reached.unit_id
    AND later.place >= reached.place
    AND later.occurred_at_us <= reached.reached_at_us + :within_us
  GROUP BY
    reached.unit_id,
    reached.stage_index,
    reached.reached_at_us
)
SELECT
  unit_id,
  stage_index,
  reached_at_us,
  CASE
    WHEN reached_at_us + :within_us > :as_of_us
    THEN '(open)'
    WHEN goal_count > 0
    THEN '(converted)'
    WHEN later_count > 0
    THEN '(progressed)'
    ELSE '(abandoned)'
  END AS outcome
FROM followed
