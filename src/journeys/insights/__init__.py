"""Journeys -> answers. Each module answers one question and knows none of the others."""
