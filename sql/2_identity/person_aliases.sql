-- Former ids: whose identifiers were called by another person_id the night before, and since when. Rows are only added.
-- 'split': the identifiers of the old id are now several persons'. 'merged': the new id has those of several old ids.
-- 'renamed': neither, only the id is another, as when somebody anonymous logs in for the first time.
-- grain: one change of an id in one night
-- key: snapshot_id, old_person_id, new_person_id
-- not null: snapshot_id, changed_at, old_person_id, new_person_id, change, identifier_count
-- parameter: snapshot_id VARCHAR the snapshot in which the change is seen first
-- parameter: changed_at TIMESTAMP start of the run that made it
WITH pairs AS (
  SELECT
    previous_person_identifiers.person_id AS old_person_id,
    person_identifiers.person_id AS new_person_id,
    COUNT(*) AS identifier_count
  FROM previous_person_identifiers
  INNER JOIN person_identifiers
    ON person_identifiers.identifier_kind = previous_person_identifiers.identifier_kind
    AND person_identifiers.identifier_value = previous_person_identifiers.identifier_value
  GROUP BY previous_person_identifiers.person_id, person_identifiers.person_id
),
counted AS (
  SELECT
    pairs.*,
    COUNT(*) OVER (PARTITION BY old_person_id) AS new_count,
    COUNT(*) OVER (PARTITION BY new_person_id) AS old_count
  FROM pairs
)
SELECT
  $snapshot_id AS snapshot_id,
  $changed_at AS changed_at,
  old_person_id,
  new_person_id,
  CASE WHEN new_count > 1 THEN 'split' WHEN old_count > 1 THEN 'merged' ELSE 'renamed' END AS change,
  identifier_count
FROM counted
WHERE old_person_id <> new_person_id
UNION ALL
SELECT snapshot_id, changed_at, old_person_id, new_person_id, change, identifier_count
FROM previous_person_aliases
