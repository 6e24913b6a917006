SELECT
  landed_rows.*,
  CASE
    WHEN event_id IS NULL
    THEN 'content' || CHR(  31) || MD5(source || CHR(  31) || properties)
    WHEN source_index = 1
    THEN 'id' || CHR(  31) || event_id
    ELSE 'id' || CHR(  31) || source || ':' || event_id
  END AS repeat_key
FROM landed_rows
