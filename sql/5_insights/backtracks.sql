-- The moves back to an earlier stage: a contact whose stage stands before that of the contact before it.
-- Contacts without a stage are passed over, so the contact before is the last one that has a stage.
-- grain: one move back
-- key: event_id
-- not null: unit_id, event_id, from_stage, to_stage, from_step, to_step
-- check: from_stage <> to_stage
WITH staged AS (
  SELECT
    path_cut.unit_id,
    path_cut.event_id,
    path_cut.step_name,
    path_cut.stage,
    stage_order.stage_index,
    LAG(stage_order.stage_index) OVER (
      PARTITION BY path_cut.unit_id
      ORDER BY path_cut.occurred_at_us, path_cut.source_index, path_cut.sequence NULLS LAST, path_cut.event_id
    ) AS previous_index,
    LAG(path_cut.stage) OVER (
      PARTITION BY path_cut.unit_id
      ORDER BY path_cut.occurred_at_us, path_cut.source_index, path_cut.sequence NULLS LAST, path_cut.event_id
    ) AS previous_stage,
    LAG(path_cut.step_name) OVER (
      PARTITION BY path_cut.unit_id
      ORDER BY path_cut.occurred_at_us, path_cut.source_index, path_cut.sequence NULLS LAST, path_cut.event_id
    ) AS previous_name
  FROM path_cut
  INNER JOIN stage_order ON stage_order.stage = path_cut.stage
)
SELECT
  unit_id,
  event_id,
  previous_stage AS from_stage,
  stage AS to_stage,
  previous_name AS from_step,
  step_name AS to_step
FROM staged
WHERE previous_index > stage_index
