-- Per funnel, how many of its required steps break reached = gone on + dropped + open; of the last step nobody is dropped
-- or open. Gone on are those who reached the next step, in an open funnel without those who entered there; there they are
-- also counted as continued, and at step 1 everybody has entered. Optional steps stand apart.
-- grain: one funnel
-- key: funnel
-- not null: funnel, checked_count, broken_count
WITH required AS (
  SELECT
    funnel,
    step_index,
    reached_count,
    dropped_count + open_count AS stopped_count,
    continued_count,
    CASE WHEN step_index = 1 THEN entered_count END AS first_entered_count,
    LEAD(reached_count - COALESCE(entered_count, 0)) OVER (PARTITION BY funnel ORDER BY step_index) AS next_count
  FROM funnel_steps
  WHERE NOT is_optional
)
SELECT
  funnel,
  COUNT(*) AS checked_count,
  COUNT(
    CASE
      WHEN reached_count <> COALESCE(next_count, reached_count) + stopped_count
        OR continued_count <> COALESCE(next_count, 0)
        OR first_entered_count <> reached_count
        THEN 1
    END
  ) AS broken_count
FROM required
GROUP BY funnel
