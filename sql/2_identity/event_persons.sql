-- Who did it: the event's own user, else the only user its device ever had, else the device itself.
-- grain: one event
-- key: event_id
-- not null: event_id, person_id
SELECT
  events.event_id,
  SUBSTR(
    MD5(
      CASE
        WHEN COALESCE(events.user_id, device_users.user_id) IS NOT NULL
          THEN 'user_id' || CHR(31) || COALESCE(events.user_id, device_users.user_id)
        ELSE 'device_id' || CHR(31) || events.device_id
      END
    ),
    1, 16
  ) AS person_id
FROM events
LEFT JOIN device_users ON device_users.device_id = events.device_id
