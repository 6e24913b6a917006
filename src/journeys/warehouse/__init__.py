"""Engines, SQL files and published snapshots; knows nothing of customers."""

from journeys.warehouse.build import BuiltTable, build, check_table, select_model
from journeys.warehouse.bundle import find_folder
from journeys.warehouse.engine import Engine, quote_name, quote_text
from journeys.warehouse.models import Model, load_models, read_model
from journeys.warehouse.snapshots import (
    Manifest,
    Snapshot,
    find_current,
    hold_warehouse,
    name_snapshot,
    prove_writable,
    publish,
)

__all__ = [
    "BuiltTable",
    "Engine",
    "Manifest",
    "Model",
    "Snapshot",
    "build",
    "check_table",
    "find_current",
    "find_folder",
    "hold_warehouse",
    "load_models",
    "name_snapshot",
    "prove_writable",
    "publish",
    "quote_name",
    "quote_text",
    "read_model",
    "select_model",
]
