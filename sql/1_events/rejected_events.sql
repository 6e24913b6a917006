-- The rows that were refused, each with its reason, file and line, so that somebody can mend the source.
-- grain: one refused row of a source
-- key: source, file, line
-- not null: source, file, line, reason, loaded_at_us
SELECT
  source,
  file,
  line,
  reason,
  event_id,
  event,
  occurred_at_text,
  COALESCE(raw, properties) AS raw,
  loaded_at_us
FROM checked_rows
WHERE reason IS NOT NULL
