-- The links with their identifiers' numbers shuffled, lower number first: a long chain whose numbers are in order would
-- take many jumps, one in any other order takes few. 2147483647 is prime: modulo a prime, a factor shuffles numbers and
-- never gives two of them the same one.
-- grain: one link
-- key: low, high
-- not null: low, high
-- check: low < high
WITH shuffled AS (
  SELECT
    CAST(a_index * 1327217885 % 2147483647 AS INTEGER) AS a,
    CAST(b_index * 1327217885 % 2147483647 AS INTEGER) AS b
  FROM plain_links
)
SELECT
  LEAST(a, b) AS low,
  GREATEST(a, b) AS high
FROM shuffled
WHERE a <> b
