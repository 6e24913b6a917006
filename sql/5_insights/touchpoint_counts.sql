-- Persons per touchpoint (sessions or accounts, where `contacts` has these units), up to each one's first goal (all
-- contacts, if there is none); the goal itself is no row. `unit_parts` says which part of the population each is in.
-- exit: this was the person's last such contact; dropped and open: those of them who did not convert.
-- grain: one touchpoint in one part
-- key: part, touchpoint
-- not null: part, touchpoint, person_count, population_count, converted_total, exit_count, dropped_count, open_count, converted_count
-- check: converted_count <= person_count AND person_count <= population_count
-- check: dropped_count + open_count <= exit_count
WITH totals AS (
  SELECT
    unit_parts.part,
    COUNT(*) AS population_count,
    COUNT(CASE WHEN path_units.outcome = '(converted)' THEN 1 END) AS converted_total
  FROM path_units
  INNER JOIN unit_parts ON unit_parts.unit_id = path_units.unit_id
  GROUP BY unit_parts.part
),
ordered AS (
  SELECT
    path_cut.*,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us DESC, source_index DESC, sequence DESC NULLS FIRST, event_id DESC
    ) AS place_from_end
  FROM path_cut
  WHERE NOT is_goal
),
met AS (
  SELECT
    unit_id,
    step_name,
    MIN(channel) AS first_channel,
    MAX(channel) AS last_channel,
    MIN(stage) AS stage,
    MIN(place_from_end) = 1 AS is_exit
  FROM ordered
  GROUP BY unit_id, step_name
)
SELECT
  unit_parts.part,
  met.step_name AS touchpoint,
  CASE WHEN MIN(met.first_channel) = MAX(met.last_channel) THEN MIN(met.first_channel)
    WHEN MIN(met.first_channel) IS NOT NULL THEN '(several)' END AS channel,
  MIN(met.stage) AS stage,
  COUNT(*) AS person_count,
  MAX(totals.population_count) AS population_count,
  MAX(totals.converted_total) AS converted_total,
  COUNT(CASE WHEN met.is_exit THEN 1 END) AS exit_count,
  COUNT(CASE WHEN met.is_exit AND path_units.outcome = '(dropped)' THEN 1 END) AS dropped_count,
  COUNT(CASE WHEN met.is_exit AND path_units.outcome = '(open)' THEN 1 END) AS open_count,
  COUNT(CASE WHEN path_units.outcome = '(converted)' THEN 1 END) AS converted_count
FROM met
INNER JOIN path_units ON path_units.unit_id = met.unit_id
INNER JOIN unit_parts ON unit_parts.unit_id = met.unit_id
INNER JOIN totals ON totals.part = unit_parts.part
GROUP BY unit_parts.part, met.step_name
