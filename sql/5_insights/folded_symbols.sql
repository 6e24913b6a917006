-- One round of folding: two neighbours become one symbol, so that a path is half as long and still tells itself from others.
-- Symbols are numbered in the order of what they stand for, a shorter path before those that begin with it: when every
-- path is one symbol, equal symbols are equal paths and their order is that of the lists of names.
-- grain: one pair of neighbours on a unit's path, the last perhaps alone
-- key: unit_index, place_index
-- not null: unit_index, place_index, symbol
-- check: unit_index >= 1 AND place_index >= 0 AND symbol >= 1
WITH pairs AS (
  SELECT
    unit_index,
    place_index // 2 AS place_index,
    MAX(CASE WHEN place_index % 2 = 0 THEN symbol END) AS left_symbol,
    COALESCE(MAX(CASE WHEN place_index % 2 = 1 THEN symbol END), 0) AS right_symbol
  FROM open_symbols
  GROUP BY unit_index, place_index // 2
),
numbered AS (
  SELECT
    left_symbol,
    right_symbol,
    ROW_NUMBER() OVER (ORDER BY left_symbol, right_symbol) AS symbol
  FROM pairs
  GROUP BY left_symbol, right_symbol
)
SELECT
  pairs.unit_index,
  pairs.place_index,
  numbered.symbol
FROM pairs
INNER JOIN numbered ON numbered.left_symbol = pairs.left_symbol AND numbered.right_symbol = pairs.right_symbol
