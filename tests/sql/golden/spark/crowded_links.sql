SELECT
  components.component_index,
  ROW_NUMBER() OVER (
    PARTITION BY components.component_index
    ORDER BY candidate_links.is_must DESC, candidate_links.weaker DESC, candidate_links.stronger DESC, candidate_links.last_seen_us DESC, candidate_links.event_count DESC, candidate_links.a_index NULLS LAST, candidate_links.b_index NULLS LAST
  ) AS link_rank,
  candidate_links.a_index,
  candidate_links.b_index,
  candidate_links.is_must
FROM candidate_links
INNER JOIN components
  ON components.identifier_index = candidate_links.a_index
INNER JOIN crowded_components
  ON crowded_components.component_index = components.component_index
