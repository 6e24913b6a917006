WITH ranked AS (
  SELECT
    person_components.component_index,
    numbered_identifiers.identifier_kind,
    numbered_identifiers.identifier_value,
    ROW_NUMBER() OVER (
      PARTITION BY person_components.component_index
      ORDER BY numbered_identifiers.strength DESC, numbered_identifiers.first_seen_us NULLS LAST, MD5(
        numbered_identifiers.identifier_kind || CHR(  31) || numbered_identifiers.identifier_value
      ) NULLS LAST, numbered_identifiers.identifier_kind NULLS LAST, numbered_identifiers.identifier_value NULLS LAST
    ) AS place
  FROM numbered_identifiers
  INNER JOIN person_components
    ON person_components.identifier_index = numbered_identifiers.identifier_index
), named AS (
  SELECT
    component_index,
    SUBSTRING(MD5(identifier_kind || CHR(  31) || identifier_value), 1, 16) AS person_id
  FROM ranked
  WHERE
    place = 1
)
SELECT
  named.person_id,
  ranked.identifier_kind,
  ranked.identifier_value
FROM ranked
INNER JOIN named
  ON named.component_index = ranked.component_index
