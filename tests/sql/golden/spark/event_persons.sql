WITH named AS (
  SELECT
    events.event_id,
    events.occurred_at_us,
    events.source_index,
    events.sequence,
    known.person_id AS known_person_id,
    named_events.identifier_kind AS known_kind,
    devices.person_id AS device_person_id,
    NOT guarded_identifiers.guard IS NULL
    AND NOT COALESCE(events.device_is_composite, FALSE) AS is_shared
  FROM events
  LEFT JOIN named_events
    ON named_events.event_id = events.event_id
  LEFT JOIN person_identifiers AS known
    ON known.identifier_kind = named_events.identifier_kind
    AND known.identifier_value = named_events.identifier_value
  LEFT JOIN person_identifiers AS devices
    ON devices.identifier_kind = 'device_id'
    AND devices.identifier_value = events.device_id
  LEFT JOIN guarded_identifiers
    ON guarded_identifiers.identifier_kind = 'device_id'
    AND guarded_identifiers.identifier_value = events.device_id
), numbered AS (
  SELECT
    named.event_id,
    visit_events.stream_id,
    visit_events.visit_index,
    named.known_person_id,
    COUNT(named.known_person_id) OVER (
      PARTITION BY visit_events.stream_id, visit_events.visit_index
      ORDER BY named.occurred_at_us NULLS LAST, named.source_index NULLS LAST, named.sequence NULLS LAST, named.event_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS known_index
  FROM named
  INNER JOIN visit_events
    ON visit_events.event_id = named.event_id
  WHERE
    named.is_shared AND :rule = 'device_split'
), known_points AS (
  SELECT
    stream_id,
    visit_index,
    known_index,
    known_person_id
  FROM numbered
  WHERE
    NOT known_person_id IS NULL
), around AS (
  SELECT
    numbered.event_id,
    earlier.known_person_id AS earlier_person_id,
    later.known_person_id AS later_person_id
  FROM numbered
  LEFT JOIN known_points AS earlier
    ON earlier.stream_id = numbered.stream_id
    AND earlier.visit_index = numbered.visit_index
    AND earlier.known_index = numbered.known_index
  LEFT JOIN known_points AS later
    ON later.stream_id = numbered.stream_id
    AND later.visit_index = numbered.visit_index
    AND later.known_index = numbered.known_index + 1
), judged AS (
  SELECT
    named.*,
    around.earlier_person_id,
    around.later_person_id,
    named.is_shared AND :rule = 'last_known' AS is_owned
  FROM named
  LEFT JOIN around
    ON around.event_id = named.event_id
)
SELECT
  event_id,
  CASE
    WHEN is_owned
    THEN device_person_id
    ELSE COALESCE(known_person_id, earlier_person_id, later_person_id, device_person_id)
  END AS person_id,
  CASE
    WHEN is_owned
    THEN 'last on the device'
    WHEN NOT known_person_id IS NULL
    THEN known_kind
    WHEN NOT earlier_person_id IS NULL
    THEN 'earlier in the visit'
    WHEN NOT later_person_id IS NULL
    THEN 'later in the visit'
    WHEN is_shared AND :rule = 'first_known'
    THEN 'first on the device'
    ELSE 'device_id'
  END AS known_by
FROM judged
