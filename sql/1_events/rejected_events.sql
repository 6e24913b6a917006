-- The rows that were refused, each with its reason, file and line, so that somebody can mend the source.
-- grain: one refused row of a source
-- key: source, file, reading, line
-- not null: source, file, reading, line, reason, loaded_at_us
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
WHERE reason IS NOT NULL
