-- Which account an e-mail domain stands for: the only one that sources name for the persons who write from it.
-- Where they name none the domain is an account of its own; where they name several it stands for none (account_id is null).
-- grain: one e-mail domain
-- key: domain
-- not null: domain, account_count, person_count
-- check: (account_id IS NULL) = (account_count > 1)
WITH named AS (
  SELECT DISTINCT person_id, account_id FROM source_accounts
),
counted AS (
  SELECT
    person_domains.domain,
    MIN(named.account_id) AS account_id,
    COUNT(DISTINCT named.account_id) AS account_count,
    COUNT(DISTINCT person_domains.person_id) AS person_count
  FROM person_domains
  LEFT JOIN named ON named.person_id = person_domains.person_id
  GROUP BY person_domains.domain
)
SELECT
  domain,
  CASE account_count WHEN 0 THEN 'domain:' || domain WHEN 1 THEN account_id END AS account_id,
  account_count,
  person_count
FROM counted
