-- How many events each source has, loaded since $loaded_since, and how many of them have a value in each column that a
-- configuration may map. event_id, occurred_at and event are left out: they are never empty.
-- grain: one source
-- key: source
-- not null: source, event_count
-- parameter: loaded_since TIMESTAMP events loaded earlier are left out
SELECT
  source,
  COUNT(*) AS event_count,
  COUNT(received_at) AS received_at,
  COUNT(sequence) AS sequence,
  COUNT(device_id) AS device_id,
  COUNT(user_id) AS user_id,
  COUNT(account_id) AS account_id,
  COUNT(source_session_id) AS session_id,
  COUNT(traffic_source) AS traffic_source,
  COUNT(medium) AS medium,
  COUNT(campaign) AS campaign,
  COUNT(url) AS url,
  COUNT(referrer) AS referrer,
  COUNT(user_agent) AS user_agent,
  COUNT(value_amount) AS value_amount,
  COUNT(currency) AS currency
FROM events
WHERE loaded_at >= $loaded_since
GROUP BY source
