WITH compared AS (
  SELECT
    contacts.*,
    LAG(step_name) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS previous_name
  FROM contacts
), kept AS (
  SELECT
    *
  FROM compared
  WHERE
    NOT :is_collapsed OR previous_name IS NULL OR previous_name <> step_name
), paired AS (
  SELECT
    person_id,
    step_name,
    previous_name,
    occurred_at_us,
    LEAD(step_name) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS next_name,
    LEAD(occurred_at_us) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS next_us
  FROM kept
), pairs AS (
  SELECT
    person_id,
    step_name AS from_step,
    COALESCE(next_name, '(end)') AS to_step,
    next_us - occurred_at_us AS wait_us
  FROM paired
  WHERE
    NOT next_name IS NULL OR :has_boundaries
  UNION ALL
  SELECT
    person_id,
    '(start)' AS from_step,
    step_name AS to_step,
    CAST(NULL AS BIGINT) AS wait_us
  FROM paired
  WHERE
    previous_name IS NULL AND :has_boundaries
), counted AS (
  SELECT
    from_step,
    to_step,
    COUNT(*) AS transition_count,
    COUNT(DISTINCT person_id) AS person_count,
    MEDIAN(wait_us) / 1000000 AS median_seconds
  FROM pairs
  GROUP BY
    from_step,
    to_step
)
SELECT
  from_step,
  to_step,
  transition_count,
  person_count,
  CAST(transition_count AS DOUBLE) / CAST(SUM(transition_count) OVER (PARTITION BY from_step) AS BIGINT) AS share,
  median_seconds
FROM counted
