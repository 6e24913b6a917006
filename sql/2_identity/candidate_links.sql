-- The links left when blocked, shared and hub identifiers are out and what somebody forbade: two identifiers by index.
-- A must-link stands whatever the guards say.
-- grain: two identifiers
-- key: a_index, b_index
-- not null: a_index, b_index, is_must, weaker, stronger, event_count
-- check: a_index < b_index
-- parameter: is_linked BOOLEAN identifiers are linked at all
WITH forbidden AS (
  SELECT DISTINCT a_kind, a_value, b_kind, b_value FROM override_links WHERE link = 'cannot'
),
judged AS (
  SELECT
    a.identifier_index AS a_index,
    b.identifier_index AS b_index,
    a.strength AS a_strength,
    b.strength AS b_strength,
    identity_edges.rule = 'must_link' AS is_must,
    identity_edges.last_seen_us,
    identity_edges.event_count
  FROM identity_edges
  INNER JOIN numbered_identifiers AS a
    ON a.identifier_kind = identity_edges.a_kind AND a.identifier_value = identity_edges.a_value
  INNER JOIN numbered_identifiers AS b
    ON b.identifier_kind = identity_edges.b_kind AND b.identifier_value = identity_edges.b_value
  LEFT JOIN guarded_identifiers AS a_guards
    ON a_guards.identifier_kind = identity_edges.a_kind AND a_guards.identifier_value = identity_edges.a_value
  LEFT JOIN guarded_identifiers AS b_guards
    ON b_guards.identifier_kind = identity_edges.b_kind AND b_guards.identifier_value = identity_edges.b_value
  LEFT JOIN forbidden
    ON forbidden.a_kind = identity_edges.a_kind
    AND forbidden.a_value = identity_edges.a_value
    AND forbidden.b_kind = identity_edges.b_kind
    AND forbidden.b_value = identity_edges.b_value
  WHERE $is_linked
    AND (identity_edges.rule = 'must_link'
    OR (a_guards.guard IS NULL AND b_guards.guard IS NULL AND forbidden.a_kind IS NULL))
)
SELECT
  a_index,
  b_index,
  MAX(is_must) AS is_must,
  MIN(LEAST(a_strength, b_strength)) AS weaker,
  MAX(GREATEST(a_strength, b_strength)) AS stronger,
  MAX(last_seen_us) AS last_seen_us,
  CAST(SUM(event_count) AS BIGINT) AS event_count
FROM judged
GROUP BY a_index, b_index
