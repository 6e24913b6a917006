-- Which person each identifier belongs to: exactly one. A device that several people use is a person of its own, to
-- whom those of its events belong of which nobody can say who did them.
-- The person_id is a hash of the person's identifier of the strongest kind that was seen first: the same evidence gives
-- the same id, whatever came in which night.
-- grain: one identifier
-- key: identifier_kind, identifier_value
-- not null: person_id, identifier_kind, identifier_value
WITH ranked AS (
  SELECT
    person_components.component_index,
    numbered_identifiers.identifier_kind,
    numbered_identifiers.identifier_value,
    ROW_NUMBER() OVER (
      PARTITION BY person_components.component_index
      ORDER BY
        numbered_identifiers.strength DESC,
        numbered_identifiers.first_seen_us NULLS LAST,
        MD5(numbered_identifiers.identifier_kind || CHR(31) || numbered_identifiers.identifier_value),
        numbered_identifiers.identifier_kind,
        numbered_identifiers.identifier_value
    ) AS place
  FROM numbered_identifiers
  INNER JOIN person_components ON person_components.identifier_index = numbered_identifiers.identifier_index
),
named AS (
  SELECT
    component_index,
    SUBSTR(MD5(identifier_kind || CHR(31) || identifier_value), 1, 16) AS person_id
  FROM ranked
  WHERE place = 1
)
SELECT
  named.person_id,
  ranked.identifier_kind,
  ranked.identifier_value
FROM ranked
INNER JOIN named ON named.component_index = ranked.component_index
