"""Lend the command line that runs in this process (`tests/cli/shop_script.py`)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
