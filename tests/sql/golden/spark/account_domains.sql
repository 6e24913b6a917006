WITH row_accounts AS (
  SELECT DISTINCT
    person_domains.domain,
    source_accounts.account_id
  FROM source_accounts
  INNER JOIN row_identifiers
    ON row_identifiers.event_id = source_accounts.event_id
  INNER JOIN person_domains
    ON person_domains.identifier_kind = row_identifiers.identifier_kind
    AND person_domains.identifier_value = row_identifiers.identifier_value
), row_counted AS (
  SELECT
    domain,
    MIN(account_id) AS account_id,
    COUNT(*) AS account_count
  FROM row_accounts
  GROUP BY
    domain
), person_accounts_named AS (
  SELECT DISTINCT
    person_id,
    account_id
  FROM source_accounts
), person_counted AS (
  SELECT
    person_domains.domain,
    MIN(person_accounts_named.account_id) AS account_id,
    COUNT(DISTINCT person_accounts_named.account_id) AS account_count,
    COUNT(DISTINCT person_domains.person_id) AS person_count
  FROM person_domains
  LEFT JOIN person_accounts_named
    ON person_accounts_named.person_id = person_domains.person_id
  GROUP BY
    person_domains.domain
), chosen AS (
  SELECT
    person_counted.domain,
    CASE
      WHEN row_counted.domain IS NULL
      THEN person_counted.account_id
      ELSE row_counted.account_id
    END AS account_id,
    COALESCE(row_counted.account_count, person_counted.account_count) AS account_count,
    person_counted.person_count
  FROM person_counted
  LEFT JOIN row_counted
    ON row_counted.domain = person_counted.domain
)
SELECT
  domain,
  CASE account_count WHEN 0 THEN 'domain:' || domain WHEN 1 THEN account_id END AS account_id,
  account_count,
  person_count
FROM chosen
