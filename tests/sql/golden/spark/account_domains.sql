WITH named AS (
  SELECT DISTINCT
    person_id,
    account_id
  FROM source_accounts
), counted AS (
  SELECT
    person_domains.domain,
    MIN(named.account_id) AS account_id,
    COUNT(DISTINCT named.account_id) AS account_count,
    COUNT(DISTINCT person_domains.person_id) AS person_count
  FROM person_domains
  LEFT JOIN named
    ON named.person_id = person_domains.person_id
  GROUP BY
    person_domains.domain
)
SELECT
  domain,
  CASE account_count WHEN 0 THEN 'domain:' || domain WHEN 1 THEN account_id END AS account_id,
  account_count,
  person_count
FROM counted
