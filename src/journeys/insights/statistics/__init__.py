"""Intervals, tests and survival: thin over statsmodels, scipy and lifelines, for all insights alike."""
