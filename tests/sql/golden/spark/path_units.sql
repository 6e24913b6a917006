WITH lengths AS (
  SELECT
    unit_id,
    MAX(step_index) AS step_count
  FROM path_steps
  GROUP BY
    unit_id
), ends AS (
  SELECT
    unit_id,
    MAX(is_goal) AS is_converted,
    MAX(is_end) AS is_ended
  FROM path_cut
  GROUP BY
    unit_id
), last_contacts AS (
  SELECT
    unit_id,
    MAX(occurred_at_us) AS last_us
  FROM contacts
  WHERE
    NOT is_absence
  GROUP BY
    unit_id
)
SELECT
  lengths.unit_id,
  lengths.step_count,
  CASE
    WHEN ends.is_converted
    THEN '(converted)'
    WHEN ends.is_ended
    THEN '(end)'
    WHEN last_contacts.last_us + :inactive_us <= :as_of_us
    THEN '(dropped)'
    ELSE '(open)'
  END AS outcome
FROM lengths
INNER JOIN ends
  ON ends.unit_id = lengths.unit_id
INNER JOIN last_contacts
  ON last_contacts.unit_id = lengths.unit_id
