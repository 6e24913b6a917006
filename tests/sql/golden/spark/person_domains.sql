WITH mailboxes AS (
  SELECT
    person_identifiers.identifier_kind,
    person_identifiers.identifier_value,
    person_identifiers.person_id,
    NULLIF(
      REGEXP_EXTRACT(person_identifiers.identifier_value, '@([^@ ]+[.][^@ .0-9][^@ .]*)[.]?$'),
      ''
    ) AS domain
  FROM person_identifiers
  INNER JOIN email_kinds
    ON email_kinds.identifier_kind = person_identifiers.identifier_kind
)
SELECT
  mailboxes.identifier_kind,
  mailboxes.identifier_value,
  mailboxes.person_id,
  mailboxes.domain
FROM mailboxes
LEFT JOIN free_mail_domains
  ON free_mail_domains.domain = mailboxes.domain
WHERE
  NOT mailboxes.domain IS NULL AND free_mail_domains.domain IS NULL
