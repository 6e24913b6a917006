SELECT
  ROW_NUMBER() OVER (ORDER BY identifier_kind NULLS LAST, identifier_value NULLS LAST) AS identifier_index,
  identifier_kind,
  identifier_value,
  strength,
  first_seen_us
FROM identifiers
