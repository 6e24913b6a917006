-- Every row that was read, with the reason why it cannot become an event.
-- grain: one row read from a source
-- key: source, file, line
-- not null: source, file, line
-- kind: step
SELECT
  landed_rows.*,
  CASE
    WHEN unreadable IS NOT NULL THEN unreadable
    WHEN device_id IS NULL AND user_id IS NULL AND account_id IS NOT NULL THEN 'no person: account only'
    WHEN device_id IS NULL AND user_id IS NULL THEN 'no identifier'
    WHEN event IS NULL THEN 'no event'
    WHEN occurred_at_text IS NULL THEN 'no time'
    WHEN occurred_at_us IS NULL THEN 'unreadable time'
    WHEN occurred_at_us < earliest_us THEN 'impossible time: too early'
    WHEN occurred_at_us > loaded_at_us + 300000000 THEN 'impossible time: in the future'
  END AS reason
FROM landed_rows
