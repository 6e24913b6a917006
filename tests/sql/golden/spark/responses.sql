WITH read AS (
  SELECT
    given_answers.*,
    TRY_CAST(score_text AS DOUBLE) AS score,
    TRY_CAST(scale_min_text AS DOUBLE) AS scale_min,
    TRY_CAST(scale_max_text AS DOUBLE) AS scale_max,
    CASE WHEN LOWER(direction) = 'down' THEN FALSE ELSE TRUE END AS is_higher_better
  FROM given_answers
), judged AS (
  SELECT
    read.*,
    CASE
      WHEN NOT direction IS NULL AND NOT LOWER(direction) IN ('up', 'down')
      THEN 'unknown direction'
      WHEN score_text IS NULL
      THEN NULL
      WHEN score IS NULL OR ISNAN(score)
      THEN 'unreadable score'
      WHEN scale_min IS NULL OR scale_max IS NULL OR scale_min >= scale_max
      THEN 'no scale'
      WHEN score < scale_min OR score > scale_max
      THEN 'score outside of its scale'
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
    WHEN NOT judged.note IS NULL OR judged.score_text IS NULL
    THEN NULL
    WHEN judged.is_higher_better
    THEN (
      judged.score - judged.scale_min
    ) / (
      judged.scale_max - judged.scale_min
    )
    ELSE (
      judged.scale_max - judged.score
    ) / (
      judged.scale_max - judged.scale_min
    )
  END AS score_share,
  judged.text,
  judged.language,
  judged.touchpoint,
  judged.note
FROM judged
INNER JOIN events
  ON events.event_id = judged.event_id
INNER JOIN event_persons
  ON event_persons.event_id = judged.event_id
