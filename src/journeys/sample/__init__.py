"""The seeded sample company and its truth: the test bed of everything else."""

from __future__ import annotations

from journeys.sample.company import is_sample_company, write_company
from journeys.sample.parameters import CompanyParameters, CompanySummary

__all__ = ["CompanyParameters", "CompanySummary", "is_sample_company", "write_company"]
