-- How many events of each source, loaded since $loaded_since, carry each kind of further identifier.
-- grain: one source and kind
-- key: source, identifier_kind
-- not null: source, identifier_kind, filled_count
-- parameter: loaded_since TIMESTAMP events loaded earlier are left out
SELECT
  events.source,
  row_identifiers.identifier_kind,
  COUNT(*) AS filled_count
FROM events
INNER JOIN row_identifiers ON row_identifiers.event_id = events.event_id
WHERE events.loaded_at >= $loaded_since
GROUP BY events.source, row_identifiers.identifier_kind
