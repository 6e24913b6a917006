"""The pass over streams, compiled once per machine and product version and kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from journeys.insights.funnels.inner import INNER
from journeys.insights.funnels.walk import walk_streams

# Compiling takes seconds once; so many rows are walked faster by the interpreter than that.
INTERPRETED_ROWS = 20_000
_SOURCES = ("any_search.py", "general_search.py", "matching.py", "plain_search.py", "walk.py")


def choose_walk(row_count: int) -> Callable[..., Any]:
    """Return `walk_streams`, compiled when there are so many rows that compiling pays."""
    return walk_streams if row_count <= INTERPRETED_ROWS else compiled_walk()


def is_compiled() -> bool:
    """Say whether this process has walked compiled before, and need not compile or load anything now."""
    return compiled_walk.cache_info().currsize > 0 and bool(compiled_walk().signatures)  # type: ignore[attr-defined]


@cache
def compiled_walk() -> Callable[..., Any]:
    """Compile `walk_streams`, or take it from the cache of an earlier process.

    The cache of numba looks at the file of the outer function alone: its name carries the text of all of them, so that
    a changed inner function is compiled anew.
    """
    import numba
    from numba.extending import register_jitable

    for inner in INNER:
        register_jitable(inner)
    texts = b"".join((Path(__file__).parent / name).read_bytes() for name in _SOURCES)
    named = FunctionType(walk_streams.__code__, walk_streams.__globals__, walk_streams.__name__)
    named.__qualname__ = f"{walk_streams.__qualname__}_{hashlib.sha256(texts).hexdigest()[:16]}"
    named.__module__ = walk_streams.__module__
    try:
        return numba.njit(cache=True, nogil=True)(named)
    except RuntimeError:  # no folder to keep it in: compiled anew in each process
        return numba.njit(nogil=True)(named)
