-- How each unit went on after it first reached a stage, within $within_us (its end included): to the goal, to a stage
-- later in the order, to neither; or its time is not over at $as_of_us and it is still open.
-- The goal may be the contact that reached the stage; a later stage is met by a later contact.
-- grain: one unit in one stage it reached
-- key: unit_id, stage_index
-- not null: unit_id, stage_index, reached_at_us, outcome
-- check: outcome IN ('(converted)', '(progressed)', '(abandoned)', '(open)')
-- parameter: within_us BIGINT so long a unit has to go on, in microseconds
-- parameter: as_of_us BIGINT the moment asked about
WITH placed AS (
  SELECT
    contacts.unit_id,
    contacts.occurred_at_us,
    contacts.is_goal,
    contact_stages.stage_index,
    ROW_NUMBER() OVER (
      PARTITION BY contacts.unit_id
      ORDER BY contacts.occurred_at_us, contacts.source_index, contacts.sequence NULLS LAST, contacts.event_id
    ) AS place
  FROM contacts
  LEFT JOIN contact_stages ON contact_stages.event_id = contacts.event_id
),
reached AS (
  SELECT
    unit_id,
    stage_index,
    MIN(place) AS place,
    MIN(occurred_at_us) AS reached_at_us
  FROM placed
  WHERE stage_index IS NOT NULL
  GROUP BY unit_id, stage_index
),
followed AS (
  SELECT
    reached.unit_id,
    reached.stage_index,
    reached.reached_at_us,
    COUNT(CASE WHEN later.is_goal THEN 1 END) AS goal_count,
    COUNT(CASE WHEN later.place > reached.place AND later.stage_index > reached.stage_index THEN 1 END) AS later_count
  FROM reached
  INNER JOIN placed AS later
    ON later.unit_id = reached.unit_id
    AND later.place >= reached.place
    AND later.occurred_at_us <= reached.reached_at_us + $within_us
  GROUP BY reached.unit_id, reached.stage_index, reached.reached_at_us
)
SELECT
  unit_id,
  stage_index,
  reached_at_us,
  CASE
    WHEN reached_at_us + $within_us > $as_of_us THEN '(open)'
    WHEN goal_count > 0 THEN '(converted)'
    WHEN later_count > 0 THEN '(progressed)'
    ELSE '(abandoned)'
  END AS outcome
FROM followed
