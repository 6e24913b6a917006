SELECT
  device_id,
  MIN(user_id) AS user_id
FROM events
WHERE
  NOT device_id IS NULL
  AND NOT user_id IS NULL
  AND NOT COALESCE(device_is_composite, FALSE)
GROUP BY
  device_id
HAVING
  MIN(user_id) = MAX(user_id)
