SELECT
  source,
  file,
  reading,
  line,
  reason,
  event_id,
  event,
  occurred_at_text,
  COALESCE(raw, properties) AS raw,
  loaded_at_us
FROM checked_rows
WHERE
  NOT reason IS NULL
