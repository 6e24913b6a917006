WITH ends AS (
  SELECT
    a_kind AS identifier_kind,
    a_value AS identifier_value,
    b_kind AS linked_kind,
    b_value AS linked_value
  FROM identity_edges
  WHERE
    rule = 'same_row'
  UNION ALL
  SELECT
    b_kind AS identifier_kind,
    b_value AS identifier_value,
    a_kind AS linked_kind,
    a_value AS linked_value
  FROM identity_edges
  WHERE
    rule = 'same_row'
), counted AS (
  SELECT
    ends.identifier_kind,
    ends.identifier_value,
    ends.linked_kind,
    MIN(own_kinds.strength) AS strength,
    MIN(linked_kinds.person_limit) AS person_limit,
    COUNT(DISTINCT COALESCE(must_groups.group_name, ends.linked_value)) AS linked_count
  FROM ends
  INNER JOIN identifier_kinds AS own_kinds
    ON own_kinds.identifier_kind = ends.identifier_kind
  INNER JOIN identifier_kinds AS linked_kinds
    ON linked_kinds.identifier_kind = ends.linked_kind
  LEFT JOIN must_groups
    ON must_groups.identifier_kind = ends.linked_kind
    AND must_groups.identifier_value = ends.linked_value
  WHERE
    own_kinds.strength < 3 AND linked_kinds.strength = 3 AND :is_linked
  GROUP BY
    ends.identifier_kind,
    ends.identifier_value,
    ends.linked_kind
), judged AS (
  SELECT
    counted.*,
    CASE
      WHEN linked_count > :hub_degree
      THEN 'hub'
      WHEN strength = 1 AND linked_count > person_limit
      THEN 'shared'
    END AS guard
  FROM counted
), ranked AS (
  SELECT
    judged.*,
    ROW_NUMBER() OVER (
      PARTITION BY identifier_kind, identifier_value
      ORDER BY guard NULLS LAST, linked_count DESC, linked_kind NULLS LAST
    ) AS place
  FROM judged
  WHERE
    NOT guard IS NULL
)
SELECT
  identifier_kind,
  identifier_value,
  guard,
  linked_kind,
  linked_count,
  CASE WHEN guard = 'hub' THEN :hub_degree ELSE person_limit END AS allowed_count
FROM ranked
WHERE
  place = 1
