WITH spans AS (
  SELECT
    unit_id,
    step_index,
    MIN(occurred_at_us) AS first_us,
    MAX(occurred_at_us) AS last_us
  FROM open_candidates
  GROUP BY
    unit_id,
    step_index
), placed AS (
  SELECT
    spans.*,
    open_candidates.event_id,
    open_candidates.by_value,
    CASE WHEN :is_in_sequence THEN open_candidates.source_index END AS tied_source,
    CASE WHEN :is_in_sequence THEN open_candidates.sequence END AS tied_sequence
  FROM spans
  INNER JOIN open_candidates
    ON open_candidates.unit_id = spans.unit_id
    AND open_candidates.step_index = spans.step_index
    AND open_candidates.occurred_at_us = spans.first_us
), numbered AS (
  SELECT
    placed.*,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id, step_index
      ORDER BY tied_source NULLS LAST, tied_sequence NULLS LAST, event_id NULLS LAST
    ) AS tie_index
  FROM placed
), firsts AS (
  SELECT
    *
  FROM numbered
  WHERE
    tie_index = 1
)
SELECT
  firsts.unit_id,
  firsts.step_index,
  firsts.first_us,
  firsts.last_us,
  firsts.event_id,
  firsts.by_value,
  ROW_NUMBER() OVER (
    PARTITION BY firsts.unit_id
    ORDER BY firsts.first_us NULLS LAST, firsts.tied_source NULLS LAST, firsts.tied_sequence NULLS LAST, firsts.event_id NULLS LAST, firsts.step_index NULLS LAST
  ) AS entry_index,
  NOT links_before.unit_id IS NULL AS is_from_before,
  CASE
    WHEN firsts.step_index = :last_step
    THEN 'converted'
    WHEN NOT links_after.unit_id IS NULL
    THEN 'continued'
    WHEN firsts.last_us + :window_us > :as_of_us
    THEN 'open'
    ELSE 'dropped'
  END AS status
FROM firsts
LEFT JOIN open_links AS links_before
  ON links_before.unit_id = firsts.unit_id
  AND links_before.step_index = firsts.step_index - 1
LEFT JOIN open_links AS links_after
  ON links_after.unit_id = firsts.unit_id
  AND links_after.step_index = firsts.step_index
