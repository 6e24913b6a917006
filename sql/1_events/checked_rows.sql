-- Every row that was read, its identifiers made alike, with the reason why it cannot be used.
-- usable_* are null where the value given never identifies anybody. known_* is the strongest identifier that is no
-- device: the user's, else of the strongest kind; a weak one only where the row has no device.
-- grain: one row read from a source
-- key: source, file, reading, line
-- not null: source, file, reading, line
-- kind: step
WITH ranked AS (
  SELECT
    usable_identifiers.*,
    ROW_NUMBER() OVER (PARTITION BY source, file, reading, line ORDER BY strength DESC, identifier_kind) AS place
  FROM usable_identifiers
),
strongest AS (
  SELECT source, file, reading, line, identifier_kind, identifier_value, strength FROM ranked WHERE place = 1
),
repaired AS (
  SELECT
    keyed_rows.*,
    CASE
      WHEN device_repairs.given_value IS NULL THEN keyed_rows.device_id ELSE device_repairs.identifier_value
    END AS usable_device_id,
    CASE
      WHEN user_repairs.given_value IS NULL THEN keyed_rows.user_id ELSE user_repairs.identifier_value
    END AS usable_user_id,
    CASE
      WHEN account_repairs.given_value IS NULL THEN keyed_rows.account_id ELSE account_repairs.identifier_value
    END AS usable_account_id
  FROM keyed_rows
  LEFT JOIN identifier_repairs AS device_repairs
    ON device_repairs.identifier_kind = 'device_id'
    AND device_repairs.given_value = keyed_rows.device_id
    AND NOT keyed_rows.device_is_composite
  LEFT JOIN identifier_repairs AS user_repairs
    ON user_repairs.identifier_kind = 'user_id' AND user_repairs.given_value = keyed_rows.user_id
  LEFT JOIN identifier_repairs AS account_repairs
    ON account_repairs.identifier_kind = 'account_id' AND account_repairs.given_value = keyed_rows.account_id
),
known AS (
  SELECT
    repaired.*,
    CASE
      WHEN usable_user_id IS NOT NULL THEN 'user_id'
      WHEN strongest.strength > 1 OR usable_device_id IS NULL THEN strongest.identifier_kind
    END AS known_kind,
    CASE
      WHEN usable_user_id IS NOT NULL THEN usable_user_id
      WHEN strongest.strength > 1 OR usable_device_id IS NULL THEN strongest.identifier_value
    END AS known_value
  FROM repaired
  LEFT JOIN strongest
    ON strongest.source = repaired.source
    AND strongest.file = repaired.file
    AND strongest.reading = repaired.reading
    AND strongest.line = repaired.line
)
SELECT
  known.*,
  CASE
    WHEN unreadable IS NOT NULL THEN unreadable
    WHEN usable_device_id IS NULL AND known_value IS NULL AND usable_account_id IS NOT NULL
      THEN 'no person: account only'
    WHEN usable_device_id IS NULL AND known_value IS NULL THEN 'no identifier'
    WHEN event IS NULL AND is_event THEN 'no event'
    WHEN occurred_at_text IS NULL THEN 'no time'
    WHEN occurred_at_us IS NULL THEN 'unreadable time'
    WHEN occurred_at_us < earliest_us THEN 'impossible time: too early'
    WHEN occurred_at_us > loaded_at_us + 300000000 THEN 'impossible time: in the future'
  END AS reason
FROM known
