SELECT
  ROW_NUMBER() OVER (ORDER BY CAST(SUM(event_count) AS BIGINT) DESC, event NULLS LAST, template) AS group_index,
  event,
  template,
  CAST(SUM(event_count) AS BIGINT) AS event_count,
  MIN(first_us) AS first_us,
  MAX(last_us) AS last_us,
  MIN(address) AS example,
  COALESCE(MAX(has_query), FALSE) AS has_query,
  COALESCE(MAX(has_fragment), FALSE) AS has_fragment,
  MAX(is_open) AS is_open
FROM templated_values
WHERE
  NOT is_goal
GROUP BY
  event,
  template
