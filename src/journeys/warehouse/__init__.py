"""Engines, SQL files and published snapshots; knows nothing of customers."""

from journeys.warehouse.build import BuiltTable, build, check_table, select_model, show_model
from journeys.warehouse.bundle import find_folder
from journeys.warehouse.durable import sync_file, sync_folder, write_durably
from journeys.warehouse.engine import PLACE_TABLE, Engine
from journeys.warehouse.last_run import LastRun, RunRecord, keep_record, read_last_run
from journeys.warehouse.models import Model, load_models, read_model
from journeys.warehouse.parquet import copy_sql
from journeys.warehouse.quoting import quote_name, quote_text
from journeys.warehouse.snapshots import (
    Manifest,
    Snapshot,
    begin_snapshot,
    find_current,
    hold_warehouse,
    list_snapshots,
    name_snapshot,
    point_at,
    prove_writable,
    publish,
    seal,
)

__all__ = [
    "PLACE_TABLE",
    "BuiltTable",
    "Engine",
    "LastRun",
    "Manifest",
    "Model",
    "RunRecord",
    "Snapshot",
    "begin_snapshot",
    "build",
    "check_table",
    "copy_sql",
    "find_current",
    "find_folder",
    "hold_warehouse",
    "keep_record",
    "list_snapshots",
    "load_models",
    "name_snapshot",
    "point_at",
    "prove_writable",
    "publish",
    "quote_name",
    "quote_text",
    "read_last_run",
    "read_model",
    "seal",
    "select_model",
    "show_model",
    "sync_file",
    "sync_folder",
    "write_durably",
]
