"""Reach, drop-off and conversion of each contact."""
