-- Every row that was read, with the key by which repeats of it are known.
-- Ids of the first source stay as they are, those of the others are written source:id, so that two sources never collide.
-- Without an id the key is the content: identical rows of a source have one key.
-- grain: one row read from a source
-- key: source, file, reading, line
-- not null: source, file, reading, line
-- kind: step
SELECT
  landed_rows.*,
  CASE
    WHEN event_id IS NULL THEN 'content' || CHR(31) || MD5(source || CHR(31) || properties)
    WHEN source_index = 1 THEN 'id' || CHR(31) || event_id
    ELSE 'id' || CHR(31) || source || ':' || event_id
  END AS repeat_key
FROM landed_rows
