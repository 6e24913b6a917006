-- What the guards refused, and why: values that never identify, devices and addresses of many people, links that would
-- have given a person more identifiers than one has, and links that somebody forbade. What a must-link joins all the same
-- is not here. A blocked value has no other end.
-- grain: one refused identifier or link in one source
-- key: guard, identifier_kind, identifier_value, other_kind, other_value, source
-- not null: guard, identifier_kind, identifier_value, other_kind, other_value, source, event_count, reason
WITH must_links AS (
  SELECT a_kind, a_value, b_kind, b_value FROM identity_edges WHERE rule = 'must_link'
),
seen_links AS (
  SELECT identity_edges.*
  FROM identity_edges
  LEFT JOIN must_links
    ON must_links.a_kind = identity_edges.a_kind
    AND must_links.a_value = identity_edges.a_value
    AND must_links.b_kind = identity_edges.b_kind
    AND must_links.b_value = identity_edges.b_value
  WHERE identity_edges.rule = 'same_row' AND must_links.a_kind IS NULL
),
guarded_ends AS (
  SELECT source, event_count, a_kind AS own_kind, a_value AS own_value, b_kind AS other_kind, b_value AS other_value
  FROM seen_links
  UNION ALL
  SELECT source, event_count, b_kind AS own_kind, b_value AS own_value, a_kind AS other_kind, a_value AS other_value
  FROM seen_links
),
cut AS (
  SELECT
    refused_links.guard,
    a.identifier_kind AS a_kind,
    a.identifier_value AS a_value,
    b.identifier_kind AS b_kind,
    b.identifier_value AS b_value,
    refused_links.reason
  FROM refused_links
  INNER JOIN numbered_identifiers AS a ON a.identifier_index = refused_links.a_index
  INNER JOIN numbered_identifiers AS b ON b.identifier_index = refused_links.b_index
),
forbidden AS (
  SELECT a_kind, a_value, b_kind, b_value, MIN('forbidden by ' || author || ': ' || reason) AS reason
  FROM override_links WHERE link = 'cannot'
  GROUP BY a_kind, a_value, b_kind, b_value
)
SELECT
  'blocked' AS guard,
  identifier_kind,
  given_value AS identifier_value,
  '' AS other_kind,
  '' AS other_value,
  source,
  row_count AS event_count,
  reason
FROM blocked_identifiers
UNION ALL
SELECT
  guarded_identifiers.guard,
  guarded_ends.own_kind AS identifier_kind,
  guarded_ends.own_value AS identifier_value,
  guarded_ends.other_kind,
  guarded_ends.other_value,
  guarded_ends.source,
  guarded_ends.event_count,
  'met with ' || CAST(guarded_identifiers.linked_count AS VARCHAR) || ' of kind ' || guarded_identifiers.linked_kind
    || ', allowed ' || CAST(guarded_identifiers.allowed_count AS VARCHAR) AS reason
FROM guarded_ends
INNER JOIN guarded_identifiers
  ON guarded_identifiers.identifier_kind = guarded_ends.own_kind
  AND guarded_identifiers.identifier_value = guarded_ends.own_value
UNION ALL
SELECT
  cut.guard,
  cut.a_kind AS identifier_kind,
  cut.a_value AS identifier_value,
  cut.b_kind AS other_kind,
  cut.b_value AS other_value,
  identity_edges.source,
  identity_edges.event_count,
  cut.reason
FROM cut
INNER JOIN identity_edges
  ON identity_edges.a_kind = cut.a_kind
  AND identity_edges.a_value = cut.a_value
  AND identity_edges.b_kind = cut.b_kind
  AND identity_edges.b_value = cut.b_value
UNION ALL
SELECT
  'cannot_link' AS guard,
  identity_edges.a_kind AS identifier_kind,
  identity_edges.a_value AS identifier_value,
  identity_edges.b_kind AS other_kind,
  identity_edges.b_value AS other_value,
  identity_edges.source,
  identity_edges.event_count,
  forbidden.reason
FROM identity_edges
INNER JOIN forbidden
  ON forbidden.a_kind = identity_edges.a_kind
  AND forbidden.a_value = identity_edges.a_value
  AND forbidden.b_kind = identity_edges.b_kind
  AND forbidden.b_value = identity_edges.b_value
WHERE identity_edges.rule = 'same_row'
