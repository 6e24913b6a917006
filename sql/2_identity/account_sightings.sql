-- Each time a person was seen with an account: a source named it, or, for persons for whom no source ever names one, the
-- row carries an e-mail address whose domain stands for it.
-- grain: one row that shows a person with an account
-- key: event_id, person_id, account_id
-- not null: event_id, person_id, account_id, occurred_at_us, origin
WITH mailed_rows AS (
  SELECT event_id, identifier_kind, identifier_value FROM row_identifiers
  UNION ALL
  SELECT event_id, 'user_id' AS identifier_kind, user_id AS identifier_value FROM events WHERE user_id IS NOT NULL
  UNION ALL
  SELECT event_id, 'user_id' AS identifier_kind, user_id AS identifier_value FROM contact_rows WHERE user_id IS NOT NULL
),
dated_rows AS (
  SELECT event_id, occurred_at_us FROM events
  UNION ALL
  SELECT event_id, occurred_at_us FROM contact_rows
),
named_persons AS (
  SELECT DISTINCT person_id FROM source_accounts
)
SELECT event_id, person_id, account_id, occurred_at_us, 'source' AS origin
FROM source_accounts
UNION ALL
SELECT DISTINCT
  mailed_rows.event_id,
  person_domains.person_id,
  account_domains.account_id,
  dated_rows.occurred_at_us,
  'domain' AS origin
FROM mailed_rows
INNER JOIN person_domains
  ON person_domains.identifier_kind = mailed_rows.identifier_kind
  AND person_domains.identifier_value = mailed_rows.identifier_value
INNER JOIN account_domains ON account_domains.domain = person_domains.domain
INNER JOIN dated_rows ON dated_rows.event_id = mailed_rows.event_id
LEFT JOIN named_persons ON named_persons.person_id = person_domains.person_id
WHERE account_domains.account_id IS NOT NULL AND named_persons.person_id IS NULL
