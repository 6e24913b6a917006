WITH counted AS (
  SELECT
    components.component_index,
    numbered_identifiers.identifier_kind,
    COUNT(*) AS identifier_count
  FROM components
  INNER JOIN numbered_identifiers
    ON numbered_identifiers.identifier_index = components.identifier_index
  GROUP BY
    components.component_index,
    numbered_identifiers.identifier_kind
), ends AS (
  SELECT
    a.identifier_index AS a_index,
    b.identifier_index AS b_index
  FROM override_links
  INNER JOIN numbered_identifiers AS a
    ON a.identifier_kind = override_links.a_kind
    AND a.identifier_value = override_links.a_value
  INNER JOIN numbered_identifiers AS b
    ON b.identifier_kind = override_links.b_kind
    AND b.identifier_value = override_links.b_value
  WHERE
    override_links.link = 'cannot'
)
SELECT
  counted.component_index
FROM counted
INNER JOIN identifier_kinds
  ON identifier_kinds.identifier_kind = counted.identifier_kind
WHERE
  counted.identifier_count > identifier_kinds.person_limit
UNION
SELECT
  a_components.component_index
FROM ends
INNER JOIN components AS a_components
  ON a_components.identifier_index = ends.a_index
INNER JOIN components AS b_components
  ON b_components.identifier_index = ends.b_index
WHERE
  a_components.component_index = b_components.component_index
