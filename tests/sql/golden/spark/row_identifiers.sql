SELECT
  accepted_rows.event_id,
  accepted_rows.stream_id,
  usable_identifiers.identifier_kind,
  usable_identifiers.identifier_value
FROM usable_identifiers
INNER JOIN accepted_rows
  ON accepted_rows.source = usable_identifiers.source
  AND accepted_rows.file = usable_identifiers.file
  AND accepted_rows.reading = usable_identifiers.reading
  AND accepted_rows.line = usable_identifiers.line
