WITH met AS (
  SELECT
    stage,
    COUNT(DISTINCT unit_id) AS met_count
  FROM path_cut
  WHERE
    NOT stage IS NULL
  GROUP BY
    stage
)
SELECT
  backtracks.from_stage,
  backtracks.to_stage,
  COUNT(*) AS backtrack_count,
  COUNT(DISTINCT backtracks.unit_id) AS unit_count,
  MAX(met.met_count) AS met_count
FROM backtracks
INNER JOIN met
  ON met.stage = backtracks.from_stage
GROUP BY
  backtracks.from_stage,
  backtracks.to_stage
