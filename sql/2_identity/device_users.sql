-- Devices that only ever had one known user. Keys built from several columns never link persons.
-- grain: one device
-- key: device_id
-- not null: device_id, user_id
SELECT
  device_id,
  MIN(user_id) AS user_id
FROM events
WHERE device_id IS NOT NULL AND user_id IS NOT NULL AND NOT COALESCE(device_is_composite, FALSE)
GROUP BY device_id
HAVING MIN(user_id) = MAX(user_id)
