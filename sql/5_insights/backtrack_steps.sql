-- Which contacts the moves back to an earlier stage lead from and to.
-- grain: one pair of steps of two stages
-- key: from_stage, from_step, to_stage, to_step
-- not null: from_stage, from_step, to_stage, to_step, backtrack_count, unit_count
-- check: backtrack_count >= unit_count AND unit_count >= 1
SELECT
  from_stage,
  from_step,
  to_stage,
  to_step,
  COUNT(*) AS backtrack_count,
  COUNT(DISTINCT unit_id) AS unit_count
FROM backtracks
GROUP BY from_stage, from_step, to_stage, to_step
