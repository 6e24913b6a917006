"""Intervals, tests and survival: thin over statsmodels and scipy where they do it, for all insights alike."""
