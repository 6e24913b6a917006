"""Engines, SQL files and published snapshots; knows nothing of customers."""

from journeys.warehouse.build import BuiltTable, build, check_table, select_model
from journeys.warehouse.bundle import find_folder
from journeys.warehouse.engine import Engine, quote_name, quote_text
from journeys.warehouse.last_run import LastRun, RunRecord, keep_record, read_last_run
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
    "LastRun",
    "Manifest",
    "Model",
    "RunRecord",
    "Snapshot",
    "build",
    "check_table",
    "find_current",
    "find_folder",
    "hold_warehouse",
    "keep_record",
    "load_models",
    "name_snapshot",
    "prove_writable",
    "publish",
    "quote_name",
    "quote_text",
    "read_last_run",
    "read_model",
    "select_model",
]
