"""REST sources: an HTTP API with JSON -> records, page by page, as whom and from where the configuration says."""
