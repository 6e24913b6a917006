-- How many units met a stage how many times on their way to the first goal; the goal itself is no touch.
-- grain: one number of touches in one stage among units that ended alike
-- key: stage_index, outcome, touch_count
-- not null: stage_index, outcome, touch_count, unit_count
-- check: touch_count >= 1 AND unit_count >= 1
WITH touched AS (
  SELECT
    path_cut.unit_id,
    contact_stages.stage_index,
    COUNT(*) AS touch_count
  FROM path_cut
  INNER JOIN contact_stages ON contact_stages.event_id = path_cut.event_id
  WHERE NOT path_cut.is_goal
  GROUP BY path_cut.unit_id, contact_stages.stage_index
)
SELECT
  touched.stage_index,
  path_units.outcome,
  touched.touch_count,
  COUNT(*) AS unit_count
FROM touched
INNER JOIN path_units ON path_units.unit_id = touched.unit_id
GROUP BY touched.stage_index, path_units.outcome, touched.touch_count
