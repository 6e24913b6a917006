"""Queries of the presets of CRMs are SQL that the usual warehouses read alike."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from journeys.config.sql_text import find_query_fault
from journeys.presets import load_preset

PRESETS = ("hubspot", "salesforce", "pipedrive", "zendesk", "hubspot_airbyte", "salesforce_airbyte",
           "pipedrive_airbyte", "zendesk_airbyte")  # fmt: skip
WAREHOUSES = ("snowflake", "bigquery", "redshift", "postgresql", "databricks", "mysql", "duckdb", "trino", "sqlite")
# Of the standard, or with one meaning everywhere.
FUNCTIONS = {"Coalesce", "Lower", "Max", "Min", "Lag", "RowNumber", "CurrentTimestamp", "Case", "And", "Or", "If"}
QUERIES = [
    pytest.param(part["query"].replace("{schema}", "crm."), id=f"{preset}/{name}")
    for preset in PRESETS
    for name, part in load_preset(preset).parts.items()
    if "query" in part
]


@pytest.mark.parametrize("warehouse", WAREHOUSES)
@pytest.mark.parametrize("query", QUERIES)
def test_each_warehouse_reads_each_query(query: str, warehouse: str) -> None:
    query = query if warehouse == "postgresql" else query.replace('"', "")
    assert find_query_fault(query, f"{warehouse}://crm") == ""


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_names_a_vendor_s_function(query: str) -> None:
    tree = sqlglot.parse_one(query)
    assert {type(function).__name__ for function in tree.find_all(exp.Func)} <= FUNCTIONS
    assert not list(tree.find_all(exp.Cast, exp.Anonymous))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_reads_the_user_s_schema_alone(query: str) -> None:
    tree = sqlglot.parse_one(query)
    own = {part.alias for part in tree.find_all(exp.CTE)}
    tables = [table for table in tree.find_all(exp.Table) if table.name not in own or table.db]
    assert {table.db for table in tables} == {"crm"}
