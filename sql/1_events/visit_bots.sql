-- Visits that are bots', each with the first reason that holds; nothing is dropped.
-- 'user agent': an event of the visit comes from a browser that calls itself a bot.
-- 'too many events': more than $most_events events of the visit lie within $within_us, both ends included.
-- 'steady pace': at least $steady_pages page changes, and the gaps between them have a standard deviation of less than
-- 5 % of their mean. A page change is an event with another url than the last one seen in the visit, its first page
-- included; pings of a page that stays and events without url are none. Gaps that are all 0 have no pace.
-- grain: one visit of a bot
-- key: stream_id, visit_index
-- not null: stream_id, visit_index, bot_reason
-- parameter: is_agent_used BOOLEAN user agents are judged
-- parameter: most_events BIGINT so many events within the time are allowed; 0 allows any number
-- parameter: within_us BIGINT length of that time, in microseconds
-- parameter: steady_pages BIGINT from so many page changes on the pace is judged; 0 judges none
WITH visits AS (
  SELECT stream_id, visit_index, COUNT(*) AS event_count
  FROM visit_events
  GROUP BY stream_id, visit_index
),
crowds AS (
  SELECT
    visit_events.stream_id,
    visit_events.visit_index,
    visit_events.occurred_at_us - LAG(visit_events.occurred_at_us, $most_events) OVER (
      PARTITION BY visit_events.stream_id, visit_events.visit_index
      ORDER BY visit_events.occurred_at_us, visit_events.source_index, visit_events.sequence NULLS LAST,
        visit_events.event_id
    ) AS crowd_us
  FROM visit_events
  INNER JOIN visits
    ON visits.stream_id = visit_events.stream_id AND visits.visit_index = visit_events.visit_index
  WHERE $most_events > 0 AND visits.event_count > $most_events
),
pages AS (
  SELECT
    visit_events.stream_id,
    visit_events.visit_index,
    visit_events.occurred_at_us,
    visit_events.source_index,
    visit_events.sequence,
    visit_events.event_id,
    accepted_rows.url,
    LAG(accepted_rows.url) OVER (
      PARTITION BY visit_events.stream_id, visit_events.visit_index
      ORDER BY visit_events.occurred_at_us, visit_events.source_index, visit_events.sequence NULLS LAST,
        visit_events.event_id
    ) AS seen_url
  FROM visit_events
  INNER JOIN visits
    ON visits.stream_id = visit_events.stream_id AND visits.visit_index = visit_events.visit_index
  INNER JOIN accepted_rows ON accepted_rows.event_id = visit_events.event_id
  WHERE $steady_pages > 0 AND visits.event_count >= $steady_pages AND accepted_rows.url IS NOT NULL
),
gaps AS (
  SELECT
    stream_id,
    visit_index,
    CAST(
      occurred_at_us - LAG(occurred_at_us) OVER (
        PARTITION BY stream_id, visit_index ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
      ) AS DECIMAL(19, 0)
    ) AS gap_us
  FROM pages
  WHERE seen_url IS NULL OR url <> seen_url
),
paces AS (
  SELECT
    stream_id,
    visit_index,
    COUNT(gap_us) AS gap_count,
    CAST(SUM(gap_us) AS DECIMAL(38, 0)) AS gap_sum,
    CAST(SUM(gap_us * gap_us) AS DECIMAL(38, 0)) AS square_sum
  FROM gaps
  GROUP BY stream_id, visit_index
  HAVING COUNT(*) >= $steady_pages
),
found AS (
  SELECT visit_events.stream_id, visit_events.visit_index, 1 AS reason_index
  FROM visit_events
  INNER JOIN accepted_rows ON accepted_rows.event_id = visit_events.event_id
  WHERE $is_agent_used AND accepted_rows.is_bot_agent
  UNION ALL
  SELECT stream_id, visit_index, 2 AS reason_index FROM crowds WHERE crowd_us <= $within_us
  UNION ALL
  -- variance < mean^2 / 400, multiplied out to whole numbers; those far from it are told apart first, in floating
  -- point, since they could be too large to multiply.
  SELECT stream_id, visit_index, 3 AS reason_index
  FROM paces
  WHERE CASE
    WHEN CAST(gap_count AS DOUBLE) * CAST(square_sum AS DOUBLE) > 2 * CAST(gap_sum AS DOUBLE) * CAST(gap_sum AS DOUBLE)
      THEN FALSE
    ELSE 400 * gap_count * square_sum < 401 * gap_sum * gap_sum
  END
)
SELECT
  stream_id,
  visit_index,
  CASE MIN(reason_index) WHEN 1 THEN 'user agent' WHEN 2 THEN 'too many events' ELSE 'steady pace' END AS bot_reason
FROM found
GROUP BY stream_id, visit_index
