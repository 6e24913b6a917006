-- What no touchpoint rule takes, by event and kind of address, the commonest first.
-- grain: one event at one kind of address
-- key: group_index
-- not null: group_index, event, event_count, first_us, last_us, has_query, has_fragment, is_open
-- check: event_count >= 1
SELECT
  ROW_NUMBER() OVER (ORDER BY CAST(SUM(event_count) AS BIGINT) DESC, event, template NULLS FIRST) AS group_index,
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
WHERE NOT is_goal
GROUP BY event, template
