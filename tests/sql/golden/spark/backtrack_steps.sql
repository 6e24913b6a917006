SELECT
  from_stage,
  from_step,
  to_stage,
  to_step,
  COUNT(*) AS backtrack_count,
  COUNT(DISTINCT unit_id) AS unit_count
FROM backtracks
GROUP BY
  from_stage,
  from_step,
  to_stage,
  to_step
