SELECT
  events.event_id,
  SUBSTRING(
    MD5(
      CASE
        WHEN NOT COALESCE(events.user_id, device_users.user_id) IS NULL
        THEN 'user_id' || CHR(  31) || COALESCE(events.user_id, device_users.user_id)
        ELSE 'device_id' || CHR(  31) || events.device_id
      END
    ),
    1,
    16
  ) AS person_id
FROM events
LEFT JOIN device_users
  ON device_users.device_id = events.device_id
