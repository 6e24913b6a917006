SELECT
  events.source,
  row_identifiers.identifier_kind,
  COUNT(*) AS filled_count
FROM events
INNER JOIN row_identifiers
  ON row_identifiers.event_id = events.event_id
WHERE
  events.loaded_at >= :loaded_since
GROUP BY
  events.source,
  row_identifiers.identifier_kind
