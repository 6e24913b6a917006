WITH pairs AS (
  SELECT
    unit_index,
    place_index DIV 2 AS place_index,
    MAX(CASE WHEN place_index % 2 = 0 THEN symbol END) AS left_symbol,
    COALESCE(MAX(CASE WHEN place_index % 2 = 1 THEN symbol END), 0) AS right_symbol
  FROM open_symbols
  GROUP BY
    unit_index,
    place_index DIV 2
), numbered AS (
  SELECT
    left_symbol,
    right_symbol,
    ROW_NUMBER() OVER (ORDER BY left_symbol NULLS LAST, right_symbol NULLS LAST) AS symbol
  FROM pairs
  GROUP BY
    left_symbol,
    right_symbol
)
SELECT
  pairs.unit_index,
  pairs.place_index,
  numbered.symbol
FROM pairs
INNER JOIN numbered
  ON numbered.left_symbol = pairs.left_symbol
  AND numbered.right_symbol = pairs.right_symbol
