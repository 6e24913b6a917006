-- What people said: the answers of surveys and the texts of tickets, each on a common scale.
-- score_share is 0 for the worst and 1 for the best that could be said; null without a score on a scale.
-- touchpoint is the one that was asked about, as the source names it.
-- grain: one event of a source of surveys or tickets
-- key: event_id
-- not null: event_id, person_id, source, kind, occurred_at, occurred_at_us, event, is_higher_better
-- check: score_share IS NULL OR (score_share >= 0 AND score_share <= 1)
-- check: note IS NOT NULL OR score_text IS NULL OR score_share IS NOT NULL
WITH read AS (
  SELECT
    given_answers.*,
    TRY_CAST(score_text AS DOUBLE) AS score,
    TRY_CAST(scale_min_text AS DOUBLE) AS scale_min,
    TRY_CAST(scale_max_text AS DOUBLE) AS scale_max,
    CASE WHEN LOWER(direction) = 'down' THEN FALSE ELSE TRUE END AS is_higher_better
  FROM given_answers
),
judged AS (
  SELECT
    read.*,
    CASE
      WHEN direction IS NOT NULL AND LOWER(direction) NOT IN ('up', 'down') THEN 'unknown direction'
      WHEN score_text IS NULL THEN NULL
      WHEN score IS NULL OR ISNAN(score) THEN 'unreadable score'
      WHEN scale_min IS NULL OR scale_max IS NULL OR scale_min >= scale_max THEN 'no scale'
      WHEN score < scale_min OR score > scale_max THEN 'score outside of its scale'
    END AS note
  FROM read
)
SELECT
  judged.event_id,
  event_persons.person_id,
  events.source,
  judged.kind,
  events.occurred_at,
  events.occurred_at_us,
  events.event,
  judged.score_text,
  CASE WHEN judged.note = 'unreadable score' THEN NULL ELSE judged.score END AS score,
  judged.scale_min,
  judged.scale_max,
  judged.is_higher_better,
  CASE
    WHEN judged.note IS NOT NULL OR judged.score_text IS NULL THEN NULL
    WHEN judged.is_higher_better THEN (judged.score - judged.scale_min) / (judged.scale_max - judged.scale_min)
    ELSE (judged.scale_max - judged.score) / (judged.scale_max - judged.scale_min)
  END AS score_share,
  judged.text,
  judged.language,
  judged.touchpoint,
  judged.note
FROM judged
INNER JOIN events ON events.event_id = judged.event_id
INNER JOIN event_persons ON event_persons.event_id = judged.event_id
