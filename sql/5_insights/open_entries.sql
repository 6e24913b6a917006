-- Of a funnel that is entered at any step: when a unit first and last met each step, and how it stands there.
-- Whoever went on completed the link to the next step. Open: did not go on, and the window of the latest event of this step
-- is not over at $as_of_us. At the last step all are converted.
-- grain: one unit and a step that it met
-- key: unit_id, step_index
-- not null: unit_id, step_index, first_us, last_us, event_id, entry_index, is_from_before, status
-- check: last_us >= first_us
-- check: entry_index >= 1
-- parameter: last_step BIGINT step_index of the last step
-- parameter: window_us BIGINT longest time from a step to the next; null is no limit, and nobody is open
-- parameter: as_of_us BIGINT the moment asked about
-- parameter: is_in_sequence BOOLEAN events of one time stand in the order of the source's own sequence
WITH spans AS (
  SELECT
    unit_id,
    step_index,
    MIN(occurred_at_us) AS first_us,
    MAX(occurred_at_us) AS last_us
  FROM open_candidates
  GROUP BY unit_id, step_index
),
placed AS (
  SELECT
    spans.*,
    open_candidates.event_id,
    open_candidates.by_value,
    CASE WHEN $is_in_sequence THEN open_candidates.source_index END AS tied_source,
    CASE WHEN $is_in_sequence THEN open_candidates.sequence END AS tied_sequence
  FROM spans
  INNER JOIN open_candidates
    ON open_candidates.unit_id = spans.unit_id
    AND open_candidates.step_index = spans.step_index
    AND open_candidates.occurred_at_us = spans.first_us
),
numbered AS (
  SELECT
    placed.*,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id, step_index ORDER BY tied_source NULLS LAST, tied_sequence NULLS LAST, event_id
    ) AS tie_index
  FROM placed
),
firsts AS (
  SELECT * FROM numbered WHERE tie_index = 1
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
    ORDER BY
      firsts.first_us,
      firsts.tied_source NULLS LAST,
      firsts.tied_sequence NULLS LAST,
      firsts.event_id,
      firsts.step_index
  ) AS entry_index,
  links_before.unit_id IS NOT NULL AS is_from_before,
  CASE
    WHEN firsts.step_index = $last_step THEN 'converted'
    WHEN links_after.unit_id IS NOT NULL THEN 'continued'
    WHEN firsts.last_us + $window_us > $as_of_us THEN 'open'
    ELSE 'dropped'
  END AS status
FROM firsts
LEFT JOIN open_links AS links_before
  ON links_before.unit_id = firsts.unit_id AND links_before.step_index = firsts.step_index - 1
LEFT JOIN open_links AS links_after
  ON links_after.unit_id = firsts.unit_id AND links_after.step_index = firsts.step_index
