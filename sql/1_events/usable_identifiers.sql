-- The further identifiers of the rows that were read, made alike; values that never identify anybody are left out.
-- grain: one identifier on one row
-- key: source, file, reading, line, identifier_kind
-- not null: source, file, reading, line, identifier_kind, identifier_value, strength
-- kind: step
WITH repaired AS (
  SELECT
    given_identifiers.source,
    given_identifiers.file,
    given_identifiers.reading,
    given_identifiers.line,
    given_identifiers.identifier_kind,
    CASE
      WHEN identifier_repairs.given_value IS NULL THEN given_identifiers.given_value
      ELSE identifier_repairs.identifier_value
    END AS identifier_value
  FROM given_identifiers
  LEFT JOIN identifier_repairs
    ON identifier_repairs.identifier_kind = given_identifiers.identifier_kind
    AND identifier_repairs.given_value = given_identifiers.given_value
)
SELECT
  repaired.source,
  repaired.file,
  repaired.reading,
  repaired.line,
  repaired.identifier_kind,
  repaired.identifier_value,
  identifier_kinds.strength
FROM repaired
INNER JOIN identifier_kinds ON identifier_kinds.identifier_kind = repaired.identifier_kind
WHERE repaired.identifier_value IS NOT NULL
