"""Engines, SQL files and published snapshots; knows nothing of customers."""

from journeys.warehouse.build import BuiltTable, build, check_table, select_model, show_model
from journeys.warehouse.bundle import find_folder
from journeys.warehouse.durable import sync_file, sync_folder, write_durably
from journeys.warehouse.engine import PLACE_TABLE, Engine, quote_name, quote_text
from journeys.warehouse.models import Model, load_models, read_model
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
    "Manifest",
    "Model",
    "Snapshot",
    "begin_snapshot",
    "build",
    "check_table",
    "find_current",
    "find_folder",
    "hold_warehouse",
    "list_snapshots",
    "load_models",
    "name_snapshot",
    "point_at",
    "prove_writable",
    "publish",
    "quote_name",
    "quote_text",
    "read_model",
    "seal",
    "select_model",
    "show_model",
    "sync_file",
    "sync_folder",
    "write_durably",
]
