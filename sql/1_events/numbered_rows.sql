-- The usable rows with their event_id and their number among the rows of that id; number 1 is kept.
-- Ids of the first source stay as they are, those of the others are written source:id, so that two sources never collide.
-- Without an id it is a hash of source, content and ordinal among identical rows, so that every row counts.
-- Of repeats with unequal content the earliest time wins, then the smallest content.
-- grain: one usable row
-- key: source, file, line
-- not null: source, event_id, repeat_index
-- kind: step
WITH named AS (
  SELECT
    checked_rows.*,
    CASE WHEN source_index = 1 THEN event_id ELSE source || ':' || event_id END AS final_id
  FROM checked_rows
  WHERE reason IS NULL AND event_id IS NOT NULL
),
given AS (
  SELECT
    named.*,
    ROW_NUMBER() OVER (PARTITION BY final_id ORDER BY occurred_at_us, properties, file, line) AS repeat_index
  FROM named
),
counted AS (
  SELECT
    checked_rows.*,
    ROW_NUMBER() OVER (PARTITION BY source, properties ORDER BY file, line) AS ordinal
  FROM checked_rows
  WHERE reason IS NULL AND event_id IS NULL
),
hashed AS (
  SELECT
    counted.*,
    MD5(source || CHR(31) || CAST(ordinal AS VARCHAR) || CHR(31) || properties) AS final_id,
    CASE WHEN drop_repeats THEN ordinal ELSE 1 END AS repeat_index
  FROM counted
)
SELECT * FROM given
UNION ALL
SELECT
  source, source_index, file, line, unreadable, raw, event_id, occurred_at_text, occurred_at_us, received_at_us,
  sequence, device_id, device_is_composite, user_id, account_id, source_session_id, event, traffic_source, medium,
  campaign, url, referrer, user_agent, value_amount, currency, properties, is_interaction, drop_repeats, note,
  local_date, earliest_us, loaded_at_us, reason, final_id, repeat_index
FROM hashed
