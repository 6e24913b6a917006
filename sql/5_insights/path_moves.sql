-- How often one step directly follows another on the paths asked for; the end of a path is no step.
-- grain: one pair of steps
-- key: from_step, to_step
-- not null: from_step, to_step, move_count
-- check: move_count >= 1
SELECT
  here.step_name AS from_step,
  following.step_name AS to_step,
  COUNT(*) AS move_count
FROM path_steps AS here
INNER JOIN path_steps AS following
  ON following.unit_id = here.unit_id AND following.step_index = here.step_index + 1
GROUP BY here.step_name, following.step_name
