-- How many units went back from a stage to an earlier one, of those who were in it.
-- grain: one pair of stages
-- key: from_stage, to_stage
-- not null: from_stage, to_stage, backtrack_count, unit_count, met_count
-- check: backtrack_count >= unit_count AND unit_count >= 1 AND unit_count <= met_count
WITH met AS (
  SELECT
    stage,
    COUNT(DISTINCT unit_id) AS met_count
  FROM path_cut
  WHERE stage IS NOT NULL
  GROUP BY stage
)
SELECT
  backtracks.from_stage,
  backtracks.to_stage,
  COUNT(*) AS backtrack_count,
  COUNT(DISTINCT backtracks.unit_id) AS unit_count,
  MAX(met.met_count) AS met_count
FROM backtracks
INNER JOIN met ON met.stage = backtracks.from_stage
GROUP BY backtracks.from_stage, backtracks.to_stage
