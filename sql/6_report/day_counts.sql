-- How many events each source has on the days that the gate 'volume' looks at; a day without events counts 0.
-- grain: one source and day
-- key: source, local_date
-- not null: source, local_date, event_count
SELECT
  gate_days.source,
  gate_days.local_date,
  COUNT(events.event_id) AS event_count
FROM gate_days
LEFT JOIN events ON events.source = gate_days.source AND events.local_date = gate_days.local_date
GROUP BY gate_days.source, gate_days.local_date
