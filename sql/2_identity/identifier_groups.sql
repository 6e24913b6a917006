-- Which identifiers can decide about each other: those that hang together by links, before the limits cut them, and a shared
-- device with the user it is given to. A group is called after one of its identifiers, so that no two have one name.
-- grain: one identifier
-- key: identifier_kind, identifier_value
-- not null: identifier_kind, identifier_value, group_id
WITH placed AS (
  SELECT
    numbered_identifiers.identifier_kind,
    numbered_identifiers.identifier_value,
    COALESCE(
      owner_components.component_index,
      owned_devices.owner_index,
      components.component_index,
      numbered_identifiers.identifier_index
    ) AS group_index
  FROM numbered_identifiers
  LEFT JOIN components ON components.identifier_index = numbered_identifiers.identifier_index
  LEFT JOIN owned_devices ON owned_devices.identifier_index = numbered_identifiers.identifier_index
  LEFT JOIN components AS owner_components ON owner_components.identifier_index = owned_devices.owner_index
)
SELECT
  placed.identifier_kind,
  placed.identifier_value,
  MD5(names.identifier_kind || CHR(31) || names.identifier_value) AS group_id
FROM placed
INNER JOIN numbered_identifiers AS names ON names.identifier_index = placed.group_index
