SELECT
  numbered_identifiers.identifier_index,
  COALESCE(
    owner_parts.component_index,
    owner_components.component_index,
    owned_devices.owner_index,
    cut_components.component_index,
    components.component_index,
    numbered_identifiers.identifier_index
  ) AS component_index
FROM numbered_identifiers
LEFT JOIN components
  ON components.identifier_index = numbered_identifiers.identifier_index
LEFT JOIN cut_components
  ON cut_components.identifier_index = numbered_identifiers.identifier_index
LEFT JOIN owned_devices
  ON owned_devices.identifier_index = numbered_identifiers.identifier_index
LEFT JOIN components AS owner_components
  ON owner_components.identifier_index = owned_devices.owner_index
LEFT JOIN cut_components AS owner_parts
  ON owner_parts.identifier_index = owned_devices.owner_index
