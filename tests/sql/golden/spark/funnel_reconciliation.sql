SELECT
  funnel_steps.funnel,
  COUNT(*) AS checked_count,
  COUNT(
    CASE
      WHEN next_steps.funnel IS NULL
      AND funnel_steps.dropped_count + funnel_steps.open_count <> 0
      THEN 1
      WHEN funnel_steps.reached_count <> next_steps.reached_count + funnel_steps.dropped_count + funnel_steps.open_count
      THEN 1
    END
  ) AS broken_count
FROM funnel_steps
LEFT JOIN funnel_steps AS next_steps
  ON next_steps.funnel = funnel_steps.funnel
  AND next_steps.step_index = funnel_steps.step_index + 1
GROUP BY
  funnel_steps.funnel
