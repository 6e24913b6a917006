SELECT
  SUBSTRING(
    MD5(
      CASE
        WHEN identifier_kind = 'device_id' AND NOT device_users.user_id IS NULL
        THEN 'user_id' || CHR(  31) || device_users.user_id
        ELSE identifier_kind || CHR(  31) || identifier_value
      END
    ),
    1,
    16
  ) AS person_id,
  identifier_kind,
  identifier_value
FROM identifiers
LEFT JOIN device_users
  ON identifiers.identifier_kind = 'device_id'
  AND device_users.device_id = identifiers.identifier_value
