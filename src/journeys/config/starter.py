"""The commented `journeys.toml` that `journeys init` writes."""

from __future__ import annotations

from importlib.resources import files


def starter_text() -> str:
    """Return a complete, valid configuration to start from: every section and option with its default."""
    return files("journeys.config").joinpath("starter.toml").read_text(encoding="utf-8")
