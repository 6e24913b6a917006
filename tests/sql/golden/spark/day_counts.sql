SELECT
  gate_days.source,
  gate_days.local_date,
  COUNT(events.event_id) AS event_count
FROM gate_days
LEFT JOIN events
  ON events.source = gate_days.source AND events.local_date = gate_days.local_date
GROUP BY
  gate_days.source,
  gate_days.local_date
