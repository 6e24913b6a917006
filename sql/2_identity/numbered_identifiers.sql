-- The identifiers with their place in the order of kind and value: the graph of links counts in such numbers.
-- grain: one identifier
-- key: identifier_index
-- not null: identifier_index, identifier_kind, identifier_value, strength
SELECT
  ROW_NUMBER() OVER (ORDER BY identifier_kind, identifier_value) AS identifier_index,
  identifier_kind,
  identifier_value,
  strength,
  first_seen_us
FROM identifiers
