WITH units AS (
  SELECT
    unit_id,
    outcome,
    ROW_NUMBER() OVER (ORDER BY unit_id NULLS LAST) AS unit_index
  FROM path_units
), counted AS (
  SELECT
    ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, open_symbols.symbol NULLS LAST) AS variant_index,
    MIN(units.unit_id) AS example_unit_id,
    COUNT(*) AS unit_count,
    COUNT(CASE WHEN units.outcome = '(converted)' THEN 1 END) AS converted_count,
    COUNT(CASE WHEN units.outcome = '(dropped)' THEN 1 END) AS dropped_count,
    COUNT(CASE WHEN units.outcome = '(open)' THEN 1 END) AS open_count
  FROM open_symbols
  INNER JOIN units
    ON units.unit_index = open_symbols.unit_index
  GROUP BY
    open_symbols.symbol
), summed AS (
  SELECT
    counted.*,
    CAST(SUM(unit_count) OVER (
      ORDER BY variant_index NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS BIGINT) AS cumulative_count,
    CAST(SUM(unit_count) OVER () AS BIGINT) AS entrant_count
  FROM counted
)
SELECT
  variant_index,
  example_unit_id,
  unit_count AS count,
  CAST(unit_count AS DOUBLE) / entrant_count AS share,
  CAST(cumulative_count AS DOUBLE) / entrant_count AS cumulative_share,
  converted_count,
  dropped_count,
  open_count
FROM summed
