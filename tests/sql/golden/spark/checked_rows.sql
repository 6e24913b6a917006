SELECT
  landed_rows.*,
  CASE
    WHEN NOT unreadable IS NULL
    THEN unreadable
    WHEN device_id IS NULL AND user_id IS NULL AND NOT account_id IS NULL
    THEN 'no person: account only'
    WHEN device_id IS NULL AND user_id IS NULL
    THEN 'no identifier'
    WHEN event IS NULL
    THEN 'no event'
    WHEN occurred_at_text IS NULL
    THEN 'no time'
    WHEN occurred_at_us IS NULL
    THEN 'unreadable time'
    WHEN occurred_at_us < earliest_us
    THEN 'impossible time: too early'
    WHEN occurred_at_us > loaded_at_us + 300000000
    THEN 'impossible time: in the future'
  END AS reason
FROM landed_rows
